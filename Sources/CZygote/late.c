// Interpreters that open their script when they have only read their command line: R. They boot, and then read. What they
// get for a script is a stream, and the moment of booting's end is its first read.
#include "library.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The script that is to be read, and by what: a file that does not exist before there is a program.
struct late_script {
    int has_parked;
    int descriptor;
    char path[];
};

/// The job's variables over what is there. Such interpreters are started by scripts, and set variables of their own while
/// they boot: those stay, as they would in one that is started with the job's.
static void add_environment(const struct nestbox_order *order) {
    for (uint32_t i = 0; i < order->environment; i++) {
        const char *equals = strchr(order->variable[i], '=');
        char *name = equals ? strndup(order->variable[i], (size_t)(equals - order->variable[i])) : NULL;
        if (!name || setenv(name, equals + 1, 1) < 0) _exit(125);
        free(name);
    }
}

static ssize_t late_read(void *cookie, char *bytes, size_t count) {
    struct late_script *script = cookie;
    if (!script->has_parked) {
        script->has_parked = 1;
        add_environment(park_here());
        script->descriptor = open(script->path, O_RDONLY | O_CLOEXEC);
    }
    return read(script->descriptor, bytes, count);
}

static int late_close(void *cookie) {
    struct late_script *script = cookie;
    if (script->descriptor >= 0) close(script->descriptor);
    free(script);
    return 0;
}

FILE *open_late(const char *path) {
    if (strcmp(program_invocation_short_name, "R") != 0 || !take_script(path)) return NULL;
    struct late_script *script = malloc(sizeof *script + strlen(path) + 1);
    if (!script) return NULL;
    script->has_parked = 0;
    script->descriptor = -1;
    strcpy(script->path, path);
    const cookie_io_functions_t functions = {.read = late_read, .close = late_close};
    return fopencookie(script, "r", functions);
}
