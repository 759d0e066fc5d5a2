#include <iostream>
#include <vector>

int main() {
    constexpr long limit = 100'000;
    std::vector<bool> composite(limit);
    std::vector<long> primes;
    for (long n = 2; n < limit; n++) {
        if (composite[n]) continue;
        primes.push_back(n);
        for (long multiple = n * n; multiple < limit; multiple += n) composite[multiple] = true;
    }
    std::cout << primes.size() << ' ' << primes.back() << '\n';
}
