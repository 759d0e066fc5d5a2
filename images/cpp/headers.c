// g++ takes a precompiled header for the first include of a source and for no other. So where a source begins with standard
// includes, whose order means nothing, those that are precompiled come first.
#define _GNU_SOURCE
#include "headers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sets[] = {
#include "sets.h"
};

enum { MAXIMUM = 4096 };

static int has_prefix(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/// Whether all headers of the set, between commas, are in the list, which has commas around each.
static int are_all_in(const char *list, const char *set) {
    char name[64];
    for (const char *next = set; *next; next += strspn(next, ",")) {
        size_t length = strcspn(next, ",");
        snprintf(name, sizeof name, ",%.*s,", (int)length, next);
        if (!strstr(list, name)) return 0;
        next += length;
    }
    return 1;
}

struct choice choose(const char *source) {
    struct choice choice = {NOWHERE, NULL};
    char list[MAXIMUM] = ",", first[MAXIMUM] = "", *line = NULL;
    size_t size = 0, used = 1;
    int number = 0, place = 0;
    FILE *file = fopen(source, "re");
    if (!file) return choice;
    for (ssize_t length; (length = getline(&line, &size, file)) > 0;) {
        number++;
        if (line[length - 1] != '\n') break; // its last line is no include that could be followed by anything
        line[--length] = 0;
        if (strlen(line) != (size_t)length || (length > 0 && line[length - 1] == '\\') || strstr(line, "/*")) break;
        if (length == 0 || has_prefix(line, "//")) continue;
        if (!has_prefix(line, "#include <") && !has_prefix(line, "#include<")) break;
        char *name = strchr(line, '<') + 1, *end = strchr(name, '>');
        if (!end || used + (size_t)(end - name) + 2 > sizeof list) break;
        *end = 0;
        if (!place) {
            place = number;
            strcpy(first, name);
        }
        used += (size_t)sprintf(list + used, "%s,", name);
    }
    free(line);
    fclose(file);
    for (size_t i = 0; i < sizeof sets / sizeof *sets && !choice.name; i++)
        if (are_all_in(list, sets[i])) choice.name = sets[i];
    if (!choice.name) return choice;
    if (strcmp(choice.name, first) != 0) choice.place = AMONG;
    else choice.place = place == 1 && strcmp(source, "main.cpp") == 0 ? USUAL : FIRST;
    return choice;
}

static int ends_with(const char *line, size_t length, const char *end) {
    size_t size = strlen(end);
    return length >= size && memcmp(line + length - size, end, size) == 0;
}

int are_affected(int messages, enum place place) {
    char *line = NULL;
    size_t size = 0;
    int is_affected = 0;
    FILE *file = lseek(messages, 0, SEEK_SET) == 0 ? fdopen(dup(messages), "r") : NULL;
    if (!file) return 1;
    for (ssize_t length; !is_affected && (length = getline(&line, &size, file)) > 0;) {
        if (line[length - 1] == '\n') line[--length] = 0;
        // A source that includes itself looks for the header again.
        if (place == USUAL) is_affected = strstr(line, PRECOMPILED) != NULL;
        else if (strstr(line, "#include")) is_affected = 1;
        // It was made from a main.cpp that includes the header in line 1, and messages that have to do with its place say so.
        else if (place == FIRST) is_affected = ends_with(line, (size_t)length, "from main.cpp:1:") || ends_with(line, (size_t)length, "from main.cpp:1,");
        else is_affected = strstr(line, "/usr/") || strstr(line, " from ");
    }
    free(line);
    fclose(file);
    return is_affected;
}
