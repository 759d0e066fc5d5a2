// What an interpreter that has become a zygote needs: forking sandboxes, and the job in the child. The interpreter's own
// side, hooks and all, is the target CZygote.
#pragma once
#include <stdint.h>

/// A job, as the process that is to be the program gets it. The strings are NULL-terminated lists.
struct nestbox_order {
    uint32_t arguments, environment;
    const char *_Nullable const *_Nonnull argument;
    const char *_Nullable const *_Nonnull variable;
};

/// What an interpreter does around a fork; every function runs in the thread that called nestbox_zygote_serve.
struct nestbox_fork_hooks {
    void (*_Nonnull before)(void); ///< in the zygote
    void (*_Nonnull parent)(void); ///< in the zygote
    void (*_Nonnull child)(void);  ///< in the program process, locked down, before it is parked
    /// In place of all of these: has the interpreter call fork(2), and returns in both processes.
    void (*_Nullable fork)(void);
};

/// What an interposed fork(2) does while `fork` of the hooks runs: the pid, 0 in the program process, or -1 with errno set.
int nestbox_zygote_fork(void);

/// Whether it is to do that.
int nestbox_zygote_forks(void);

/// Says that the interpreter has booted, and forks sandboxes on request until the socket closes, which ends the process.
/// Returns in program processes alone, with their job.
const struct nestbox_order *_Nonnull nestbox_zygote_serve(int socket, const struct nestbox_fork_hooks *_Nonnull hooks);

/// Executes the job's command in the place of the calling process: a program that must not find an interpreter that has
/// booted. Ends the process when that fails.
_Noreturn void nestbox_re_execute(const struct nestbox_order *_Nonnull order);

/// Parks the calling process: tells pid 1, waits for the job, closes `socket`. Ends the process when it is given up.
const struct nestbox_order *_Nonnull nestbox_park(int socket);
