#include "shapes.hpp"

#include <vector>

std::string describe(int side) {
    std::vector<int> sides{side, side};
    return "square of " + std::to_string(side) + ": " + std::to_string(sides[0] * sides[1]);
}
