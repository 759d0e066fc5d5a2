#include <charconv>
#include <iostream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

std::optional<int> number(const std::string &text) {
    int value;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

using Cell = std::variant<std::monostate, int, std::string>;

Cell cell(const std::string &text) {
    if (text.empty()) return {};
    if (auto value = number(text)) return *value;
    return text;
}

struct Describe {
    std::string operator()(std::monostate) const { return "nothing"; }
    std::string operator()(int value) const { return "the number " + std::to_string(value); }
    std::string operator()(const std::string &text) const { return "the text " + text; }
};

int main() {
    for (const std::string text : {"42", "x42", "", "-7"}) std::cout << std::visit(Describe{}, cell(text)) << '\n';
    std::cout << "or a default: " << number("none").value_or(0) << '\n';
}
