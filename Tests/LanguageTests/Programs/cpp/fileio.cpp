#include <fstream>
#include <iostream>
#include <string>

int main() {
    {
        std::ofstream file("lines.txt");
        for (int n = 1; n <= 1000; n++) file << "line " << n << '\n';
    }
    std::ifstream file("lines.txt");
    int lines = 0;
    for (std::string line; std::getline(file, line);) lines++;
    std::cout << lines << '\n';
}
