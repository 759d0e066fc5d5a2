#include <iostream>
#include <string>

template <typename Value>
const Value &larger(const Value &a, const Value &b) {
    return a < b ? b : a;
}

template <typename... Values>
auto sum(const Values &...values) {
    return (values + ...);
}

struct Point {
    int x, y;
    bool operator<(const Point &other) const { return x * x + y * y < other.x * other.x + other.y * other.y; }
    Point operator+(const Point &other) const { return {x + other.x, y + other.y}; }
};

std::ostream &operator<<(std::ostream &out, const Point &point) {
    return out << '(' << point.x << ", " << point.y << ')';
}

int main() {
    std::cout << larger(3, 8) << ' ' << larger(std::string("pear"), std::string("apple")) << '\n';
    std::cout << larger(Point{1, 9}, Point{5, 5}) << '\n';
    std::cout << sum(1, 2.5, 3) << ' ' << sum(Point{1, 2}, Point{3, 4}, Point{5, 6}) << '\n';
}
