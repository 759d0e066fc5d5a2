#include <stdio.h>

int main(void) {
    char name[64];
    int number;

    printf("What is your name? ");
    fflush(stdout);
    if (scanf("%63s", name) != 1) return 1;
    printf("And a number? ");
    fflush(stdout);
    if (scanf("%d", &number) != 1) return 1;
    printf("Hello, %s! %d times 7 is %d.\n", name, number, number * 7);
    return 0;
}
