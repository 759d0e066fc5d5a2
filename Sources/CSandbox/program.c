// The process that will be the program: everything between fork and exec. It locks itself down, waits on one socket
// for its job, and becomes it. Only system calls; nothing here may fail quietly.
#include "internal.h"
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>

/// Also before this kernel's headers: a call that is being answered is interrupted by nothing but death, so that no signal has it made,
/// and counted, again.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

int nestbox_filter_install(int memfd, uint32_t length, int is_observed) {
    // Mapped, not copied: the program is the same for every sandbox of a policy.
    size_t size = length * sizeof(struct sock_filter);
    void *instructions = mmap(NULL, size, PROT_READ, MAP_PRIVATE, memfd, 0);
    if (instructions == MAP_FAILED) return -errno;
    struct sock_fprog program = {.len = (unsigned short)length, .filter = instructions};
    unsigned long flags = is_observed ? SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0;
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    // The mapping goes with exec; unmapping it would need the filter's leave.
    return result < 0 ? -errno : (int)result;
}

#define fail nestbox_program_fail

#define STEP(call, stage, index)                                                                                       \
    do {                                                                                                               \
        if ((call) < 0) fail(job, NESTBOX_STAGE_##stage, index, errno);                                                \
    } while (0)

void nestbox_reset_signals(void) {
    // Ignored signals survive exec; the zygote ignores SIGCHLD, and its parent may ignore more. By system call, since
    // signal(3) refuses the two that glibc keeps for itself (32 and 33), and posix_spawn(3) leaves them ignored.
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } by_default = {0};
    for (int number = 1; number < 65; number++) syscall(SYS_rt_sigaction, number, &by_default, NULL, 8);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_limits(int job, const struct nestbox_fork_request *request) {
    const struct {
        int resource;
        rlim_t soft, hard;
    } limits[] = {
        // Not 0: the kernel starts the core-dump helper of the host, as root, whatever the limit is, but for 1, by which it
        // knows the helper's own crash (do_coredump). One byte is less than any core file, so none is written either.
        {RLIMIT_CORE, 1, 1},
        {RLIMIT_FSIZE, request->file_size, request->file_size},
        {RLIMIT_NOFILE, request->open_files, request->open_files},
        // Also the size of threads' stacks, unless a program asks for another. Never infinite: that would change where
        // memory is mapped.
        {RLIMIT_STACK, request->stack, request->stack},
        {RLIMIT_MEMLOCK, 64 << 10, 64 << 10},
        {RLIMIT_SIGPENDING, 1024, 1024},
        {RLIMIT_MSGQUEUE, 0, 0},
        {RLIMIT_NICE, 0, 0},
        {RLIMIT_RTPRIO, 0, 0},
    };
    for (uint32_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit limit = {limits[i].soft, limits[i].hard}, now;
        STEP(getrlimit((__rlimit_resource_t)limits[i].resource, &now), rlimit, i);
        // A stack limit below ours stays; the others are ours to enforce exactly.
        if (limits[i].resource == RLIMIT_STACK && now.rlim_max < limit.rlim_max) {
            limit.rlim_max = now.rlim_max;
            if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
        }
        STEP(setrlimit((__rlimit_resource_t)limits[i].resource, &limit), rlimit, i);
    }
}

static void prefer_for_oom(int job) {
    // The kernel lets a process raise its own score; pid 1 keeps 0, so that it lives to tell the tale. Our pages in
    // /proc belong to us only while we are dumpable; the change of uid below ends that again.
    STEP(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), oom_score, 0);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    STEP(fd, oom_score, 1);
    STEP(write(fd, "1000", 4), oom_score, 2);
    close(fd);
}

static void drop_privileges(int job) {
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
            if (errno == EINVAL) break; // past the kernel's last capability
            fail(job, NESTBOX_STAGE_bounding_set, (uint32_t)capability, errno);
        }
    STEP(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), capabilities, 0);
    STEP(syscall(SYS_setgroups, 0, NULL), groups, 0);
    STEP(syscall(SYS_setresgid, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID), gid, 0);
    STEP(syscall(SYS_setresuid, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID), uid, 0);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}, {0}};
    STEP(syscall(SYS_capset, &header, none), capabilities, 1);
    STEP(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), no_new_privs, 0);
}

/// Tries the directories of PATH for a name without a slash, as execvp(3) does, with system calls only.
void nestbox_execute(char *const *arguments, char *const *environment) {
    const char *name = arguments[0], *path = NULL;
    size_t length = strlen(name);
    if (strchr(name, '/')) {
        execve(name, arguments, environment);
        return;
    }
    for (char *const *entry = environment; *entry; entry++)
        if (strncmp(*entry, "PATH=", 5) == 0) path = *entry + 5;
    int denied = 0;
    while (path && *path) {
        char candidate[4096];
        size_t directory = strcspn(path, ":");
        if (directory > 0 && directory + length + 2 <= sizeof candidate) {
            memcpy(candidate, path, directory);
            candidate[directory] = '/';
            memcpy(candidate + directory + 1, name, length + 1);
            execve(candidate, arguments, environment);
            if (errno == EACCES) denied = 1;
            else if (errno != ENOENT && errno != ENOTDIR) return;
        }
        path += directory + (path[directory] == ':');
    }
    errno = denied ? EACCES : ENOENT;
}

