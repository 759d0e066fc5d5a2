// Starts an executable of Nestbox that inherits only the named descriptors.
#define _GNU_SOURCE
#include "nestbox_system.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

int nestbox_start_program(const char *path, char *const *arguments, int socket, int standard_error) {
    // A privileged process gets nothing of the caller's environment.
    static char variable[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *const environment[] = {variable, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return -failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure) {
        posix_spawn_file_actions_destroy(&actions);
        return -failure;
    }
    // dup2 clears close-on-exec, also (in posix_spawn) when both numbers are the same. The socket goes last but one: were
    // standard_error number 3, it has been copied by then.
    failure = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failure) failure = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (!failure && standard_error >= 0) failure = posix_spawn_file_actions_adddup2(&actions, standard_error, 2);
    if (!failure && socket >= 0) failure = posix_spawn_file_actions_adddup2(&actions, socket, 3);
    if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(&actions, socket >= 0 ? 4 : 3);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    // Realtime signals that the C library reserves cannot be set; they are never ignored.
    sigdelset(&all, 32);
    sigdelset(&all, 33);
    if (!failure) failure = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failure) failure = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!failure) failure = posix_spawnattr_setpgroup(&attributes, 0);
    if (!failure)
        failure = posix_spawnattr_setflags(&attributes,
                                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = 0;
    if (!failure) failure = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure ? -failure : pid;
}
