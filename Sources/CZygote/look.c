// The moment at which an interpreter has booted and is about to begin: its first look at its script.
#include "library.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// As many bytes of modules as a specification can name (Interpreter.maximumBytes).
enum { SOCKET = 3, LIBRARY = 5, MAXIMUM_MODULES = 16384 };

static char script[256];
static char modules[MAXIMUM_MODULES];
static const struct language *language;
/// What the interpreter loads last before its script, if its first mention is the moment; NULL when that is the script's.
static const char *last_file;
/// Set from the constructor to the first look.
static int is_armed;
/// The thread that started the process; a zygote may fork in no other.
static pid_t main_thread;

static void copy_variable(const char *name, char *into, size_t size) {
    const char *value = getenv(name);
    into[0] = 0;
    if (value && strlen(value) < size) strcpy(into, value);
}

__attribute__((constructor)) static void begin(void) {
    copy_variable("NESTBOX_ZYGOTE_SCRIPT", script, sizeof script);
    if (!script[0]) return;
    main_thread = gettid();
    is_armed = 1;
    // What an interpreter prints with stdio comes as it is written. Reading by the line is no different, but for what it says to the
    // C library: before it waits for input, what stdout has goes out. (images/c/live.c does the same for what is compiled.)
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    setvbuf(stdin, NULL, _IOLBF, BUFSIZ);
    const char *name = getenv("NESTBOX_ZYGOTE_LANGUAGE");
    // Booted in its sandbox: it may execute itself again before it gets there, and then needs all of this again.
    if (!name) {
        pack_variables();
        return;
    }
    language = find_language(name);
    if (!language) {
        fprintf(stderr, "zygote: no language %s\n", name);
        _exit(1);
    }
    if (language->last_file) last_file = language->last_file();
    copy_variable("NESTBOX_ZYGOTE_MODULES", modules, sizeof modules);
    static const char *const variables[] = {"NESTBOX_ZYGOTE_SCRIPT", "NESTBOX_ZYGOTE_LANGUAGE",
                                            "NESTBOX_ZYGOTE_MODULES", "LD_PRELOAD"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
    close(LIBRARY);
}

int is_booting(void) {
    return !language && __atomic_load_n(&is_armed, __ATOMIC_RELAXED) && getpid() == main_thread;
}

static int is_script(const char *path) {
    if (last_file) return strcmp(path, last_file) == 0;
    if (strncmp(path, "./", 2) == 0) path += 2;
    else if (strncmp(path, "/box/", 5) == 0) path += 5;
    return strcmp(path, script) == 0;
}

/// Whether the program's environment is, in any order, the one that is here.
static int is_same(const struct nestbox_order *order) {
    uint32_t count = 0;
    while (environ[count]) count++;
    if (count != order->environment) return 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = 0;
        while (j < count && strcmp(environ[j], order->variable[i]) != 0) j++;
        if (j == count) return 0;
    }
    return 1;
}

/// The job's environment in the job's order, even when it only differs in that. List and strings are allocated, and the list
/// stays where it is if it fits: perl frees both at its end unless the list is where it was at the start.
static void replace_environment(const struct nestbox_order *order) {
    uint32_t room = 0;
    while (environ[room]) room++;
    char **list = environ;
    if (order->environment > room) list = malloc((order->environment + 1) * sizeof *list);
    if (!list) _exit(125);
    for (uint32_t i = 0; i < order->environment; i++)
        if (!(list[i] = strdup(order->variable[i]))) _exit(125);
    list[order->environment] = NULL;
    environ = list;
}

/// New threads get stacks as in a fresh process: the C library asked for the limit when the interpreter started, before it
/// was this sandbox's.
static void renew_thread_stacks(void) {
    struct rlimit stack;
    pthread_attr_t attributes;
    if (getrlimit(RLIMIT_STACK, &stack) < 0 || pthread_getattr_default_np(&attributes) != 0) return;
    if (pthread_attr_setstacksize(&attributes, stack.rlim_cur) == 0) pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

static void become(const struct nestbox_order *order) {
    if (language && language->is_overtaken && language->is_overtaken(script)) nestbox_re_execute(order);
    if (language) renew_thread_stacks();
    int same = is_same(order);
    replace_environment(order);
    if (language) language->apply(order, same);
}

/// What an interpreter must not have when it has booted: a fork would lose its threads, and nobody would end its processes.
static void check_boot(void) {
    struct stat status;
    const char *trouble = NULL;
    if (getpid() != main_thread) trouble = "a module has forked, and gone on in the child";
    else if (waitpid(-1, NULL, WNOHANG) >= 0) trouble = "a module has started a process, and not waited for its end";
    else if (stat("/proc/self/task", &status) < 0 || status.st_nlink != 3) trouble = "a module has started a thread";
    if (!trouble) return;
    fprintf(stderr, "zygote: %s\n", trouble);
    _exit(1);
}

/// Forks without a sandbox, and without what modules do at a fork, which is for sandboxes. Whether this is the child.
static int fork_trainee(void) {
    if (!language->hooks.fork) return fork() == 0;
    language->hooks.fork();
    return getpid() != main_thread;
}

static void serve(void) {
    if (gettid() != main_thread || getpid() != main_thread) {
        fprintf(stderr, "zygote: the script was looked at by another thread or process than the first\n");
        _exit(1);
    }
    if (language->boot(modules) < 0) _exit(1);
    check_boot();
    fflush(NULL);
    if (train(fork_trainee, language->practise)) {
        const struct nestbox_order empty = {2, 0, NULL, NULL};
        language->apply(&empty, 1);
        return;
    }
    become(nestbox_zygote_serve(SOCKET, &language->hooks));
}

int take_script(const char *path) {
    return __atomic_load_n(&is_armed, __ATOMIC_RELAXED) && !language && path && is_script(path) &&
           __atomic_exchange_n(&is_armed, 0, __ATOMIC_RELAXED);
}

const struct nestbox_order *park_here(void) {
    close(LIBRARY);
    return nestbox_park(SOCKET);
}

void look(const char *path, int is_stream) {
    if (!__atomic_load_n(&is_armed, __ATOMIC_RELAXED) || !path || !is_script(path)) return;
    if (language && language->is_streamed && !is_stream) return;
    if (!__atomic_exchange_n(&is_armed, 0, __ATOMIC_RELAXED)) return;
    int error = errno;
    if (language) {
        serve();
    } else {
        become(park_here());
    }
    errno = error;
}
