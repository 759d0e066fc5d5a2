#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct runner {
    const char *name;
    int minutes;
};

/* By time; those with the same time by name. */
static int compare(const void *left, const void *right) {
    const struct runner *a = left, *b = right;
    if (a->minutes != b->minutes) return (a->minutes > b->minutes) - (a->minutes < b->minutes);
    return strcmp(a->name, b->name);
}

int main(void) {
    struct runner runners[] = {{"Zoe", 251}, {"Ben", 238}, {"Ada", 251}, {"Tim", 195}};
    size_t count = sizeof runners / sizeof runners[0];
    qsort(runners, count, sizeof runners[0], compare);
    for (size_t i = 0; i < count; i++)
        printf("%zu. %-4s %d:%02d\n", i + 1, runners[i].name, runners[i].minutes / 60, runners[i].minutes % 60);
    return 0;
}
