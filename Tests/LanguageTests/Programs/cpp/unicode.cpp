#include <iostream>
#include <string>

int main() {
    std::string line;
    std::getline(std::cin, line);
    std::u32string points;
    for (unsigned char byte : line) {
        // Lead bytes of two, three and four bytes have 5, 4 and 3 bits of the code point, the others 6.
        if (byte < 0x80) points += byte;
        else if (byte >= 0xf0) points += byte & 0x07;
        else if (byte >= 0xe0) points += byte & 0x0f;
        else if (byte >= 0xc0) points += byte & 0x1f;
        else points.back() = points.back() << 6 | (byte & 0x3f);
    }
    std::u32string reversed(points.rbegin(), points.rend());
    std::cout << line << '\n' << points.size() << '\n' << line.size() << '\n';
    for (char32_t point : reversed) {
        if (point < 0x80) std::cout << static_cast<char>(point);
        else {
            const int rest = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
            const int lead = rest == 1 ? 0xc0 : rest == 2 ? 0xe0 : 0xf0;
            std::cout << static_cast<char>(lead | point >> (6 * rest));
            for (int i = rest - 1; i >= 0; i--) std::cout << static_cast<char>(0x80 | (point >> (6 * i) & 0x3f));
        }
    }
    std::cout << '\n' << (points == U"Grüße, мир! Ωμέγα 日本語 🦆" ? "same" : "different") << '\n';
}
