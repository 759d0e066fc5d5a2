#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Puts the number in `text` into `number`. Returns 0, or what is wrong. */
static int parse(const char *text, long *number) {
    char *end;
    errno = 0;
    *number = strtol(text, &end, 10);
    return errno != 0 ? errno : end == text || *end != '\0' ? EINVAL : 0;
}

int main(void) {
    long number;
    if (parse("12x", &number) != 0) {
        puts("caught");
        return 3;
    }
    return 0;
}
