#include <stdio.h>

int main(void) {
    FILE *file = fopen("lines.txt", "w");
    if (file == NULL) return 1;
    for (int n = 1; n <= 1000; n++) fprintf(file, "line %d\n", n);
    if (fclose(file) != 0) return 1;

    file = fopen("lines.txt", "r");
    if (file == NULL) return 1;
    int lines = 0;
    for (int character; (character = getc(file)) != EOF;) lines += character == '\n';
    fclose(file);
    printf("%d\n", lines);
}
