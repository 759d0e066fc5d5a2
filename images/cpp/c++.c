// c++ ARGUMENT...: what `g++ ARGUMENT...` does, sooner: with precompiled headers, and the usual command without g++'s drivers. The
// same program comes out, with the same messages.
#define _GNU_SOURCE
#include "direct.h"
#include "headers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAXIMUM_WORDS = 512 };

/// Paths never begin with -.
static int is_source(const char *word) {
    static const char *const ends[] = {".cpp", ".cc", ".cxx", ".c++"};
    const char *end = strrchr(word, '.');
    for (size_t i = 0; *word != '-' && end && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(end, ends[i]) == 0) return 1;
    return 0;
}

/// Compiles, and links if the words say so, with `more` words in front; messages go to the descriptor. The exit status: for the
/// usual command, whose program would be linked next, that of the compiler.
static int compile(char **words, char **more, int is_direct, int messages) {
    if (is_direct) return compile_directly(more, messages) ? 0 : 1;
    char *all[MAXIMUM_WORDS] = {driver};
    size_t count = 1;
    for (; more && *more; more++) all[count++] = *more;
    for (char **word = words + 1; *word && count < MAXIMUM_WORDS - 1; word++) all[count++] = *word;
    pid_t pid = vfork();
    if (pid == 0) {
        if (dup2(messages, STDERR_FILENO) < 0) _exit(127);
        execvp(driver, all);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/// Writes to stderr what is in the file.
static void pass_on(int file) {
    char bytes[1 << 14];
    if (lseek(file, 0, SEEK_SET) < 0) return;
    for (ssize_t count; (count = read(file, bytes, sizeof bytes)) > 0;)
        for (ssize_t done = 0, written; done < count; done += written)
            if ((written = write(STDERR_FILENO, bytes + done, (size_t)(count - done))) <= 0) return;
}

static _Noreturn void finish(char **words, char **more, int is_direct) {
    int status = compile(words, more, is_direct, STDERR_FILENO);
    if (is_direct && status == 0) link_directly(NULL);
    exit(status);
}

/// The words name this source and no other.
static _Noreturn void compile_one(char **words, const char *source) {
    int is_direct = is_usual(words + 1);
    struct choice choice = choose(source);
    char path[128] = PRECOMPILED;
    if (choice.place == AMONG) snprintf(path, sizeof path, PRECOMPILED "/%s", choice.name);
    char *more[] = {choice.place == AMONG ? "-include" : "-isystem", path, NULL};
    // On a terminal messages have colours, and are not kept back.
    int messages = choice.place == NOWHERE || isatty(STDERR_FILENO) ? -1 : memfd_create("messages", MFD_CLOEXEC);
    if (messages >= 0) {
        // An error may also propose what is declared in another order now. Warnings about the source alone stay.
        int status = compile(words, more, is_direct, messages);
        if ((status == 0 || choice.place != AMONG) && !are_affected(messages, choice.place)) {
            pass_on(messages);
            if (is_direct && status == 0) link_directly(NULL);
            exit(status);
        }
    }
    if (!is_direct) become(driver, words);
    finish(words, NULL, is_direct);
}

/// Compiles one of several sources to an object: words of the linker are left out. Ends this process.
static _Noreturn void compile_object(char **words, char *source, char *object) {
    char *own[MAXIMUM_WORDS] = {driver};
    size_t count = 1;
    for (char **word = words + 1; *word && count < MAXIMUM_WORDS - 4; word++) {
        size_t length = strlen(*word);
        if (strcmp(*word, "-o") == 0) word++;
        else if (strcmp(*word, "-lm") == 0 || (length > 7 && strcmp(*word + length - 7, "/live.o") == 0)) continue;
        else if (!is_source(*word) || *word == source) own[count++] = *word;
    }
    own[count++] = "-c";
    own[count++] = "-o";
    own[count++] = object;
    own[count] = NULL;
    compile_one(own, source);
}

int main(int count, char **words) {
    char *source = NULL;
    int number = 0;
    for (int i = 1; i < count; i++) {
        // What is in a precompiled header would not be checked.
        if (strncmp(words[i], "-fsanitize=", 11) == 0) become(driver, words);
        if (is_source(words[i])) {
            number++;
            source = words[i];
        }
    }
    if (count >= MAXIMUM_WORDS - 8 || number == 0) become(driver, words);
    if (number == 1) compile_one(words, source);

    // Several: each by itself, then all together.
    char *linked[MAXIMUM_WORDS] = {NULL};
    int has_failed = 0;
    number = 0;
    for (int i = 1; i < count; i++) {
        linked[i] = words[i];
        if (!is_source(words[i])) continue;
        if (asprintf(&linked[i], "/tmp/%d.o", ++number) < 0) return 1;
        pid_t pid = fork();
        if (pid == 0) compile_object(words, words[i], linked[i]);
        int status = 1;
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) has_failed = 1;
    }
    if (has_failed) return 1;
    become(driver, linked);
}
