// C01, A02, A18: what a program finds at its first instruction.
#include "probe.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const char *const status_fields[] = {"Uid:",    "Gid:",    "Groups:", "CapInh:",     "CapPrm:",
                                            "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:",
                                            "SigBlk:", "SigIgn:", "SigCgt:"};

/// Prints the security fields of one status file, blanks folded, each line led by `who`.
static void print_status(const char *path, const char *who) {
    FILE *file = fopen(path, "re");
    if (!file) {
        say("%s status %s", who, answer(-1));
        return;
    }
    char line[512];
    while (fgets(line, sizeof line, file)) {
        for (size_t i = 0; i < sizeof status_fields / sizeof *status_fields; i++) {
            size_t length = strlen(status_fields[i]);
            if (strncmp(line, status_fields[i], length) != 0) continue;
            // The threads' own library catches signals; what matters is what the first one found.
            if (strcmp(who, "task") == 0 && strncmp(line, "Sig", 3) == 0) continue;
            char folded[512];
            size_t out = 0;
            for (char *at = line + length; *at && *at != '\n'; at++) {
                char byte = *at == '\t' ? ' ' : *at;
                if (byte == ' ' && (out == 0 || folded[out - 1] == ' ')) continue;
                folded[out++] = byte;
            }
            while (out > 0 && folded[out - 1] == ' ') out--;
            folded[out] = 0;
            say("%s %s %s", who, status_fields[i], folded);
        }
    }
    fclose(file);
}

static const char *kind_of(int fd) {
    struct stat info;
    if (fstat(fd, &info) != 0) return "closed";
    switch (info.st_mode & S_IFMT) {
    case S_IFIFO: return "pipe";
    case S_IFSOCK: return "socket";
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFCHR: return "character";
    default: return "other";
    }
}

static void print_limits(void) {
    static const char *const names[] = {
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile",
        "memlock", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime",
    };
    for (int i = 0; i < 16; i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)i, &limit) != 0) continue;
        char soft[32] = "unlimited", hard[32] = "unlimited";
        if (limit.rlim_cur != RLIM_INFINITY) snprintf(soft, sizeof soft, "%lu", (unsigned long)limit.rlim_cur);
        if (limit.rlim_max != RLIM_INFINITY) snprintf(hard, sizeof hard, "%lu", (unsigned long)limit.rlim_max);
        say("rlimit %s %s %s", names[i], soft, hard);
    }
}

static void *stay(void *barrier) {
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

/// Every task of this process, not the leader alone.
static void print_tasks(void) {
    pthread_barrier_t barrier;
    pthread_t threads[3];
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, stay, &barrier) != 0) {
            say("task pthread_create failed");
            _exit(1);
        }
    pthread_barrier_wait(&barrier);
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks) say("task %s", answer(-1));
    for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
        if (entry->d_name[0] == '.') continue;
        char path[300];
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        print_status(path, "task");
    }
    if (tasks) closedir(tasks);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
}

extern char **environ;

int probe_posture(int argc, char **argv) {
    (void)argc, (void)argv;
    print_status("/proc/self/status", "self");
    say("session_leader %s", getsid(0) == getpid() ? "yes" : "no");
    say("group_leader %s", getpgrp() == getpid() ? "yes" : "no");
    char cwd[4096], host[256] = "";
    say("cwd %s", getcwd(cwd, sizeof cwd) ? cwd : answer(-1));
    mode_t mask = umask(0);
    umask(mask);
    say("umask %04o", mask);
    struct sigaction action;
    sigaction(SIGPIPE, NULL, &action);
    say("sigpipe %s", action.sa_handler == SIG_DFL ? "default" : "changed");
    gethostname(host, sizeof host - 1);
    say("hostname %s", host);
    say("nice %d", getpriority(PRIO_PROCESS, 0));
    say("personality %d", personality(0xffffffff));
    say("parent_death_signal %s", prctl(PR_GET_PDEATHSIG, &mask) == 0 && mask == 0 ? "none" : "set");
    print_limits();
    for (int fd = 0; fd < 3; fd++) say("fd %d %s", fd, kind_of(fd));
    for (char **at = environ; *at; at++) say("env %s", *at);
    print_tasks();
    return 0;
}

int probe_fds(int argc, char **argv) {
    (void)argc, (void)argv;
    DIR *list = opendir("/proc/self/fd");
    if (!list) say("list %s", answer(-1));
    int own = list ? dirfd(list) : -1;
    for (struct dirent *entry; list && (entry = readdir(list));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != own)
            say("open %s %s", entry->d_name, kind_of(atoi(entry->d_name)));
    if (list) closedir(list);
    for (int fd = 3; fd < 65536; fd++)
        if (fcntl(fd, F_GETFD) >= 0) say("live %d", fd);
    for (int fd = 0; fd < 1024; fd++)
        if (fchdir(fd) == 0) say("directory %d", fd);
    char cwd[4096];
    say("cwd %s", syscall(SYS_getcwd, cwd, sizeof cwd) > 0 ? cwd : answer(-1));
    return 0;
}
