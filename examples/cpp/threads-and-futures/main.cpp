#include <future>
#include <iostream>
#include <numeric>
#include <vector>

long long sum_of_squares(long long first, long long last) {
    long long sum = 0;
    for (long long i = first; i < last; i++) sum += i * i;
    return sum;
}

int main() {
    constexpr long long end = 1'000'000;
    constexpr int parts = 4;

    std::vector<std::future<long long>> sums;
    for (int part = 0; part < parts; part++)
        sums.push_back(std::async(std::launch::async, sum_of_squares, end / parts * part, end / parts * (part + 1)));

    long long total = 0;
    for (auto &sum : sums) total += sum.get();
    std::cout << "the sum is " << total << '\n';
    std::cout << "as by the formula: " << std::boolalpha << (total == (end - 1) * end * (2 * end - 1) / 6) << '\n';
}
