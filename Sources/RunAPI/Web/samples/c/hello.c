// Press Run, or Ctrl and Enter.
#include <stdio.h>

int main(void) {
    const char *colours[] = {"red", "green", "blue"};
    for (int i = 0; i < 3; i++)
        printf("%d. Hello, %s world!\n", i + 1, colours[i]);
    return 0;
}
