#include <algorithm>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

int main() {
    std::string name;
    std::cin >> name;
    std::vector<int> parts{2, 3, 7};
    int answer = 1;
    std::thread worker([&] { std::for_each(parts.begin(), parts.end(), [&](int part) { answer *= part; }); });
    worker.join();
    std::cout << "hello " << name << " from C++: " << answer << '\n';
}
