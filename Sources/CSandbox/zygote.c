// A zygote: a process that forks sandboxes; a small one of our own, or an interpreter that has booted. It never runs foreign
// code and holds no privilege.
#include "internal.h"
#include <linux/sched.h>
#include <poll.h>

enum { NAMESPACES = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS };

/// Names the descriptors of a request; -1 when their number does not fit its flags.
static int name_descriptors(const struct nestbox_fork_request *request, const int *raw, size_t count,
                            struct nestbox_descriptors *fd) {
    *fd = (struct nestbox_descriptors){-1, {-1, -1, -1}, {-1, -1}, -1, -1, -1, {-1, -1, -1, -1, -1, -1}};
    int channel = (request->flags & NESTBOX_FORK_CHANNEL) != 0;
    int terminal = (request->flags & NESTBOX_FORK_TERMINAL) != 0;
    int unified = (request->flags & NESTBOX_FORK_UNIFIED) != 0, boot = (request->flags & NESTBOX_FORK_BOOT) != 0;
    if (request->task_files > NESTBOX_MAXIMUM_TASKS || request->filter_length > NESTBOX_MAXIMUM_FILTER) return -1;
    if (count != (size_t)(2 + (terminal ? 0 : 3) + 2 * channel + boot + unified) + request->task_files) return -1;
    size_t next = 0;
    fd->control = raw[next++];
    for (int i = 0; i < 3 && !terminal; i++) fd->streams[i] = raw[next++];
    for (int i = 0; i < 2 && channel; i++) fd->channel[i] = raw[next++];
    fd->filter = raw[next++];
    if (boot) fd->library = raw[next++];
    if (unified) fd->unified = raw[next++];
    for (uint32_t i = 0; i < request->task_files; i++) fd->tasks[i] = raw[next++];
    return 0;
}

const struct nestbox_fork_hooks *nestbox_zygote_hooks;

/// A signal's action as the kernel keeps it.
struct action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static struct action actions[65];

void nestbox_restore_signals(void) {
    for (int number = 1; number < 65; number++)
        if (actions[number].handler) syscall(SYS_rt_sigaction, number, &actions[number], NULL, 8);
}

/// The interpreter's own descriptors, by number.
static unsigned char has_descriptor[NESTBOX_INTERPRETER_DESCRIPTORS];

int nestbox_replace_descriptors(void) {
    // What lies between those that are replaced goes first, since /dev/null is opened at a number that is free.
    for (int gap = 3, number = 3; number <= NESTBOX_INTERPRETER_DESCRIPTORS; number++) {
        if (number < NESTBOX_INTERPRETER_DESCRIPTORS && !has_descriptor[number]) continue;
        if (gap < number && syscall(SYS_close_range, gap, number - 1, 0) < 0) return -1;
        gap = number + 1;
    }
    int null = -1;
    for (int number = 3; number < NESTBOX_INTERPRETER_DESCRIPTORS; number++) {
        if (!has_descriptor[number]) continue;
        if (null < 0) null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0 || (null != number && dup3(null, number, O_CLOEXEC) < 0)) return -1;
    }
    if (null >= 0 && (null >= NESTBOX_INTERPRETER_DESCRIPTORS || !has_descriptor[null])) close(null);
    return 0;
}

void nestbox_close_replaced_descriptors(void) {
    for (int number = 3; number < NESTBOX_INTERPRETER_DESCRIPTORS; number++) {
        struct stat status;
        // Those that were made again since are no device.
        if (has_descriptor[number] && fstat(number, &status) == 0 && S_ISCHR(status.st_mode)) close(number);
    }
}

/// An interpreter may fork only while it has one thread; the link count of the directory of threads tells without reading.
static int has_threads(void) {
    struct stat status;
    if (stat("/proc/self/task", &status) < 0) return -errno;
    return status.st_nlink != 3;
}

/// The sandbox that is being forked.
static struct {
    const struct nestbox_fork_request *request;
    struct nestbox_descriptors fd;
    int socket, pidfd, pid;
    int is_wanted; ///< from the request until it has been forked
    int error;
    int is_lent; ///< whether it gets our network namespace
    int job; ///< in the program process: the socket on which its job will come; -1 in the zygote
} sandbox = {.job = -1};

/// The pid 1 to which our network namespace was lent last; -1 before the first.
static int borrower = -1;

/// Whether our network namespace can be lent. Whatever the warden believes: only when the last borrower's pid 1 is gone,
/// which is told when its whole pid namespace is, and no socket is left.
static int is_lendable(void) {
    if (borrower >= 0) {
        struct pollfd ended = {borrower, POLLIN, 0};
        if (poll(&ended, 1, 0) != 1 || !(ended.revents & POLLIN)) return 0;
    }
    return nestbox_network_is_empty();
}

int nestbox_zygote_forks(void) { return sandbox.is_wanted; }

