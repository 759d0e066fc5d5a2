#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

int main() {
    int lines = 0, words = 0;
    std::map<std::string, int> counts;
    for (std::string line; std::getline(std::cin, line);) {
        lines++;
        std::istringstream rest(line);
        for (std::string word; rest >> word;) {
            words++;
            counts[word]++;
        }
    }
    // The map is in the order of the words' bytes already.
    std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](auto &a, auto &b) { return a.second > b.second; });
    std::cout << lines << ' ' << words << ' ' << sorted.size() << '\n';
    for (std::size_t i = 0; i < 5; i++) std::cout << sorted.at(i).second << ' ' << sorted.at(i).first << '\n';
}
