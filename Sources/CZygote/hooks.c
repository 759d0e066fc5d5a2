// The interposed functions: each lets `look` see the path and does what it always does. glibc has two names for most.
#include "library.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// The next definition of the function we stand in, found once.
#define NEXT(name)                                                                                                     \
    static __typeof__(&name) next;                                                                                     \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// O_TMPFILE holds the bit of O_DIRECTORY, so it is compared whole.
#define MODE(flags)                                                                                                    \
    mode_t mode = 0;                                                                                                   \
    if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                   \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        mode = va_arg(list, mode_t);                                                                                   \
        va_end(list);                                                                                                  \
    }

int open(const char *path, int flags, ...) {
    NEXT(open);
    MODE(flags);
    look(path, 0);
    return next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    MODE(flags);
    look(path, 0);
    return next(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...) {
    NEXT(openat);
    MODE(flags);
    look(path, 0);
    return next(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) {
    NEXT(openat64);
    MODE(flags);
    look(path, 0);
    return next(directory, path, flags, mode);
}

FILE *fopen(const char *path, const char *mode) {
    NEXT(fopen);
    FILE *late = open_late(path);
    if (late) return late;
    look(path, 1);
    return next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
    NEXT(fopen64);
    FILE *late = open_late(path);
    if (late) return late;
    look(path, 1);
    return next(path, mode);
}

int stat(const char *path, struct stat *status) {
    NEXT(stat);
    look(path, 0);
    return next(path, status);
}

int stat64(const char *path, struct stat64 *status) {
    NEXT(stat64);
    look(path, 0);
    return next(path, status);
}

int lstat(const char *path, struct stat *status) {
    NEXT(lstat);
    look(path, 0);
    return next(path, status);
}

int lstat64(const char *path, struct stat64 *status) {
    NEXT(lstat64);
    look(path, 0);
    return next(path, status);
}

int fstatat(int directory, const char *path, struct stat *status, int flags) {
    NEXT(fstatat);
    look(path, 0);
    return next(directory, path, status, flags);
}

int fstatat64(int directory, const char *path, struct stat64 *status, int flags) {
    NEXT(fstatat64);
    look(path, 0);
    return next(directory, path, status, flags);
}

int statx(int directory, const char *path, int flags, unsigned mask, struct statx *status) {
    NEXT(statx);
    look(path, 0);
    return next(directory, path, flags, mask, status);
}

int access(const char *path, int mode) {
    NEXT(access);
    look(path, 0);
    return next(path, mode);
}

int faccessat(int directory, const char *path, int mode, int flags) {
    NEXT(faccessat);
    look(path, 0);
    return next(directory, path, mode, flags);
}

void (*at_end)(void);
int write_failed;

ssize_t write(int number, const void *bytes, size_t count) {
    NEXT(write);
    ssize_t written = next(number, bytes, count);
    if (written < 0) write_failed = 1;
    return written;
}

// Python takes its signal handlers back when it has begun to end, after the last line of the program has run.
int sigaction(int number, const struct sigaction *action, struct sigaction *before) {
    NEXT(sigaction);
    if (at_end) at_end();
    return next(number, action, before);
}

// By which an interpreter that is asked to fork forks a sandbox.
pid_t fork(void) {
    NEXT(fork);
    return nestbox_zygote_forks() ? nestbox_zygote_fork() : next();
}

// libuv calls the kernel's statx by number.
long syscall(long number, ...) {
    NEXT(syscall);
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_statx) look((const char *)a[1], 0);
    return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
