// Does the program wait for its input? pid 1 looks when it is asked: at the system call every thread of the sandbox is in,
// and at what the descriptors of that call are. Everything here comes from the kernel; foreign code can only make it look
// at its own processes, a bounded number of them.
#include "internal.h"
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>

enum {
    MAXIMUM_TASKS = 4096,            ///< threads looked at, of all processes together
    MAXIMUM_WATCHED = 64,            ///< descriptors of one poll looked at
    MAXIMUM_NANOSECONDS = 50000000,  ///< of our CPU time, after which no further thread is looked at
};

/// The call a thread is in, proc(5): its number and its first arguments. 0 when it is in none, or gone.
static int current_call(int proc, const char *path, long *number, unsigned long arguments[3]) {
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[256];
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    return sscanf(text, "%ld %lx %lx %lx", number, &arguments[0], &arguments[1], &arguments[2]) == 4 && *number >= 0;
}

/// Whether a descriptor of a process is the input the sandbox was given, whatever its number.
static int is_input(const struct nestbox_sandbox *sandbox, int proc, const char *process, int descriptor) {
    if (descriptor < 0) return 0;
    char path[64];
    snprintf(path, sizeof path, "%s/fd/%d", process, descriptor);
    // Without asking the file system again: whose it is is not ours to know, and a slow one must not hold us up.
    struct statx status;
    if (statx(proc, path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &status) < 0) return 0;
    // The terminal has a second name, tty(4); the program can have no other terminal.
    if (sandbox->request->flags & NESTBOX_FORK_TERMINAL && S_ISCHR(status.stx_mode) &&
        makedev(status.stx_rdev_major, status.stx_rdev_minor) == makedev(5, 0))
        return 1;
    return makedev(status.stx_dev_major, status.stx_dev_minor) == sandbox->input_device &&
           status.stx_ino == sandbox->input_inode;
}

/// poll(2): the set is in the program's memory.
static int polls_input(const struct nestbox_sandbox *sandbox, int proc, const char *process, unsigned long address,
                       unsigned long length) {
    struct pollfd watched[MAXIMUM_WATCHED];
    if (length > MAXIMUM_WATCHED) length = MAXIMUM_WATCHED;
    struct iovec local = {watched, length * sizeof *watched}, remote = {(void *)address, length * sizeof *watched};
    ssize_t count = process_vm_readv((pid_t)atoi(process), &local, 1, &remote, 1, 0);
    if (count < (ssize_t)sizeof *watched) return 0;
    for (size_t i = 0; i < (size_t)count / sizeof *watched; i++)
        if (watched[i].events & (POLLIN | POLLRDNORM) && is_input(sandbox, proc, process, watched[i].fd)) return 1;
    return 0;
}

/// select(2): the bits of the descriptors to read.
static int selects_input(const struct nestbox_sandbox *sandbox, int proc, const char *process, unsigned long length,
                         unsigned long address) {
    if (address == 0) return 0;
    unsigned char bits[MAXIMUM_WATCHED / 8] = {0};
    if (length > MAXIMUM_WATCHED) length = MAXIMUM_WATCHED;
    struct iovec local = {bits, (length + 7) / 8}, remote = {(void *)address, (length + 7) / 8};
    if (process_vm_readv((pid_t)atoi(process), &local, 1, &remote, 1, 0) <= 0) return 0;
    for (int descriptor = 0; descriptor < (int)length; descriptor++)
        if (bits[descriptor / 8] & 1 << descriptor % 8 && is_input(sandbox, proc, process, descriptor)) return 1;
    return 0;
}

/// epoll(7): the kernel lists what a set watches, with event masks.
static int awaits_input(const struct nestbox_sandbox *sandbox, int proc, const char *process, int set) {
    char path[64], line[256];
    snprintf(path, sizeof path, "%s/fdinfo/%d", process, set);
    int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    FILE *stream = fdopen(file, "r");
    if (!stream) {
        close(file);
        return 0;
    }
    int found = 0, descriptor, lines = 0;
    unsigned events;
    while (!found && lines++ < 16 + MAXIMUM_WATCHED && fgets(line, sizeof line, stream))
        if (sscanf(line, "tfd: %d events: %x", &descriptor, &events) == 2)
            found = events & POLLIN && is_input(sandbox, proc, process, descriptor);
    fclose(stream);
    return found;
}

/// Whether a thread waits in a call that more input would end.
static int thread_waits(const struct nestbox_sandbox *sandbox, int proc, const char *process, const char *thread) {
    char path[96];
    snprintf(path, sizeof path, "%s/task/%s/syscall", process, thread);
    long number;
    unsigned long arguments[3];
    if (!current_call(proc, path, &number, arguments)) return 0;
    switch (number) {
    case SYS_read:
    case SYS_readv:
    case SYS_preadv2: // at offset -1 it is readv
    case SYS_tee:
    case SYS_splice: return is_input(sandbox, proc, process, (int)arguments[0]);
    case SYS_sendfile: return is_input(sandbox, proc, process, (int)arguments[1]);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll: return polls_input(sandbox, proc, process, arguments[0], arguments[1]);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6: return selects_input(sandbox, proc, process, arguments[0], arguments[1]);
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2: return awaits_input(sandbox, proc, process, (int)arguments[0]);
    default: return 0;
    }
}

static int is_number(const char *name) {
    if (!*name || strlen(name) > 10) return 0;
    for (; *name; name++)
        if (*name < '0' || *name > '9') return 0;
    return 1;
}

/// What looking has cost so far. CPU time, so that a busy machine does not look like a costly program.
static int64_t time_spent(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// How much more may be looked at.
struct budget {
    int tasks;
    int64_t until;
};

static int is_left(const struct budget *budget) { return budget->tasks > 0 && time_spent() < budget->until; }

/// Looks at the threads of one process.
static int process_waits(const struct nestbox_sandbox *sandbox, int proc, const char *process,
                         struct budget *budget) {
    char path[64];
    snprintf(path, sizeof path, "%s/task", process);
    int directory = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return 0;
    DIR *threads = fdopendir(directory);
    if (!threads) {
        close(directory);
        return 0;
    }
    int waits = 0;
    for (struct dirent *entry; !waits && is_left(budget) && (entry = readdir(threads));) {
        if (!is_number(entry->d_name)) continue;
        budget->tasks--;
        waits = thread_waits(sandbox, proc, process, entry->d_name);
    }
    closedir(threads);
    return waits;
}

int nestbox_waits_for_input(const struct nestbox_sandbox *sandbox) {
    DIR *processes = opendir("/proc");
    if (!processes) return 0;
    int waits = 0;
    struct budget budget = {MAXIMUM_TASKS, time_spent() + MAXIMUM_NANOSECONDS};
    for (struct dirent *entry; !waits && is_left(&budget) && (entry = readdir(processes));)
        if (is_number(entry->d_name) && strcmp(entry->d_name, "1") != 0)
            waits = process_waits(sandbox, dirfd(processes), entry->d_name, &budget);
    closedir(processes);
    return waits;
}
