// The plain zygote: a small process that forks sandboxes. It never runs foreign code and holds no privilege.
#include "internal.h"
#include <linux/sched.h>

enum { NAMESPACES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS };

/// Names the descriptors of a request; -1 when their number does not fit its flags.
static int name_descriptors(const struct nestbox_fork_request *request, const int *raw, size_t count,
                            struct nestbox_descriptors *fd) {
    *fd = (struct nestbox_descriptors){-1, {-1, -1, -1}, -1, -1, {-1, -1, -1, -1, -1, -1}};
    int terminal = (request->flags & NESTBOX_FORK_TERMINAL) != 0;
    int unified = (request->flags & NESTBOX_FORK_UNIFIED) != 0;
    if (request->task_files > NESTBOX_MAXIMUM_TASKS || request->filter_length > NESTBOX_MAXIMUM_FILTER) return -1;
    if (count != (size_t)(2 + (terminal ? 0 : 3) + unified) + request->task_files) return -1;
    size_t next = 0;
    fd->control = raw[next++];
    for (int i = 0; i < 3 && !terminal; i++) fd->streams[i] = raw[next++];
    fd->filter = raw[next++];
    if (unified) fd->unified = raw[next++];
    for (uint32_t i = 0; i < request->task_files; i++) fd->tasks[i] = raw[next++];
    return 0;
}

static void fork_sandbox(int socket, const struct nestbox_fork_request *request, const int *raw, size_t count) {
    struct nestbox_fork_reply reply = {0};
    struct nestbox_descriptors fd;
    int pidfd = -1;
    if (name_descriptors(request, raw, count, &fd) < 0) {
        reply.failure = (struct nestbox_failure){NESTBOX_STAGE_request, 0, EINVAL};
    } else {
        struct clone_args arguments = {
            .flags = NAMESPACES | CLONE_PIDFD | (fd.unified >= 0 ? CLONE_INTO_CGROUP : 0),
            .pidfd = (uint64_t)(uintptr_t)&pidfd,
            .exit_signal = SIGCHLD,
            .cgroup = fd.unified >= 0 ? (uint64_t)fd.unified : 0,
        };
        long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
        if (pid == 0) {
            close(socket);
            nestbox_sandbox_main(request, fd);
        }
        if (pid < 0) reply.failure = (struct nestbox_failure){NESTBOX_STAGE_clone, 0, errno};
        reply.pid = (int32_t)pid;
    }
    for (size_t i = 0; i < count; i++) close(raw[i]);
    if (nestbox_send(socket, &reply, sizeof reply, &pidfd, pidfd >= 0, 0) < 0) _exit(1);
    if (pidfd >= 0) close(pidfd);
}

_Noreturn void nestbox_zygote_main(int socket) {
    // Children are reaped by the kernel; the warden watches them by pidfd.
    signal(SIGCHLD, SIG_IGN);
    // Nobody may trace or read us, although our uid is not the only process of its kind.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) _exit(1);
    for (;;) {
        struct nestbox_fork_request request;
        int raw[16];
        size_t count;
        int received = nestbox_receive(socket, &request, sizeof request, raw, 16, &count, 0);
        if (received == 0 || received == -ECONNRESET) _exit(0); // the warden is gone
        if (received == -EMSGSIZE || (received > 0 && received != sizeof request)) {
            struct nestbox_fork_reply reply = {.failure = {NESTBOX_STAGE_request, 1, EINVAL}};
            for (size_t i = 0; i < count; i++) close(raw[i]);
            if (nestbox_send(socket, &reply, sizeof reply, NULL, 0, 0) < 0) _exit(1);
            continue;
        }
        if (received < 0) _exit(1);
        fork_sandbox(socket, &request, raw, count);
    }
}
