#include <inttypes.h>
#include <stdio.h>

static int ones(uint32_t value) {
    int count = 0;
    for (; value != 0; value &= value - 1) count++;
    return count;
}

static uint32_t mirrored(uint32_t value) {
    uint32_t result = 0;
    for (int i = 0; i < 32; i++) {
        result = result << 1 | (value & 1);
        value >>= 1;
    }
    return result;
}

static void show(const char *what, uint32_t value) {
    printf("%-10s", what);
    for (int i = 31; i >= 0; i--) {
        putchar(value >> i & 1 ? '1' : '0');
        if (i % 8 == 0 && i > 0) putchar(' ');
    }
    printf("  %" PRIu32 "\n", value);
}

int main(void) {
    uint32_t number;
    if (scanf("%" SCNu32, &number) != 1) return 1;
    show("number", number);
    show("inverted", ~number);
    show("mirrored", mirrored(number));
    printf("%d of the bits are ones\n", ones(number));
    return 0;
}
