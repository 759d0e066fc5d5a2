#include <iostream>

#include "../lib/shapes.hpp"

static_assert(__cplusplus == 201703, "the standard that was asked for");

int main() {
    for (int side = 6; side <= 7; side++) std::cout << describe(side) << '\n';
}