int nestbox_zygote_fork(void) {
    sandbox.is_wanted = 0;
    struct clone_args arguments = {
        .flags = NAMESPACES | CLONE_PIDFD | (sandbox.fd.unified >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)&sandbox.pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = sandbox.fd.unified >= 0 ? (uint64_t)sandbox.fd.unified : 0,
    };
    // Our own, then: without a right in it, and alone with us.
    if (sandbox.is_lent) arguments.flags &= ~(uint64_t)CLONE_NEWNET;
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        close(sandbox.socket);
        if (borrower >= 0) close(borrower);
        sandbox.job = nestbox_sandbox_main(sandbox.request, sandbox.fd);
    }
    if (pid < 0) sandbox.error = errno;
    sandbox.pid = (int)pid;
    return (int)pid;
}

/// Has the interpreter fork, its own way.
static void fork_interpreter(void) {
    const struct nestbox_fork_hooks *hooks = nestbox_zygote_hooks;
    if (hooks->fork) {
        hooks->fork();
        if (sandbox.is_wanted) sandbox.error = ENOSYS; // it has not called fork(2)
        sandbox.is_wanted = 0;
    } else {
        hooks->before();
        nestbox_zygote_fork();
        if (sandbox.job < 0) hooks->parent();
        else hooks->child();
    }
    if (sandbox.job >= 0) nestbox_close_replaced_descriptors();
}

/// Forks one sandbox. Returns in the zygote with NULL; of the children only an interpreter's program process returns.
static const struct nestbox_order *fork_sandbox(int socket, const struct nestbox_fork_request *request, const int *raw,
                                                size_t count) {
    struct nestbox_fork_reply reply = {0};
    int threads = nestbox_zygote_hooks ? has_threads() : 0;
    sandbox.request = request;
    sandbox.socket = socket;
    sandbox.pidfd = -1;
    sandbox.error = 0;
    if (name_descriptors(request, raw, count, &sandbox.fd) < 0) {
        reply.failure = (struct nestbox_failure){NESTBOX_STAGE_request, 0, EINVAL};
    } else if ((request->flags & NESTBOX_FORK_LEND) &&
               (nestbox_zygote_hooks || (request->flags & NESTBOX_FORK_LOOPBACK))) {
        // What may use the network leaves traces in it (counters, ports in TIME_WAIT).
        reply.failure = (struct nestbox_failure){NESTBOX_STAGE_request, 2, EINVAL};
    } else if ((request->flags & NESTBOX_FORK_OBSERVED) && (nestbox_zygote_hooks || (request->flags & NESTBOX_FORK_BOOT))) {
        // What an interpreter does before its script would be answered by nobody.
        reply.failure = (struct nestbox_failure){NESTBOX_STAGE_request, 3, EINVAL};
    } else if (threads) {
        reply.failure = (struct nestbox_failure){NESTBOX_STAGE_zygote_boot, 1, threads < 0 ? -threads : EBUSY};
    } else {
        sandbox.is_wanted = 1;
        sandbox.is_lent = (request->flags & NESTBOX_FORK_LEND) && is_lendable();
        if (nestbox_zygote_hooks) fork_interpreter();
        else nestbox_zygote_fork();
        if (sandbox.job >= 0) return nestbox_park(sandbox.job);
        if (sandbox.error) reply.failure = (struct nestbox_failure){NESTBOX_STAGE_clone, 0, sandbox.error};
        reply.pid = sandbox.pid;
        reply.is_lent = (uint32_t)(sandbox.pidfd >= 0 && sandbox.is_lent);
    }
    for (size_t i = 0; i < count; i++) close(raw[i]);
    int pidfd = sandbox.pidfd;
    if (nestbox_send(socket, &reply, sizeof reply, &pidfd, pidfd >= 0, 0) < 0) _exit(1);
    if (reply.is_lent) {
        if (borrower >= 0) close(borrower);
        borrower = pidfd;
    } else if (pidfd >= 0) {
        close(pidfd);
    }
    return NULL;
}

static const struct nestbox_order *serve(int socket) {
    // Children are reaped by the kernel; the warden watches them by pidfd.
    signal(SIGCHLD, SIG_IGN);
    // Nobody may trace or read us, although our uid is not the only process of its kind.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) _exit(1);
    for (;;) {
        // In the program process of an interpreter it outlives this call.
        static struct nestbox_fork_request request;
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
        const struct nestbox_order *order = fork_sandbox(socket, &request, raw, count);
        if (order) return order;
    }
}

_Noreturn void nestbox_zygote_main(int socket) {
    serve(socket);
    __builtin_unreachable();
}

const struct nestbox_order *nestbox_zygote_serve(int socket, const struct nestbox_fork_hooks *hooks) {
    for (int number = 1; number < 65; number++) syscall(SYS_rt_sigaction, number, NULL, &actions[number], 8);
    for (int number = 3; number < NESTBOX_INTERPRETER_DESCRIPTORS; number++)
        has_descriptor[number] = number != socket && fcntl(number, F_GETFD) >= 0;
    nestbox_zygote_hooks = hooks;
    struct nestbox_fork_reply booted = {0};
    if (nestbox_send(socket, &booted, sizeof booted, NULL, 0, 0) < 0) _exit(1);
    return serve(socket);
}
