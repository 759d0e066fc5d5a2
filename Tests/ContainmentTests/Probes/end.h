#pragma once
#include "probe.h"

/// What a program of a verdict does. `ends` says that the action itself ends the process it runs in.
struct action {
    const char *name;
    int (*run)(void);
    int ends;
};

/// After how many MiB the actions that eat memory or print without end stop all the same.
extern long end_after;

extern const struct action actions[];

/// Fills the working directory with "bytes", "files", "symlinks", "xattrs" or "one" big file, until refused or until
/// there are `most`. Returns whether it was refused; says how far it came.
int fill(const char *what, long most);
