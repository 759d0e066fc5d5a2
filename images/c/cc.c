// cc ARGUMENT...: what `gcc ARGUMENT...` does, sooner: the usual command without gcc's drivers, everything else by gcc.
#include "direct.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Whether the source names a header of mathematics. To look through libm takes the linker a fifth of its time, and a program that asks nothing of
/// it does not name it either (--as-needed). One that does in spite of this is linked again, with it.
static int is_mathematical(const char *path) {
    static const char *const headers[] = {"math.h", "complex.h", "fenv.h"};
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int is_named = !file;
    while (!is_named && getline(&line, &size, file) > 0)
        for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) is_named |= strstr(line, headers[i]) != NULL;
    free(line);
    if (file) fclose(file);
    return is_named;
}

int main(int count, char **arguments) {
    if (count == 0 || !is_usual(arguments + 1)) become(driver, arguments);
    if (!compile_directly(NULL, STDERR_FILENO)) return 1;
    link_directly(is_mathematical("main.c") ? NULL : "-lm");
}
