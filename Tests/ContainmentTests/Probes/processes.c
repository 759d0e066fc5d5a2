// A12, A14, C26, D08, D10, E11, B30: processes and what they share with others.
#include "probe.h"
#include <mqueue.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

static void wait_for_stdin(void) {
    char byte;
    while (read(0, &byte, 1) < 0 && errno == EINTR) {}
}

/// hold [SUBCOMMAND ...]: says it is ready, waits for a byte or the end of stdin, then runs the subcommand, if any.
int probe_hold(int argc, char **argv) {
    say("ready %d", getpid());
    wait_for_stdin();
    if (argc < 2) return 0;
    char *arguments[16] = {"probe"};
    for (int i = 1; i < argc && i < 15; i++) arguments[i] = argv[i];
    execv("/proc/self/exe", arguments);
    return 1;
}

/// daemon keep|close SECONDS: a double-forked daemon in a session of its own, holding stdout or not; the parent exits.
int probe_daemon(int argc, char **argv) {
    if (argc < 3) return 64;
    int ends[2];
    if (pipe(ends) != 0) return 1;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        pid_t own = getpid();
        if (write(ends[1], &own, sizeof own) < 0) _exit(1);
        if (strcmp(argv[1], "close") == 0) close_range(0, ~0U, 0);
        signal(SIGHUP, SIG_IGN);
        signal(SIGTERM, SIG_IGN);
        unsigned left = (unsigned)atoi(argv[2]);
        while (left > 0) left = sleep(left);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    pid_t daemon = 0;
    if (child < 0 || read(ends[0], &daemon, sizeof daemon) != sizeof daemon) return 1;
    say("daemon %d", daemon);
    return 0;
}

/// comet COPIES GENERATIONS: each process forks its successor into a new session and exits; 0 generations never end.
int probe_comet(int argc, char **argv) {
    if (argc < 3) return 64;
    int copies = atoi(argv[1]);
    long generations = atol(argv[2]);
    int ends[2];
    if (pipe(ends) != 0) return 1;
    for (int copy = 0; copy < copies; copy++) {
        if (fork() != 0) continue;
        close(ends[0]);
        signal(SIGCHLD, SIG_IGN);
        for (long generation = 0; generations == 0 || generation < generations; generation++) {
            pid_t next = fork();
            if (next > 0) _exit(0);
            if (next == 0) setsid();
        }
        pid_t own = getpid();
        if (write(ends[1], &own, sizeof own) < 0) _exit(1);
        _exit(0);
    }
    close(ends[1]);
    pid_t last;
    while (read(ends[0], &last, sizeof last) == sizeof last) say("landed %s", last != getpid() ? "elsewhere" : "here");
    return 0;
}

/// signals TARGET SIGNAL: every way to signal TARGET ("parent" or a pid) with SIGNAL.
int probe_signals(int argc, char **argv) {
    if (argc < 3) return 64;
    pid_t target = strcmp(argv[1], "parent") == 0 ? getppid() : atoi(argv[1]);
    int number = atoi(argv[2]);
    say("kill %s", answer(kill(target, number)));
    say("tgkill %s", answer(syscall(SYS_tgkill, target, target, number)));
    siginfo_t info = {.si_code = SI_QUEUE, .si_pid = getpid(), .si_uid = getuid()};
    say("rt_sigqueueinfo %s", answer(syscall(SYS_rt_sigqueueinfo, target, number, &info)));
    long pidfd = syscall(SYS_pidfd_open, target, 0);
    say("pidfd_open %s", answer(pidfd));
    say("pidfd_send_signal %s", answer(syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0)));
    int ends[2];
    if (pipe(ends) != 0) return 1;
    say("F_SETOWN %s", answer(fcntl(ends[0], F_SETOWN, target)));
    long hits = 0;
    for (pid_t pid = 2; number != 0 && pid <= 32768; pid++)
        if (pid != getpid() && (syscall(SYS_tgkill, pid, pid, number) == 0 || kill(pid, number) == 0)) hits++;
    say("swept %ld", hits);
    // Last, because it may end this process: everybody this process may signal.
    if (number != 0) {
        say("everybody");
        kill(-1, number);
        kill(0, number);
    }
    return 0;
}

/// ipc make|find: SysV segments, semaphores and queues, POSIX queues and shared memory under well-known names.
int probe_ipc(int argc, char **argv) {
    if (argc < 2) return 64;
    int make = strcmp(argv[1], "make") == 0, flags = make ? IPC_CREAT | 0666 : 0;
    struct mq_attr size = {.mq_maxmsg = 2, .mq_msgsize = 64};
    int segment = shmget(0x1234, 4096, flags);
    say("shmget %s", answer(segment));
    int semaphore = semget(0x1234, 1, flags);
    say("semget %s", answer(semaphore));
    int queue = msgget(0x1234, flags);
    say("msgget %s", answer(queue));
    mqd_t posix = make ? mq_open("/nestbox-probe", O_CREAT | O_RDWR, 0666, &size) : mq_open("/nestbox-probe", O_RDONLY);
    say("mq_open %s", answer(posix));
    int shared = shm_open("/nestbox-probe", make ? O_CREAT | O_RDWR : O_RDONLY, 0666);
    say("shm_open %s", answer(shared));
    int temporary = open("/tmp/nestbox-probe-shared", make ? O_CREAT | O_RDWR : O_RDONLY, 0666);
    say("tmp %s", answer(temporary));
    if (!make) return 0;
    say("ready");
    wait_for_stdin();
    if (segment >= 0) shmctl(segment, IPC_RMID, NULL);
    if (semaphore >= 0) semctl(semaphore, 0, IPC_RMID);
    if (queue >= 0) msgctl(queue, IPC_RMID, NULL);
    if (posix != (mqd_t)-1) mq_unlink("/nestbox-probe");
    if (shared >= 0) shm_unlink("/nestbox-probe");
    if (temporary >= 0) unlink("/tmp/nestbox-probe-shared");
    return 0;
}

/// pipes fill: as many pipe pages as this user may have; pipes fresh: the size of a new pipe (E11).
int probe_pipes(int argc, char **argv) {
    int ends[2];
    if (argc > 1 && strcmp(argv[1], "fill") == 0) {
        int pipes = 0, grown = 0;
        while (pipes < 1024 && pipe(ends) == 0) {
            pipes++;
            if (fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0) grown++;
        }
        say("pipes %d grown %d", pipes, grown);
        say("ready");
        wait_for_stdin();
        return 0;
    }
    if (pipe(ends) != 0) say("pipe %s", answer(-1));
    say("fresh %d", fcntl(ends[1], F_GETPIPE_SZ));
    return 0;
}
