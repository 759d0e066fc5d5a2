#ifndef SQUARE_H
#define SQUARE_H

#include "product.h"

static inline int square(int side) { return PRODUCT(side, side); }

#endif
