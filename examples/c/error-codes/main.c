#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the text is a whole number that fits; *reason says why not. */
static bool parse(const char *text, int *value, const char **reason) {
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (end == text) {
        *reason = "no digits";
    } else if (*end != '\0') {
        *reason = "something is left behind the number";
    } else if (errno != 0) {
        *reason = strerror(errno);
    } else if (number < INT_MIN || number > INT_MAX) {
        *reason = "too large for an int";
    } else {
        *value = (int)number;
        return true;
    }
    return false;
}

int main(void) {
    const char *texts[] = {"42", "-7", "12 apples", "apples", "99999999999", "999999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int value;
        const char *reason;
        if (parse(texts[i], &value, &reason))
            printf("%s is %d\n", texts[i], value);
        else
            printf("%s: %s\n", texts[i], reason);
    }
    return 0;
}
