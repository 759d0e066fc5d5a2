#include <stdio.h>

#include "shapes/square.h"

int main(void) {
    for (int side = 6; side <= 7; side++) printf("square of %d: %d\n", side, square(side));
    return 0;
}
