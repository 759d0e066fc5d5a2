#pragma once
// What the parts of the containment probe share. One static binary, one subcommand per attempt; every observation is
// one line on stdout, so that a run inside a sandbox can be compared with a run of the same binary outside.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// One subcommand. `argv[0]` is its name.
typedef int probe_function(int argc, char **argv);

/// "ok" for a result that is not -1, else the symbolic name of errno.
const char *answer(long result);

/// Prints one line, unbuffered, so that forks never print it twice.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// A system call by number with six arguments; returns -1 and sets errno as libc does.
long call6(long number, long a, long b, long c, long d, long e, long f);

/// Runs `body(argument)` in a forked child and describes what came of it: "ok", an errno name, "EXIT" when the child
/// ended without an answer, a signal name, or "BLOCKS" when nothing happened for 300 ms (the child is killed).
/// `body` returns what a system call returns: -1 with errno set is a failure.
const char *in_child(long (*body)(long), long argument);

probe_function probe_posture, probe_fds, probe_calls, probe_sweep, probe_int80, probe_clone, probe_works, probe_sockets,
    probe_tty, probe_tty_control, probe_cat, probe_list, probe_open, probe_nodes, probe_sysctl, probe_processes,
    probe_setuid, probe_ids, probe_ipc, probe_signals, probe_pipes, probe_hold, probe_end, probe_daemon, probe_comet,
    probe_spoof, probe_link, probe_fifo, probe_write, probe_keys, probe_fill, probe_echo, probe_deaf,
    probe_rewrite, probe_arguments, probe_locks;
