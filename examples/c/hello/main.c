#include <stdio.h>
#include <string.h>

int main(void) {
    char name[64];
    if (fgets(name, sizeof name, stdin) == NULL) {
        fputs("nobody there\n", stderr);
        return 1;
    }
    name[strcspn(name, "\n")] = '\0';
    printf("Hello, %s! Your name has %zu bytes.\n", name, strlen(name));
    return 0;
}
