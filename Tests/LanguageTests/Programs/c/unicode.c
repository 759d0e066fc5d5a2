#include <stdio.h>
#include <string.h>

static int continues(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

int main(void) {
    char line[256];
    if (fgets(line, sizeof line, stdin) == NULL) return 1;
    line[strcspn(line, "\n")] = '\0';
    size_t bytes = strlen(line), points = 0;
    for (size_t i = 0; i < bytes; i++) points += !continues(line[i]);
    printf("%s\n%zu\n%zu\n", line, points, bytes);
    for (size_t end = bytes; end > 0;) {
        size_t start = end - 1;
        while (start > 0 && continues(line[start])) start--;
        fwrite(line + start, 1, end - start, stdout);
        end = start;
    }
    putchar('\n');
    puts(strcmp(line, "Grüße, мир! Ωμέγα 日本語 🦆") == 0 ? "same" : "different");
}
