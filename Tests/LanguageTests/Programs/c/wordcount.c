#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct count {
    char *word;
    int times;
};

static struct count *counts;
static size_t different;

static void add(const char *word) {
    for (size_t i = 0; i < different; i++) {
        if (strcmp(counts[i].word, word) == 0) {
            counts[i].times++;
            return;
        }
    }
    counts = realloc(counts, (different + 1) * sizeof *counts);
    char *copy = strdup(word);
    if (counts == NULL || copy == NULL) abort();
    counts[different++] = (struct count){copy, 1};
}

static int order(const void *left, const void *right) {
    const struct count *a = left, *b = right;
    return a->times != b->times ? b->times - a->times : strcmp(a->word, b->word);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    int lines = 0, words = 0;
    while (getline(&line, &room, stdin) != -1) {
        lines++;
        for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
            words++;
            add(word);
        }
    }
    free(line);
    qsort(counts, different, sizeof *counts, order);
    printf("%d %d %zu\n", lines, words, different);
    for (size_t i = 0; i < 5 && i < different; i++) printf("%d %s\n", counts[i].times, counts[i].word);
}
