#include <math.h>
#include <stdio.h>

int main(void) {
    char name[32];
    if (scanf("%31s", name) != 1) return 1;
    printf("hello %s from C: %.0f\n", name, sqrt(42.0 * 42.0));
    return 0;
}
