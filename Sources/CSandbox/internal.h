// What the files of this target share; nothing outside it includes this.
#pragma once
#define _GNU_SOURCE
#include "nestbox_sandbox.h"
#include "nestbox_system.h"
#include "nestbox_zygote.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/// The descriptors of one fork request, by name; -1 where there is none.
struct nestbox_descriptors {
    int control, streams[3], channel[2], filter, library, unified, tasks[NESTBOX_MAXIMUM_TASKS];
};

/// A process that pid 1 of a held sandbox has started.
struct nestbox_child {
    pid_t pid; ///< 0 when the place is free
    int64_t number;
    int job;      ///< our end of the socket to it until it executes, then -1
    int terminal; ///< pty master until the warden has it, or -1
    int has_started;
};

/// pid 1's knowledge of its sandbox.
struct nestbox_sandbox {
    const struct nestbox_fork_request *request;
    struct nestbox_descriptors fd;
    int job;      ///< our end of the socket to the parked program
    int disk;     ///< the root of the tmpfs
    int terminal; ///< pty master, or -1
    int listener; ///< of egress, or -1
    pid_t program;
    dev_t input_device; ///< of the program's stdin, to know it again
    ino_t input_inode;
    const char *directory; ///< where a process of a held sandbox begins; NULL for /box
    int is_held;           ///< there is no program, only processes
    struct nestbox_child children[NESTBOX_MAXIMUM_PROCESSES];
};

/// Sends a packet on the control socket.
int nestbox_control_send(int control, uint32_t type, const struct nestbox_failure *failure, const int64_t *value,
                         const void *text, size_t length, const int *descriptors, size_t count);

/// Reports a failed stage to the warden and ends the process.
_Noreturn void nestbox_fail(int control, uint32_t stage, uint32_t index, int error, const char *object);

/// The steps of pid 1 from its first instruction to a parked program, then its loop. Returns in the program process of
/// an interpreter alone, as nestbox_program_main does.
int nestbox_sandbox_main(const struct nestbox_fork_request *request, struct nestbox_descriptors fd);

/// The program process: everything from session to seccomp, then it waits for its job and executes it; or, in a fork of
/// an interpreter, returns the socket on which the job will come.
int nestbox_program_main(struct nestbox_sandbox *sandbox, int job);

/// Tells pid 1 what failed, through the job socket, and ends the program process.
_Noreturn void nestbox_program_fail(int job, uint32_t stage, uint32_t index, int error);

/// Tells pid 1 that the program process is parked.
///
/// `observer` is the descriptor by which its calls are answered, or 0.
void nestbox_tell_parked(int job, int observer);

/// Waits for a job. Ends the process when there will be none.
const struct nestbox_order *nestbox_receive_order(int job);

/// Set in an interpreter that has become a zygote, and in its children.
extern const struct nestbox_fork_hooks *nestbox_zygote_hooks;

/// An interpreter's own descriptors have numbers below this; ours begin here in its forks.
enum { NESTBOX_INTERPRETER_DESCRIPTORS = 64 };

/// Puts /dev/null in the place of every descriptor that the interpreter had when it became a zygote: its children share
/// nothing with it, and its own clean-up after a fork finds something to close. 0, or -1 with errno set.
int nestbox_replace_descriptors(void);

/// Closes what that clean-up has left of them.
void nestbox_close_replaced_descriptors(void);

/// What the interpreter had its signals do before it became a zygote.
void nestbox_restore_signals(void);

/// Every signal that can be as it is in a fresh process.
void nestbox_reset_signals(void);

/// Executes a program, looking for a name without a slash in the PATH of `environment`. Returns with errno set.
void nestbox_execute(char *const *arguments, char *const *environment);

/// Opens a pty of the sandbox's own devpts. The master, or -1 with errno set and the number of the step that failed.
int nestbox_open_terminal(uint16_t rows, uint16_t columns, int *slave, uint32_t *step);

/// Ends the parked program, and tells the warden that processes can be started.
void nestbox_hold(struct nestbox_sandbox *sandbox);

/// Starts a process of a held sandbox, as an order says; the streams are the caller's to close.
void nestbox_spawn(struct nestbox_sandbox *sandbox, const struct nestbox_message *message, const char *text,
                   const int *streams, size_t count);

/// What a process says before it executes, or by executing.
void nestbox_child_spoke(struct nestbox_sandbox *sandbox, struct nestbox_child *child);

/// A child of pid 1 has ended; one that was not started by it is of no interest.
void nestbox_child_ended(struct nestbox_sandbox *sandbox, pid_t pid, int status, const struct rusage *usage);

/// Sends a signal to the group of a process, if that lives.
void nestbox_signal_child(const struct nestbox_sandbox *sandbox, int64_t number, int signal);

/// Lets the kernel end a process that uses so many seconds of processor time more. Zero is no limit. 0, or -errno with the index of the step.
int nestbox_limit_cpu(pid_t pid, int64_t seconds, uint32_t *step);

/// Connects to a port of the sandbox's own network, and hands the socket out.
void nestbox_dial(const struct nestbox_sandbox *sandbox, int64_t number, int64_t port);

/// pid 1 after set-up: uploads, start, reaping, artifacts. Never returns.
_Noreturn void nestbox_init_main(struct nestbox_sandbox *sandbox);

/// Whether some thread of the sandbox waits in a call that more input would end.
int nestbox_waits_for_input(const struct nestbox_sandbox *sandbox);

/// Restricts the calling thread with Landlock where the kernel has it. 0, or -errno; a kernel without it is no error.
///
/// - has_siblings: whether it may send signals to processes of the sandbox that are not its own children, and use their sockets.
int nestbox_landlock_apply(int loopback, int has_siblings);

/// Whether some regular file in the sandbox's file system has exactly this size. Looks at a few thousand at most.
int nestbox_has_file_of_size(uint64_t size);

/// Hands out the files that match; counts and sizes bounded by the job.
void nestbox_collect(int control, const struct nestbox_job *job, const char *const *patterns);

/// Splits `count` NUL-terminated strings; -EINVAL when the text ends too early. Advances *cursor.
int nestbox_strings(const char **cursor, const char *end, uint32_t count, const char **into);

/// Installs the seccomp program held by a memfd. 0, or with `is_observed` the descriptor by which calls are answered, or -errno.
int nestbox_filter_install(int memfd, uint32_t length, int is_observed);
