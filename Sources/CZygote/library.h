// What the files of this library share.
#pragma once
#define _GNU_SOURCE
#include "nestbox_zygote.h"
#include <stddef.h>

/// What differs between interpreters. Every function runs in the main thread, at the first look at the script.
struct language {
    const char *name;
    /// Finds the interpreter's functions and loads what is to be there before the fork. 0, or -1 after saying why on stderr.
    int (*boot)(char *modules);
    struct nestbox_fork_hooks hooks;
    /// Gives the program its arguments and environment, when they are not those the interpreter was booted with.
    void (*apply)(const struct nestbox_order *order, int is_same_environment);
};

/// The language of that name, or NULL.
__attribute__((visibility("hidden"))) const struct language *find_language(const char *name);

/// Called by every interposed function with the path it was given. Returns at once unless it is the script, for the first
/// time; then in a program process alone, when there is something to look at.
__attribute__((visibility("hidden"))) void look(const char *path);

extern char **environ;
