#include <iostream>
#include <stdexcept>
#include <string>

static int parse(const std::string &text) {
    std::size_t used = 0;
    const int number = std::stoi(text, &used);
    if (used != text.size()) throw std::invalid_argument("not a number: " + text);
    return number;
}

int main() {
    try {
        parse("12x");
    } catch (const std::invalid_argument &) {
        std::cout << "caught\n";
        return 3;
    }
}
