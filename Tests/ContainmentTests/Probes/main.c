// The containment probe: dispatch and the helpers every subcommand uses.
#include "probe.h"
#include <poll.h>
#include <stdarg.h>
#include <sys/prctl.h>

void say(const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if ((size_t)length > sizeof line - 2) length = sizeof line - 2;
    line[length++] = '\n';
    for (int done = 0; done < length;) {
        ssize_t count = write(1, line + done, (size_t)(length - done));
        if (count < 0 && errno != EINTR) return;
        if (count > 0) done += (int)count;
    }
}

const char *answer(long result) {
    if (result != -1) return "ok";
    const char *name = strerrorname_np(errno);
    return name ? name : "E?";
}

long call6(long number, long a, long b, long c, long d, long e, long f) { return syscall(number, a, b, c, d, e, f); }

const char *in_child(long (*body)(long), long argument) {
    static char text[32];
    int ends[2];
    if (pipe(ends) != 0) return "PIPE";
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return "FORK";
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        errno = 0;
        int code = body(argument) == -1 ? errno : 0;
        if (write(ends[1], &code, sizeof code) < 0) _exit(1);
        _exit(0);
    }
    close(ends[1]);
    struct pollfd wait = {.fd = ends[0], .events = POLLIN};
    int code = -1, ready = poll(&wait, 1, 300);
    if (ready <= 0 || read(ends[0], &code, sizeof code) != sizeof code) code = -1;
    close(ends[0]);
    if (ready == 0) {
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        return "BLOCKS";
    }
    int status = 0;
    kill(child, SIGCONT);
    if (code >= 0) kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (code == 0) return "ok";
    if (code > 0) {
        errno = code;
        return answer(-1);
    }
    if (!WIFSIGNALED(status)) return "EXIT";
    snprintf(text, sizeof text, "SIG%s", sigabbrev_np(WTERMSIG(status)));
    return text;
}

static int probe_true(int argc, char **argv) {
    (void)argc, (void)argv;
    return 0;
}

static const struct {
    const char *name;
    probe_function *run;
} probes[] = {
    {"true", probe_true},
    {"posture", probe_posture},
    {"fds", probe_fds},
    {"calls", probe_calls},
    {"sweep", probe_sweep},
    {"int80", probe_int80},
    {"clone", probe_clone},
    {"works", probe_works},
    {"sockets", probe_sockets},
    {"tty", probe_tty},
    {"cat", probe_cat},
    {"tty-control", probe_tty_control},
    {"list", probe_list},
    {"open", probe_open},
    {"nodes", probe_nodes},
    {"sysctl", probe_sysctl},
    {"setuid", probe_setuid},
    {"ids", probe_ids},
    {"ipc", probe_ipc},
    {"processes", probe_processes},
    {"signals", probe_signals},
    {"pipes", probe_pipes},
    {"hold", probe_hold},
    {"end", probe_end},
    {"daemon", probe_daemon},
    {"comet", probe_comet},
    {"spoof", probe_spoof},
    {"link", probe_link},
    {"fifo", probe_fifo},
    {"write", probe_write},
    {"keys", probe_keys},
    {"rewrite", probe_rewrite},
    {"fill", probe_fill},
    {"echo", probe_echo},
    {"deaf", probe_deaf},
    {"arguments", probe_arguments},
    {"locks", probe_locks},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof probes / sizeof *probes; i++)
        if (strcmp(argv[1], probes[i].name) == 0) return probes[i].run(argc - 1, argv + 1);
    fprintf(stderr, "probe: no such subcommand\n");
    return 64;
}
