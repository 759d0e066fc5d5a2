// The shapes an action of end.c can take, and the fillers.
#include "end.h"
#include <pthread.h>
#include <sys/xattr.h>

/// Ends this process the way a child of it ended.
static int follow(int status) {
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
    return 128 + WTERMSIG(status);
}

static int run_tree(int (*act)(void), int depth) {
    if (depth == 0) return act();
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(run_tree(act, depth - 1));
    }
    int first = 0;
    for (int i = 0; i < 2; i++) {
        int status = 0;
        if (children[i] > 0 && waitpid(children[i], &status, 0) > 0 && status != 0 && first == 0) first = status;
    }
    return follow(first);
}

static void *run_thread(void *act) { return (void *)(intptr_t)(*(int (**)(void))act)(); }

static int run_threads(int (*act)(void)) {
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, run_thread, &act) != 0) return 70;
    int worst = 0;
    for (int i = 0; i < 3; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        if (result) worst = (int)(intptr_t)result;
    }
    return worst;
}

/// An action that ends its process runs here, beside an idle daemon; any other runs in the daemon, and this process
/// waits for it to close its end of a pipe.
static int run_daemon(const struct action *action) {
    int ends[2];
    if (pipe(ends) != 0) return 70;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        setsid();
        if (fork() != 0) _exit(0);
        alarm(30);  // Nobody but the sandbox ends this process; outside one it must not stay for ever.
        if (action->ends) {
            for (;;) pause();
        }
        unsigned char code = (unsigned char)action->run();
        if (write(ends[1], &code, 1) < 0) _exit(1);
        _exit(code);
    }
    close(ends[1]);
    waitpid(child, NULL, 0);
    if (action->ends) return action->run();
    unsigned char code = 71;
    while (read(ends[0], &code, 1) < 0 && errno == EINTR) {}
    return code;
}

/// end SHAPE ACTION [MIB]
int probe_end(int argc, char **argv) {
    if (argc < 3) return 64;
    if (argc > 3) end_after = atol(argv[3]);
    for (const struct action *action = actions; action->name; action++) {
        if (strcmp(argv[2], action->name) != 0) continue;
        if (strcmp(argv[1], "single") == 0) return action->run();
        if (strcmp(argv[1], "tree") == 0) return run_tree(action->run, 2);
        if (strcmp(argv[1], "threads") == 0) return run_threads(action->run);
        if (strcmp(argv[1], "daemon") == 0) return run_daemon(action);
    }
    return 64;
}

int fill(const char *what, long most) {
    static char block[65536];
    memset(block, 'f', sizeof block);
    char name[64], value[32];
    long made = 0;
    int fd = -1, result = 0;
    for (;; made++) {
        snprintf(name, sizeof name, "fill-%s-%d-%ld", what, getpid(), made);
        if (strcmp(what, "files") == 0) {
            fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0600);
            if ((result = fd) >= 0) close(fd);
        } else if (strcmp(what, "symlinks") == 0) {
            result = symlink("a-short-target", name);
        } else if (strcmp(what, "xattrs") == 0) {
            if (fd < 0) fd = open("attributes", O_CREAT | O_WRONLY, 0600);
            snprintf(name, sizeof name, "user.a%ld", made);
            snprintf(value, sizeof value, "%ld", made);
            result = fsetxattr(fd, name, value, strlen(value), 0);
        } else {
            if (strcmp(what, "bytes") != 0) snprintf(name, sizeof name, "one-big-file");
            if (strcmp(what, "bytes") == 0 ? made % 16 == 0 : fd < 0) {
                if (fd >= 0) close(fd);
                fd = open(name, O_CREAT | O_WRONLY | O_APPEND, 0600);
            }
            result = fd < 0 ? -1 : (int)write(fd, block, sizeof block);
        }
        if (result < 0 || made >= most) break;
    }
    say("filled %s %ld %s", what, made, answer(result));
    return result < 0;
}

/// fill WHAT [COUNT]: see fill(); ends well.
int probe_fill(int argc, char **argv) {
    if (argc < 2) return 64;
    fill(argv[1], argc > 2 ? atol(argv[2]) : 2000000);
    return 0;
}
