#include "shapes/square.hpp"

#include <iostream>

int main() {
    for (int side : {6, 7}) std::cout << "square of " << side << ": " << shapes::Square(side).area() << '\n';
}
