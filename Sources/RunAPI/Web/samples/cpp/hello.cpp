// Press Run, or Ctrl and Enter.
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> colours{"red", "green", "blue"};
    for (int number = 1; const auto &colour : colours)
        std::cout << number++ << ". Hello, " << colour << " world!\n";
}
