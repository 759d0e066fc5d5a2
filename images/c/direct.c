// The drivers of gcc (gcc, collect2, the linker's plugin) take a fifth of the time of a short program. For the very command that plan.h was
// made from (make-cc) this starts what they would start, with their words. The same program comes out, with the same messages: where the
// linker has anything to say, it is asked again, by collect2.
#define _GNU_SOURCE
#include "direct.h"
#include "plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAXIMUM_WORDS = 256 };
static char linker[] = "/usr/bin/ld.gold";

void become(const char *name, char **words) {
    words[0] = (char *)name;
    execvp(name, words);
    perror(name);
    exit(1);
}

int is_usual(char **words) {
    size_t same = 0;
    while (words[same] && command[same] && strcmp(words[same], command[same]) == 0) same++;
    return !words[same] && !command[same];
}

/// What becomes of a new process's 0, 1 and 2; -1 where they stay.
struct streams {
    int in, out, error;
};

/// Starts a program. The pid, or it is the end.
static pid_t start(char **words, char **environment, struct streams streams) {
    pid_t pid = vfork();
    if (pid == 0) {
        int wanted[] = {streams.in, streams.out, streams.error};
        for (int i = 0; i < 3; i++)
            if (wanted[i] >= 0 && wanted[i] != i && dup2(wanted[i], i) < 0) _exit(127);
        execvpe(words[0], words, environment);
        _exit(127);
    }
    if (pid < 0) exit(1);
    return pid;
}

/// Whether it has ended well. One that was killed is told of in the driver's words.
static int has_succeeded(pid_t pid, const char *name) {
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) return 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
        fprintf(stderr, "%s: fatal error: %s signal terminated program %s\ncompilation terminated.\n", driver, strsignal(WTERMSIG(status)), name);
    return status == 0;
}

/// The words of `first`, up to its NULL, and behind them those of `second`.
static void join(char **into, char **first, char **second) {
    size_t count = 0;
    while (*first && count < MAXIMUM_WORDS - 1) into[count++] = *first++;
    while (second && *second && count < MAXIMUM_WORDS - 1) into[count++] = *second++;
    into[count] = NULL;
}

int compile_directly(char **more, int messages) {
    int ends[2];
    char *words[MAXIMUM_WORDS];
    join(words, compiler, more);
    if (pipe2(ends, O_CLOEXEC) < 0) return 0;
    pid_t compiling = start(words, environ, (struct streams){-1, ends[1], messages});
    pid_t assembling = start(assembler, environ, (struct streams){ends[0], -1, -1});
    close(ends[0]);
    close(ends[1]);
    int is_compiled = has_succeeded(compiling, strrchr(compiler[0], '/') + 1), is_assembled = has_succeeded(assembling, assembler[0]);
    return is_compiled && is_assembled;
}

void link_directly(const char *without) {
    // Without the plugin, which is for objects that hold no code yet. Mapping a file in parts instead of whole touches fewer pages of libraries.
    char *own[MAXIMUM_WORDS] = {linker, "--no-map-whole-files"};
    int number = 2;
    for (char **word = collector + 1; *word && number < MAXIMUM_WORDS - 1; word++) {
        if (without && strcmp(*word, without) == 0) continue;
        if (strcmp(*word, "-plugin") == 0) word++;
        else if (strncmp(*word, "-plugin-opt=", 12) != 0 && strncmp(*word, "-fuse-ld=", 9) != 0) own[number++] = *word;
    }
    // It allocates 4 MB in all and frees nothing before its end: one piece of memory, instead of many that are given back and taken again.
    char *room[MAXIMUM_WORDS], *tuning[] = {"GLIBC_TUNABLES=glibc.malloc.top_pad=4194304", NULL};
    join(room, environ, tuning);
    int said = memfd_create("said", MFD_CLOEXEC), status = 0;
    if (said < 0) exit(1);
    struct stat file;
    if (waitpid(start(own, room, (struct streams){-1, said, said}), &status, 0) > 0 && status == 0 && fstat(said, &file) == 0 && file.st_size == 0)
        exit(0);
    for (char **variable = variables; *variable; variable++) putenv(*variable);
    become(collector[0], collector);
}
