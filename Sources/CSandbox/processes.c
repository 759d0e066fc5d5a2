// Processes of a held sandbox: pid 1 starts them one by one, each confined as a program is, and tells how they end.
#include "internal.h"
#include <sys/ioctl.h>
#include <time.h>

int nestbox_open_terminal(uint16_t rows, uint16_t columns, int *slave, uint32_t *step) {
    // Through the mount, not /dev/ptmx: ptmxmode=0000 keeps the program from making more, CAP_DAC_OVERRIDE lets us.
    int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), unlock = 0;
    *step = 0;
    if (master < 0) return -1;
    *step = 1;
    if (ioctl(master, TIOCSPTLCK, &unlock) == 0) {
        *step = 2;
        *slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (*slave >= 0) {
            *step = 3;
            if (nestbox_set_window_size(master, rows, columns) == 0) return master;
            close(*slave);
        }
    }
    int error = errno;
    close(master);
    errno = error;
    return -1;
}

/// The warden watches what all processes use together; should it stand still, the kernel ends each by itself. What an
/// interpreter has used for its boot does not count.
int nestbox_limit_cpu(pid_t pid, int64_t seconds, uint32_t *step) {
    if (seconds <= 0) return 0;
    clockid_t clock;
    struct timespec used;
    *step = 20;
    int error = clock_getcpuclockid(pid, &clock);
    if (error) return -error;
    *step = 21;
    if (clock_gettime(clock, &used) < 0) return -errno;
    rlim_t soft = (rlim_t)seconds + (rlim_t)used.tv_sec + 1;
    // A program that catches the first signal gets two seconds more.
    struct rlimit limit = {soft, soft + 2};
    *step = 22;
    return prlimit(pid, RLIMIT_CPU, &limit, NULL) < 0 ? -errno : 0;
}

void nestbox_hold(struct nestbox_sandbox *sandbox) {
    // It reads the end of its socket, and ends.
    close(sandbox->job);
    sandbox->job = -1;
    sandbox->is_held = 1;
    // In our own network, whoever reads them later.
    static const char *const names[2] = {"/proc/self/net/tcp", "/proc/self/net/tcp6"};
    int tables[2];
    size_t count = 0;
    for (int i = 0; i < 2; i++)
        if ((tables[count] = open(names[i], O_RDONLY | O_CLOEXEC)) >= 0) count++;
    if (nestbox_control_send(sandbox->fd.control, NESTBOX_STARTED, NULL, NULL, NULL, 0, tables, count) < 0) _exit(125);
    for (size_t i = 0; i < count; i++) close(tables[i]);
}

static void refuse(const struct nestbox_sandbox *sandbox, int64_t number, struct nestbox_failure failure) {
    int64_t value[4] = {number};
    nestbox_control_send(sandbox->fd.control, NESTBOX_SPAWN_FAILED, &failure, value, NULL, 0, NULL, 0);
}

/// In the process that will be the one that is wanted.
static _Noreturn void become(const struct nestbox_sandbox *sandbox, const int *streams, int has_terminal, const char *directory,
                             int job) {
    struct nestbox_fork_request request = *sandbox->request;
    struct nestbox_sandbox own = *sandbox;
    request.flags = (request.flags & NESTBOX_FORK_LOOPBACK) | (has_terminal ? NESTBOX_FORK_TERMINAL : 0);
    own.request = &request;
    own.directory = directory;
    own.fd.channel[0] = own.fd.channel[1] = -1;
    for (int i = 0; i < 3; i++) own.fd.streams[i] = streams[i];
    nestbox_program_main(&own, job);
    _exit(125);
}

