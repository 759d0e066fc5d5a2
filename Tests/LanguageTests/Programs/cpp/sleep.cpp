#include <chrono>
#include <iostream>
#include <thread>

int main() {
    using namespace std::chrono_literals;
    std::this_thread::sleep_for(200ms);
    std::cout << "awake\n";
}
