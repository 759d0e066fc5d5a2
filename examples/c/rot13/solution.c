#include <stdio.h>

static int rot13(int character) {
    if (character >= 'a' && character <= 'z') return 'a' + (character - 'a' + 13) % 26;
    if (character >= 'A' && character <= 'Z') return 'A' + (character - 'A' + 13) % 26;
    return character;
}

int main(void) {
    int character;
    while ((character = getchar()) != EOF) putchar(rot13(character));
    return 0;
}
