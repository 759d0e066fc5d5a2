#include <stdio.h>

int main(void) {
    for (int n = 1; n <= 150000; n++) printf("%d\n", n);
}
