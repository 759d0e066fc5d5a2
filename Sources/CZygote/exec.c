// An interpreter that boots in its sandbox may be a script that executes a program that executes another, so what this library
// has to know travels in variables, like the library itself (LD_PRELOAD). No interpreter shall find them among its variables:
// some copy those when they start, and would hand them to what the program executes. So they are taken away immediately, and put
// back when it executes another in its own place before the first look at the script. What it starts beside itself is none.
#include "library.h"
#include <alloca.h>
#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

enum { TRAVELLERS = 2, MAXIMUM = 512 };
static const char *const names[TRAVELLERS] = {"LD_PRELOAD=", "NESTBOX_ZYGOTE_SCRIPT="};
/// `NAME=VALUE`, empty for those that are not there. The script's name has at most 255 bytes (`Interpreter`).
static char travellers[TRAVELLERS][MAXIMUM];

void pack_variables(void) {
    // Without unsetenv: shells have one of their own, which does nothing yet.
    char **kept = environ;
    for (char **entry = environ; *entry; entry++) {
        size_t i = 0;
        while (i < TRAVELLERS && strncmp(*entry, names[i], strlen(names[i])) != 0) i++;
        if (i == TRAVELLERS) *kept++ = *entry;
        else if (strlen(*entry) < MAXIMUM) strcpy(travellers[i], *entry);
    }
    *kept = NULL;
}

static size_t count(char *const list[]) {
    size_t number = 0;
    while (list && list[number]) number++;
    return number;
}

/// Copies the list, with the travellers behind it until the interpreter has booted. Allocates nothing: the caller may be a child
/// that shares its parent's memory.
static char *const *unpack(char *const list[], char **room) {
    if (!is_booting()) return list;
    size_t number = count(list);
    if (number) memcpy(room, list, number * sizeof *room);
    for (size_t i = 0; i < TRAVELLERS; i++)
        if (travellers[i][0]) room[number++] = travellers[i];
    room[number] = NULL;
    return room;
}

#define ROOM(list) alloca((count(list) + TRAVELLERS + 1) * sizeof(char *))

typedef int execution(const char *, char *const[], char *const[]);
static execution *next_execve, *next_execvpe;

/// Found when the library is loaded: a child of a process with threads may not wait for the loader's lock.
__attribute__((constructor)) static void find(void) {
    next_execve = (execution *)dlsym(RTLD_NEXT, "execve");
    next_execvpe = (execution *)dlsym(RTLD_NEXT, "execvpe");
}

int execve(const char *path, char *const arguments[], char *const environment[]) {
    char **room = ROOM(environment);
    return next_execve(path, arguments, unpack(environment, room));
}

int execvpe(const char *file, char *const arguments[], char *const environment[]) {
    char **room = ROOM(environment);
    return next_execvpe(file, arguments, unpack(environment, room));
}

// glibc's own call each other by no name that could be stood in for.
int execv(const char *path, char *const arguments[]) { return execve(path, arguments, environ); }

int execvp(const char *file, char *const arguments[]) { return execvpe(file, arguments, environ); }
