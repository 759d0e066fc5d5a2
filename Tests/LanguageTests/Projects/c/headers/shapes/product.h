#define PRODUCT(a, b) ((a) * (b))
