#include <stdio.h>

int square(int side);

int main(void) {
    for (int side = 6; side <= 7; side++) printf("square of %d: %d\n", side, square(side));
    return __GNUC__ == 11 ? 0 : 1;
}
