// System calls that Swift cannot name (variadic, or without a libc wrapper), one function each.
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

int nestbox_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);

int nestbox_memfd(const char *_Nonnull name);

/// Makes a memfd immutable for everybody, its maker included.
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

/// dup(2) that keeps close-on-exec.
int nestbox_fcntl_dupfd(int fd);

/// The symbolic name of an errno ("ENOENT"), and its description; static strings, "?" for unknown numbers.
const char *_Nonnull nestbox_errno_name(int number);
const char *_Nonnull nestbox_errno_description(int number);
