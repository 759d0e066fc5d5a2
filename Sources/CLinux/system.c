#define _GNU_SOURCE
#include "nestbox_system.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { MAXIMUM_DESCRIPTORS = 16 };

int nestbox_openat(int directory, const char *path, int flags, unsigned mode) {
    int fd;
    do fd = openat(directory, path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

int nestbox_openat2(int directory, const char *path, int flags, unsigned mode, uint64_t resolve) {
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .mode = mode, .resolve = resolve};
    long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    return fd < 0 ? -errno : (int)fd;
}

int nestbox_fcntl(int fd, int command, long argument) {
    int result = fcntl(fd, command, argument);
    return result < 0 ? -errno : result;
}

int nestbox_fcntl_dupfd(int fd) { return nestbox_fcntl(fd, F_DUPFD_CLOEXEC, 3); }

int nestbox_pidfd_send_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int nestbox_pidfd_open(int pid) {
    long fd = syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : (int)fd;
}

int nestbox_hide_process(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0; }

int nestbox_memfd(const char *name) {
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd < 0 ? -errno : fd;
}

enum { ALL_SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL };

int nestbox_memfd_seal(int fd) { return fcntl(fd, F_ADD_SEALS, ALL_SEALS) < 0 ? -errno : 0; }

int nestbox_memfd_is_sealed(int fd) {
    int seals = fcntl(fd, F_GET_SEALS);
    return seals < 0 ? -errno : (seals & ALL_SEALS) == ALL_SEALS;
}

int nestbox_set_window_size(int fd, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(fd, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

int64_t nestbox_window_size(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) < 0 ? -(int64_t)errno : ((int64_t)size.ws_row << 16 | size.ws_col);
}

int64_t nestbox_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int nestbox_timer_arm(int fd, int64_t at) {
    struct itimerspec when = {.it_value = {.tv_sec = at / 1000000000, .tv_nsec = at % 1000000000}};
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0;
}

/// Kernel-internal numbers (include/linux/errno.h), which some system calls return all the same, such as seccomp(2).
static const struct {
    int number;
    const char *name, *text;
} internal_errors[] = {
    {512, "ERESTARTSYS", "Interrupted by a signal"},
    {513, "ERESTARTNOINTR", "Interrupted by a signal"},
    {514, "ERESTARTNOHAND", "Interrupted by a signal"},
    {515, "ENOIOCTLCMD", "No such ioctl command"},
    {516, "ERESTART_RESTARTBLOCK", "Interrupted by a signal"},
    {517, "EPROBE_DEFER", "Driver asks to be probed later"},
    {518, "EOPENSTALE", "Open found a stale entry"},
    {519, "ENOPARAM", "Parameter not supported"},
    {521, "EBADHANDLE", "Illegal NFS file handle"},
    {522, "ENOTSYNC", "Update synchronization mismatch"},
    {523, "EBADCOOKIE", "Stale directory cookie"},
    {524, "ENOTSUPP", "Operation not supported by the kernel as it is, or no room for it"},
    {525, "ETOOSMALL", "Buffer or request too small"},
    {526, "ESERVERFAULT", "Untranslatable error of a server"},
    {527, "EBADTYPE", "Type not supported by a server"},
    {528, "EJUKEBOX", "Request begun, not completed in time"},
    {529, "EIOCBQUEUED", "Request queued"},
    {530, "ERECALLCONFLICT", "Conflict with a recalled state"},
    {531, "ENOGRACE", "NFS grace period refuses the reclaim"},
};

const char *nestbox_errno_name(int number) {
    const char *name = strerrorname_np(number);
    for (size_t i = 0; !name && i < sizeof internal_errors / sizeof *internal_errors; i++)
        if (internal_errors[i].number == number) name = internal_errors[i].name;
    return name ? name : "unknown error";
}

const char *nestbox_errno_description(int number) {
    const char *text = strerrordesc_np(number);
    for (size_t i = 0; !text && i < sizeof internal_errors / sizeof *internal_errors; i++)
        if (internal_errors[i].number == number) text = internal_errors[i].text;
    return text ? text : "of a number that no Linux is known to give";
}

int nestbox_send(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count,
                 int flags) {
    if (descriptor_count > MAXIMUM_DESCRIPTORS) return -EMSGSIZE;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * MAXIMUM_DESCRIPTORS)];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec vector = {(void *)bytes, count};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (descriptor_count > 0) {
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL | flags);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : (int)sent;
}

int nestbox_receive(int socket, void *bytes, size_t count, int *descriptors, size_t capacity, size_t *descriptor_count,
                    int flags) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int) * MAXIMUM_DESCRIPTORS)];
    } control;
    struct iovec vector = {bytes, count};
    struct msghdr message = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
    *descriptor_count = 0;
    ssize_t received;
    do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags);
    while (received < 0 && errno == EINTR);
    if (received < 0) return -errno;
    int excess = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
    int taken[MAXIMUM_DESCRIPTORS];
    size_t total = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < here && total < MAXIMUM_DESCRIPTORS; i++)
            memcpy(&taken[total++], CMSG_DATA(header) + i * sizeof(int), sizeof(int));
    }
    if (total > capacity) excess = 1;
    if (excess) {
        for (size_t i = 0; i < total; i++) close(taken[i]);
        return -EMSGSIZE;
    }
    for (size_t i = 0; i < total; i++) descriptors[i] = taken[i];
    *descriptor_count = total;
    return (int)received;
}

int nestbox_pipe(int *ends) { return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0; }

int nestbox_socketpair(int *ends) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

int nestbox_poller_create(void) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int nestbox_poller_set(int poller, int fd, uint64_t token, uint32_t events, int is_known) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(poller, is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int nestbox_poller_remove(int poller, int fd) { return epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0; }

int nestbox_poller_wait(int poller, uint64_t *tokens, uint32_t *found, int capacity, int timeout) {
    struct epoll_event events[64];
    int count = epoll_wait(poller, events, capacity < 64 ? capacity : 64, timeout);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < count; i++) {
        tokens[i] = events[i].data.u64;
        found[i] = events[i].events;
    }
    return count;
}

int nestbox_timer_create(void) {
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

int nestbox_termination_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -errno;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

void nestbox_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

int nestbox_die_with_parent(int parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return -errno;
    return getppid() == parent ? 0 : -ESRCH;
}

int nestbox_space(int fd, int64_t *four) {
    struct statfs status;
    if (fstatfs(fd, &status) < 0) return -errno;
    four[0] = (int64_t)status.f_blocks * status.f_bsize;
    four[1] = (int64_t)status.f_bfree * status.f_bsize;
    four[2] = (int64_t)status.f_files;
    four[3] = (int64_t)status.f_ffree;
    return 0;
}

int nestbox_lock_byte(int fd, int64_t offset) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = offset, .l_len = 1};
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) return 1;
    return errno == EAGAIN || errno == EACCES ? 0 : -errno;
}

int nestbox_mark(const char *path, const char *name) { return lsetxattr(path, name, "1", 1, 0) < 0 ? -errno : 0; }

int nestbox_is_marked(const char *path, const char *name) {
    char value[8];
    return lgetxattr(path, name, value, sizeof value) < 0 ? -errno : 1;
}

int nestbox_eventfd(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

void nestbox_grow_send_buffer(int socket, int bytes) {
    if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

int64_t nestbox_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return limit.rlim_cur > 0x7fffffff ? 0x7fffffff : (int64_t)limit.rlim_cur;
}

int nestbox_forbid_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}
