// System calls that Swift cannot call (variadic, or without a libc wrapper), one function each.
// All return a result or -errno. Descriptors they make are close-on-exec.
//
// This header includes no libc header on purpose: with _GNU_SOURCE they would disagree with Swift's Glibc module.
#pragma once
#include <stddef.h>
#include <stdint.h>

int nestbox_openat(int directory, const char *_Nonnull path, int flags, unsigned mode);

/// openat2(2): `resolve` holds RESOLVE_* flags.
int nestbox_openat2(int directory, const char *_Nonnull path, int flags, unsigned mode, uint64_t resolve);

int nestbox_fcntl(int fd, int command, long argument);

int nestbox_pidfd_send_signal(int pidfd, int signal);

int nestbox_pidfd_open(int pid);

/// PR_SET_DUMPABLE 0.
int nestbox_hide_process(void);

int nestbox_memfd(const char *_Nonnull name);

/// Makes a memfd immutable for all processes, including its creator.
int nestbox_memfd_seal(int fd);

/// 1 when a memfd carries every seal, 0 when it lacks one.
int nestbox_memfd_is_sealed(int fd);

int nestbox_set_window_size(int fd, uint16_t rows, uint16_t columns);

/// The size of a terminal as rows << 16 | columns.
int64_t nestbox_window_size(int fd);

/// CLOCK_MONOTONIC in nanoseconds.
int64_t nestbox_monotonic(void);

/// Arms a CLOCK_MONOTONIC timerfd at an absolute time; 0 disarms it.
int nestbox_timer_arm(int fd, int64_t at);

/// Sends one packet with up to 16 descriptors.
int nestbox_send(int socket, const void *_Nonnull bytes, size_t count, const int *_Nullable descriptors,
                    size_t descriptor_count, int flags);

/// Receives one packet. Descriptors land in `descriptors` (close-on-exec); more than `capacity` of them, or a packet
/// longer than `count`, is -EMSGSIZE and everything received is closed. 0 means the peer is gone.
int nestbox_receive(int socket, void *_Nonnull bytes, size_t count, int *_Nullable descriptors, size_t capacity,
                    size_t *_Nonnull descriptor_count, int flags);

/// dup(2) with close-on-exec set.
int nestbox_fcntl_dupfd(int fd);

/// The symbolic name of an errno ("ENOENT"), including the kernel-internal ones (512 to 531), and its
/// description; static strings, which say so for unknown numbers.
const char *_Nonnull nestbox_errno_name(int number);
const char *_Nonnull nestbox_errno_description(int number);

/// pipe2(2) and socketpair(2) of SOCK_SEQPACKET sockets, close-on-exec.
int nestbox_pipe(int *_Nonnull ends);
int nestbox_socketpair(int *_Nonnull ends);

/// Starts `path` in a process group of its own, with no signal blocked or ignored, descriptors 0 and 1 on /dev/null, 2 a
/// copy of `standard_error` (-1: ours), 3 a copy of `socket` (-1: none), no other ones, and PATH as its environment.
/// Returns the pid.
int nestbox_start_program(const char *_Nonnull path, char *_Nullable const *_Nonnull arguments, int socket,
                          int standard_error);

/// epoll(7), one number per descriptor.
int nestbox_poller_create(void);
/// Watches a descriptor for a mask of EPOLL* events; changes mask and number of one that `is_known`.
int nestbox_poller_set(int poller, int fd, uint64_t token, uint32_t events, int is_known);
int nestbox_poller_remove(int poller, int fd);
/// Blocks for at most `timeout` milliseconds (-1: for ever). Stores at most `capacity` (64) tokens, and what happened to each,
/// and returns how many. 0 after a signal.
int nestbox_poller_wait(int poller, uint64_t *_Nonnull tokens, uint32_t *_Nonnull found, int capacity, int timeout);

/// A timerfd on CLOCK_MONOTONIC, non-blocking.
int nestbox_timer_create(void);

/// Blocks SIGTERM, SIGINT and SIGHUP for the calling thread and returns a signalfd of them, non-blocking.
int nestbox_termination_signals(void);
void nestbox_ignore_broken_pipes(void);

/// PR_SET_NO_NEW_PRIVS: nothing this process or its children execute can give it rights again.
int nestbox_forbid_new_privileges(void);

/// PR_SET_PDEATHSIG with SIGKILL; -ESRCH when the parent is not `parent` any more.
int nestbox_die_with_parent(int parent);

/// fstatfs(2) as: bytes, free bytes, inodes, free inodes.
int nestbox_space(int fd, int64_t *_Nonnull four);

/// Takes a write lock on one byte of a file, for as long as the open file description exists (F_OFD_SETLK). 1, 0 when
/// another process holds it, or -errno.
int nestbox_lock_byte(int fd, int64_t offset);

/// Set an extended attribute of a file to "1", and check for it. Return 0, or 1 for an existing one, or -errno.
int nestbox_mark(const char *_Nonnull path, const char *_Nonnull name);
int nestbox_is_marked(const char *_Nonnull path, const char *_Nonnull name);

/// An eventfd at zero, non-blocking.
int nestbox_eventfd(void);

/// Lets queued packets take this many bytes instead of the system's default (SO_SNDBUFFORCE, else SO_SNDBUF).
void nestbox_grow_send_buffer(int socket, int bytes);

/// Raises the soft limit of open descriptors to the hard one and returns it, or -errno.
int64_t nestbox_raise_descriptor_limit(void);

/// The ends of sandboxes whose warden has died without ending them. With the end of each the kernel frees a filter, and
/// too many at the same time deadlock it. So each sandbox has a number, and those of one batch of numbers end together, the
/// next batch so many milliseconds later.
enum { NESTBOX_END_LOT = 64, NESTBOX_END_PAUSE = 50 };
