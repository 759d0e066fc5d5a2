// cc ARGUMENT...: what `gcc ARGUMENT...` does, sooner. gcc's own drivers (gcc, collect2, the linker's plugin) take a fifth of
// the time of a short program. For the very command that plan.h was made from (make-cc) this starts what they would start, with their
// words; everything else is gcc's. The same program comes out, with the same messages: where the linker has anything to say, it
// is asked again, by collect2.
#define _GNU_SOURCE
#include "plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/// Starts a program; what `from` is, a descriptor, becomes its `to`. The pid, or it is the end.
static pid_t start(const char *path, char **words, int from, int to) {
    pid_t pid = vfork();
    if (pid == 0) {
        if (dup2(from, to) < 0 || (to == STDOUT_FILENO && path == linker && dup2(from, STDERR_FILENO) < 0)) _exit(127);
        execvp(path, words);
        _exit(127);
    }
    if (pid < 0) exit(1);
    return pid;
}

/// Whether it has ended well. One that was killed is told of in gcc's words.
static int has_succeeded(pid_t pid, const char *name) {
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) return 0;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGPIPE)
        fprintf(stderr, "gcc: fatal error: %s signal terminated program %s\ncompilation terminated.\n", strsignal(WTERMSIG(status)), name);
    return status == 0;
}

int main(int count, char **arguments) {
    int same = 1;
    while (same < count && command[same - 1] && strcmp(arguments[same], command[same - 1]) == 0) same++;
    if (same != count || command[same - 1]) {
        arguments[0] = "gcc";
        execvp("gcc", arguments);
        return 1;
    }

    int ends[2], said = memfd_create("said", MFD_CLOEXEC);
    if (said < 0 || pipe2(ends, O_CLOEXEC) < 0) return 1;
    pid_t compiling = start(compiler[0], compiler, ends[1], STDOUT_FILENO);
    pid_t assembling = start(assembler[0], assembler, ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    int is_compiled = has_succeeded(compiling, "cc1"), is_assembled = has_succeeded(assembling, "as");
    if (!is_compiled || !is_assembled) return 1;

    // The linker without the plugin, which is for objects that hold no code yet.
    char **words = collector, *direct[256];
    int number = 0;
    direct[number++] = linker;
    while (*++words && number < 255) {
        if (strcmp(*words, "-plugin") == 0) words++;
        else if (strncmp(*words, "-plugin-opt=", 12) != 0 && strncmp(*words, "-fuse-ld=", 9) != 0) direct[number++] = *words;
    }
    direct[number] = NULL;
    int status = 0;
    struct stat file;
    if (waitpid(start(linker, direct, said, STDOUT_FILENO), &status, 0) > 0 && status == 0 && fstat(said, &file) == 0 && file.st_size == 0)
        return 0;
    for (char **variable = variables; *variable; variable++) putenv(*variable);
    execv(collector[0], collector);
    return 1;
}
