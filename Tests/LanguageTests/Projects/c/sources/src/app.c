#include <stdio.h>

#include "../shapes.h"

_Static_assert(__STDC_VERSION__ == 201112, "the standard that was asked for");

int main(void) {
    for (int side = 6; side <= LAST; side++) printf("square of %d: %d\n", side, square(side));
    return 0;
}
