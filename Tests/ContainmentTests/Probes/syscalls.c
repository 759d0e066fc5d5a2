// C03, C04, C08, C10, C14, C18, B06, B08: system calls by number, with arguments that can do no harm.
#include "probe.h"
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <linux/sched.h>

static long invalid_arguments(long number) {
    // A bare vfork would return twice through one stack frame; libc's keeps its return address in a register.
    if (number == SYS_vfork) {
        pid_t child = vfork();
        if (child == 0) _exit(0);
        return child;
    }
    // An unknown futex command is answered with ENOSYS by the kernel itself, so this one waits on a bad address.
    return call6(number, -1, number == SYS_futex ? 0 : -1, -1, -1, -1, -1);
}

/// calls NR...: each in a child of its own, every argument -1.
int probe_calls(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        long number = atol(argv[i]);
        say("call %ld %s", number, in_child(invalid_arguments, number));
    }
    return 0;
}

static void *sweep_all(void *unused) {
    (void)unused;
    for (long number = 0; number < 1024; number++) say("%ld %s", number, in_child(invalid_arguments, number));
    return NULL;
}

/// sweep [thread|exec]: every number from 0 to 1023; from a second thread; or after one more execve.
int probe_sweep(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "exec") == 0) {
        char *arguments[] = {"probe", "sweep", NULL};
        execve("/proc/self/exe", arguments, (char *[]){NULL});
        say("execve %s", answer(-1));
        return 1;
    }
    if (argc > 1 && strcmp(argv[1], "thread") == 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, sweep_all, NULL) != 0) return 1;
        pthread_join(thread, NULL);
        return 0;
    }
    sweep_all(NULL);
    return 0;
}

static long int80(long number) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    int value = (int)result;
    if (value < 0 && value > -4096) {
        errno = -value;
        return -1;
    }
    return 0;
}

/// int80 NR...: the i386 gate, each in a child. int80 here NR: in this very process.
int probe_int80(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[1], "here") == 0) {
        say("int80 %s %s", argv[2], answer(int80(atol(argv[2]))));
        return 0;
    }
    for (int i = 1; i < argc; i++) say("int80 %s %s", argv[i], in_child(int80, atol(argv[i])));
    return 0;
}

static const struct {
    const char *name;
    unsigned long flag;
} namespaces[] = {
    {"NEWTIME", CLONE_NEWTIME},
    {"NEWNS", CLONE_NEWNS},
    {"NEWCGROUP", CLONE_NEWCGROUP},
    {"NEWUTS", CLONE_NEWUTS},
    {"NEWIPC", CLONE_NEWIPC},
    {"NEWUSER", CLONE_NEWUSER},
    {"NEWPID", CLONE_NEWPID},
    {"NEWNET", CLONE_NEWNET},
};

static long unshare_flags(long flags) { return syscall(SYS_unshare, flags); }

static long clone_flags(long flags) {
    long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    return pid;
}

static long clone3_flags(long flags) {
    struct clone_args arguments = {.flags = (uint64_t)flags, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(0);
    return pid;
}

static long clone3_invalid(long unused) {
    (void)unused;
    return syscall(SYS_clone3, -1L, -1L);
}

/// clone: every namespace flag through unshare, clone and clone3, alone and together with a new user namespace.
int probe_clone(int argc, char **argv) {
    (void)argc, (void)argv;
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        long flag = (long)namespaces[i].flag;
        const char *name = namespaces[i].name;
        say("unshare %s %s", name, in_child(unshare_flags, flag));
        say("unshare NEWUSER+%s %s", name, in_child(unshare_flags, flag | CLONE_NEWUSER));
        // CLONE_NEWTIME shares its bit with the exit signal of clone(2): only clone3 and unshare know it.
        if (flag != CLONE_NEWTIME) {
            say("clone %s %s", name, in_child(clone_flags, flag));
            say("clone NEWUSER+%s %s", name, in_child(clone_flags, flag | CLONE_NEWUSER));
        }
        say("clone3 NEWUSER+%s %s", name, in_child(clone3_flags, flag | CLONE_NEWUSER));
    }
    say("clone3 plain %s", in_child(clone3_flags, 0));
    say("clone3 invalid %s", in_child(clone3_invalid, 0));
    return 0;
}

static void *set_flag(void *flag) {
    *(int *)flag = 1;
    return NULL;
}

extern char **environ;

/// works: what every honest program needs and a filter on clone could break.
int probe_works(int argc, char **argv) {
    (void)argc, (void)argv;
    int flag = 0, status = -1;
    pthread_t thread;
    if (pthread_create(&thread, NULL, set_flag, &flag) == 0) pthread_join(thread, NULL);
    say("pthread %s", flag ? "ok" : "failed");
    pid_t child = fork();
    if (child == 0) _exit(7);
    say("fork %s", child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7 ? "ok" : "failed");
    child = vfork();
    if (child == 0) _exit(8);
    say("vfork %s", child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 8 ? "ok" : "failed");
    char *arguments[] = {"probe", "true", NULL};
    int code = posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ);
    say("posix_spawn %s", code == 0 && waitpid(child, &status, 0) == child && status == 0 ? "ok" : "failed");
    FILE *shell = popen("echo hello", "re");
    char line[16] = "";
    char *got = shell ? fgets(line, sizeof line, shell) : NULL;
    say("popen %s", got && strcmp(line, "hello\n") == 0 ? "ok" : "failed");
    if (shell) pclose(shell);
    return 0;
}
