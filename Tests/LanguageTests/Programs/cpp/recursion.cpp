#include <functional>
#include <iostream>

int main() {
    const std::function<int(int)> sum = [&](int n) { return n == 0 ? 0 : n + sum(n - 1); };
    std::cout << sum(5000) << '\n';
}