void nestbox_spawn(struct nestbox_sandbox *sandbox, const struct nestbox_message *message, const char *text,
                   const int *streams, size_t count) {
    int64_t number = message->value[0];
    int has_terminal = message->value[2] == NESTBOX_SPAWN_TERMINAL;
    size_t directory = strlen(text) + 1;
    struct nestbox_child *child = sandbox->children;
    while (child < sandbox->children + NESTBOX_MAXIMUM_PROCESSES && child->pid) child++;
    if (!sandbox->is_held || directory >= message->length || count != (has_terminal ? 0 : 3))
        return refuse(sandbox, number, (struct nestbox_failure){NESTBOX_STAGE_request, 20, EPROTO});
    if (child == sandbox->children + NESTBOX_MAXIMUM_PROCESSES)
        return refuse(sandbox, number, (struct nestbox_failure){NESTBOX_STAGE_program_fork, 20, EAGAIN});
    int own[3], master = -1, job[2];
    struct nestbox_failure failure = {NESTBOX_STAGE_terminal, 0, 0};
    if (has_terminal) {
        master = nestbox_open_terminal((uint16_t)(message->value[3] >> 16), (uint16_t)message->value[3], &own[0], &failure.index);
        if (master < 0) {
            failure.error = errno;
            return refuse(sandbox, number, failure);
        }
        own[1] = own[2] = own[0];
        streams = own;
    }
    failure = (struct nestbox_failure){NESTBOX_STAGE_program_fork, 21, 0};
    pid_t pid = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job) < 0) {
        failure.error = errno;
    } else {
        pid = fork();
        if (pid == 0) become(sandbox, streams, has_terminal, text, job[1]);
        if (pid < 0) failure = (struct nestbox_failure){NESTBOX_STAGE_program_fork, 22, errno};
        close(job[1]);
        int limited = pid < 0 ? 0 : nestbox_limit_cpu(pid, message->value[1], &failure.index);
        if (limited < 0) failure = (struct nestbox_failure){NESTBOX_STAGE_rlimit, failure.index, -limited};
        // It reads that once it is confined.
        else if (pid > 0 && write(job[0], text + directory, message->length - directory) < 0)
            failure = (struct nestbox_failure){NESTBOX_STAGE_job, 20, errno};
        if (failure.error) close(job[0]);
    }
    if (has_terminal) close(own[0]);
    if (failure.error) {
        if (pid > 0) kill(pid, SIGKILL);
        if (master >= 0) close(master);
        return refuse(sandbox, number, failure);
    }
    *child = (struct nestbox_child){.pid = pid, .number = number, .job = job[0], .terminal = master};
}

/// There is nothing more to hear of it before its end.
static void forget_job(struct nestbox_child *child) {
    close(child->job);
    if (child->terminal >= 0) close(child->terminal);
    child->job = child->terminal = -1;
}

void nestbox_child_spoke(struct nestbox_sandbox *sandbox, struct nestbox_child *child) {
    struct nestbox_failure word;
    ssize_t received = read(child->job, &word, sizeof word);
    // ECONNRESET: it has ended with its job unread. That is told once, and what it said before comes next.
    if (received < 0 && (errno == EINTR || errno == ECONNRESET)) return;
    if (received == sizeof word && word.stage == 0) return; // confined
    int64_t value[4] = {child->number};
    if (received == sizeof word) {
        refuse(sandbox, child->number, word);
    } else {
        // Its end of the socket is gone: it executes, or was killed, which its status will tell.
        child->has_started = 1;
        nestbox_control_send(sandbox->fd.control, NESTBOX_SPAWNED, NULL, value, NULL, 0, &child->terminal, child->terminal >= 0);
    }
    forget_job(child);
}

void nestbox_child_ended(struct nestbox_sandbox *sandbox, pid_t pid, int status, const struct rusage *usage) {
    for (int i = 0; i < NESTBOX_MAXIMUM_PROCESSES; i++) {
        struct nestbox_child *child = &sandbox->children[i];
        if (child->pid != pid) continue;
        while (child->job >= 0) nestbox_child_spoke(sandbox, child);
        int64_t micros = (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 + usage->ru_utime.tv_usec +
                         usage->ru_stime.tv_usec;
        int64_t value[4] = {child->number, status, micros * 1000, (int64_t)usage->ru_maxrss * 1024};
        if (child->has_started)
            nestbox_control_send(sandbox->fd.control, NESTBOX_EXITED_PROCESS, NULL, value, NULL, 0, NULL, 0);
        child->pid = 0;
        return;
    }
}

void nestbox_signal_child(const struct nestbox_sandbox *sandbox, int64_t number, int signal) {
    for (int i = 0; i < NESTBOX_MAXIMUM_PROCESSES; i++) {
        const struct nestbox_child *child = &sandbox->children[i];
        // Before it executes it is ours, and no group of its own yet.
        if (child->pid && child->number == number) kill(child->has_started ? -child->pid : child->pid, signal);
    }
}
