#pragma once

#include "shape.hpp"

namespace shapes {

class Square : public Shape {
public:
    explicit Square(int side) : side_(side) {}
    int area() const override { return side_ * side_; }

private:
    int side_;
};

}
