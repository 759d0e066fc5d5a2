#include <stdio.h>
#include <stdlib.h>

struct node {
    int value;
    struct node *next;
};

static void append(struct node **list, int value) {
    struct node *node = malloc(sizeof *node);
    if (node == NULL) abort();
    *node = (struct node){.value = value, .next = NULL};
    while (*list != NULL) list = &(*list)->next;
    *list = node;
}

static struct node *reversed(struct node *list) {
    struct node *result = NULL;
    while (list != NULL) {
        struct node *next = list->next;
        list->next = result;
        result = list;
        list = next;
    }
    return result;
}

static void print(const struct node *list) {
    for (; list != NULL; list = list->next) printf("%d%s", list->value, list->next ? " -> " : "\n");
}

int main(void) {
    struct node *list = NULL;
    for (int i = 1; i <= 5; i++) append(&list, i * i);
    print(list);
    list = reversed(list);
    print(list);
    while (list != NULL) {
        struct node *next = list->next;
        free(list);
        list = next;
    }
    return 0;
}