/// Executes a job: the program itself, or the interpreter that will be it.
static _Noreturn void become(int job, const struct nestbox_order *order, uint32_t stage) {
    nestbox_execute((char *const *)order->argument, (char *const *)order->variable);
    fail(job, stage, 0, errno);
}

/// The interpreter keeps two descriptors until it looks at its script: the job socket, and the library it loads.
static _Noreturn void boot(int job) {
    const struct nestbox_order *order = nestbox_receive_order(job);
    STEP(fcntl(job, F_SETFD, 0), boot, 1);
    STEP(fcntl(5, F_SETFD, 0), boot, 2);
    become(job, order, NESTBOX_STAGE_boot);
}

/// Gives the descriptors that the program process needs their numbers, and closes all others. The job socket's new number; the
/// filter has the next one, and the zygote library the one after that.
static int place_descriptors(const struct nestbox_sandbox *sandbox, int job) {
    const uint32_t flags = sandbox->request->flags;
    int channel = (flags & NESTBOX_FORK_CHANNEL) != 0;
    // An interpreter has the low numbers of its own; ours come after them.
    int first = nestbox_zygote_hooks ? NESTBOX_INTERPRETER_DESCRIPTORS : 3, behind = NESTBOX_CHANNEL_DESCRIPTOR + 2;
    int wanted[6] = {sandbox->fd.streams[0], sandbox->fd.streams[1], sandbox->fd.streams[2],
                     job,                    sandbox->fd.filter,     sandbox->fd.library};
    int count = flags & NESTBOX_FORK_BOOT ? 6 : 5, lines[2];
    // Lift them first: a stream might sit where a standard stream belongs.
    int above = channel ? behind : first + 16;
    for (int i = 0; i < count; i++)
        STEP(wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, above), standard_streams, (uint32_t)i);
    for (int i = 0; i < 2 && channel; i++)
        STEP(lines[i] = fcntl(sandbox->fd.channel[i], F_DUPFD_CLOEXEC, above), standard_streams, 6 + (uint32_t)i);
    for (int i = 0; i < 3; i++) STEP(dup2(wanted[i], i), standard_streams, 10 + (uint32_t)i);
    for (int i = 3; i < count; i++)
        STEP(dup3(wanted[i], first + i - 3, O_CLOEXEC), standard_streams, 17 + (uint32_t)i);
    for (int i = 0; i < 2 && channel; i++)
        STEP(dup2(lines[i], NESTBOX_CHANNEL_DESCRIPTOR + i), standard_streams, 30 + (uint32_t)i);
    job = first;
    // Whatever else was open here, by design or by a mistake in any process before this one, is not any more.
    int next = first + count - 3;
    if (channel) {
        STEP(syscall(SYS_close_range, next, NESTBOX_CHANNEL_DESCRIPTOR - 1, 0), close_range, 2);
        next = behind;
    }
    STEP(syscall(SYS_close_range, next, ~0U, 0), close_range, 0);
    return job;
}

int nestbox_program_main(struct nestbox_sandbox *sandbox, int job) {
    const struct nestbox_fork_request *request = sandbox->request;
    if (!nestbox_zygote_hooks) nestbox_reset_signals();
    STEP(setsid(), session, 0);
    if (request->flags & NESTBOX_FORK_TERMINAL) STEP(ioctl(sandbox->fd.streams[0], TIOCSCTTY, 0), session, 1);
    job = place_descriptors(sandbox, job);
    int filter = job + 1;
    if (nestbox_zygote_hooks) STEP(nestbox_replace_descriptors(), close_range, 1);
    prefer_for_oom(job);
    set_limits(job, request);
    STEP(chdir("/box"), working_directory, 0);
    drop_privileges(job);
    // With the program's rights, and before the filter: what it names is the program's own affair.
    if (sandbox->directory) STEP(chdir(sandbox->directory), working_directory, 1);
    int denied = nestbox_landlock_apply((request->flags & NESTBOX_FORK_LOOPBACK) != 0, sandbox->directory != NULL);
    if (denied < 0) fail(job, NESTBOX_STAGE_landlock, 0, -denied);
    // Last: from here on the policy's filter judges what we do ourselves: read, write, execve.
    int is_observed = (request->flags & NESTBOX_FORK_OBSERVED) != 0;
    // So that pid 1 may take the observer's end. The next exec would make it so in any case.
    if (is_observed) STEP(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), observer, 0);
    int observer = nestbox_filter_install(filter, request->filter_length, is_observed);
    if (observer < 0) fail(job, NESTBOX_STAGE_seccomp, 0, -observer);
    if (request->flags & NESTBOX_FORK_BOOT) boot(job);
    if (nestbox_zygote_hooks) {
        // No exec will close it or make us readable to ourselves again, as a fresh program would be.
        close(filter);
        STEP(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), boot, 10);
        nestbox_restore_signals();
        return job;
    }
    // Parked. pid 1 learns of it by this empty record.
    nestbox_tell_parked(job, observer);
    const struct nestbox_order *order = nestbox_receive_order(job);
    // pid 1 has it. With a copy here, calls would wait for ever when all observers are gone, this one as well.
    if (is_observed) close(observer);
    become(job, order, NESTBOX_STAGE_exec);
}
