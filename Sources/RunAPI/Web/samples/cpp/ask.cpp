#include <iostream>
#include <string>

int main() {
    std::string name;
    int number;

    std::cout << "What is your name? " << std::flush;
    std::getline(std::cin, name);
    std::cout << "And a number? " << std::flush;
    std::cin >> number;
    std::cout << "Hello, " << name << "! " << number << " times 7 is " << number * 7 << ".\n";
}
