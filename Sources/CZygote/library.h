// What the files of this library share.
#pragma once
#define _GNU_SOURCE
#include "nestbox_zygote.h"
#include <stddef.h>
#include <stdio.h>

/// What differs between interpreters. Every function runs in the main thread, at the first look at the script.
struct language {
    const char *name;
    /// Finds the interpreter's functions and loads what is to be there before the fork. 0, or -1 after saying why on stderr.
    int (*boot)(char *modules);
    struct nestbox_fork_hooks hooks;
    /// Gives the program its arguments and environment, when they are not those the interpreter was booted with.
    void (*apply)(const struct nestbox_order *order, int is_same_environment);
    /// Whether the program would not find what it finds in an interpreter that starts: then one is started for it. NULL
    /// where that cannot be.
    int (*is_overtaken)(const char *script);
    /// Whether only fopen(3) counts: the interpreter opens its script so for good, after looks of other kinds.
    int is_streamed;
    /// The file whose first mention is the moment, in an interpreter that opens its script long before it has booted; NULL, or
    /// a function that says NULL, where that is the script.
    const char *(*last_file)(void);
    /// What a program's first line does, for the trainee (`train`). NULL where the empty script has to do.
    void (*practise)(void);
};

/// The language of that name, or NULL.
__attribute__((visibility("hidden"))) const struct language *find_language(const char *name);

extern __attribute__((visibility("hidden"))) const struct language python_language, ruby_language;

/// A function or variable of the interpreter, or NULL after saying on stderr that there is none.
__attribute__((visibility("hidden"))) void *find_symbol(const char *name);

/// Sets a pointer to something of the interpreter, or fails the function it stands in.
#define FIND(variable, name)                                                                                           \
    if (!(*(void **)&(variable) = find_symbol(name))) return -1

/// Called by every interposed function with the path it was given, and whether it is fopen(3). Returns immediately unless it is the script, for the first
/// time; then in a program process alone, when there is something to look at.
__attribute__((visibility("hidden"))) void look(const char *path, int is_stream);

/// Whether this is the script, looked at for the first time in an interpreter that boots in its sandbox. From then on nothing
/// counts as its first look.
__attribute__((visibility("hidden"))) int take_script(const char *path);

/// Waits for the program, in an interpreter that has booted in its sandbox.
__attribute__((visibility("hidden"))) const struct nestbox_order *park_here(void);

/// A stream for a script whose first read is to be the moment that matters; NULL for all others.
__attribute__((visibility("hidden"))) FILE *open_late(const char *path);

/// Has a first fork run the empty script, to find the pages that `prime` copies. Returns 1 in that fork, which goes on to its script,
/// and otherwise 0: when it fails there is nothing to copy ahead.
__attribute__((visibility("hidden"))) int train(int (*fork_trainee)(void), void (*practise)(void));

/// In a fork that is about to be parked: copies the pages that its program will write to.
__attribute__((visibility("hidden"))) void prime(void);

/// Finds what return_early needs. 0, or -1 where it cannot work.
__attribute__((visibility("hidden"))) int prepare_early_return(void);

/// Has `function`, which is among our callers, return `result` to its own caller. Returns when it cannot.
__attribute__((visibility("hidden"))) void return_early(void *function, int result);

/// Called, when set, by the interposed sigaction(2).
extern __attribute__((visibility("hidden"))) void (*at_end)(void);

/// Whether some write(2) of this process has failed.
extern __attribute__((visibility("hidden"))) int write_failed;

/// Whether this is an interpreter that boots in its sandbox, and has not looked at its script yet: not a child of one.
__attribute__((visibility("hidden"))) int is_booting(void);

/// Takes the variables this library was told by out of the environment, to be put back for what is executed while it boots.
__attribute__((visibility("hidden"))) void pack_variables(void);

extern char **environ;
