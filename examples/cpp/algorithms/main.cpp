#include <algorithm>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

int main() {
    std::vector<std::string> words{"pear", "fig", "banana", "kiwi", "apple", "plum"};

    std::sort(words.begin(), words.end(), [](const auto &a, const auto &b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    for (const auto &word : words) std::cout << word << '\n';

    auto four = std::count_if(words.begin(), words.end(), [](const auto &word) { return word.size() == 4; });
    std::cout << four << " have four letters\n";

    auto letters = std::accumulate(words.begin(), words.end(), std::size_t{0},
                                   [](std::size_t sum, const auto &word) { return sum + word.size(); });
    std::cout << letters << " letters in all\n";

    auto found = std::find(words.begin(), words.end(), "kiwi");
    std::cout << "kiwi is at place " << found - words.begin() << '\n';
}
