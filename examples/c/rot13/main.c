#include <stdio.h>

static int rot13(int character) {
    /* Replace this line: it changes nothing. */
    return character;
}

int main(void) {
    int character;
    while ((character = getchar()) != EOF) putchar(rot13(character));
    return 0;
}
