#include <iostream>

int main() {
    for (int n = 1; n <= 150'000; n++) std::cout << n << '\n';
}
