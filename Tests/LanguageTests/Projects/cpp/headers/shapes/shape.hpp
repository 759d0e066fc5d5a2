#pragma once

namespace shapes {

struct Shape {
    virtual ~Shape() = default;
    virtual int area() const = 0;
};

}
