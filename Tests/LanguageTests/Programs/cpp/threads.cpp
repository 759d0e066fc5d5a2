#include <array>
#include <iostream>
#include <thread>
#include <vector>

int main() {
    std::array<int, 4> sums{};
    std::vector<std::thread> workers;
    for (int worker = 0; worker < 4; worker++) {
        workers.emplace_back([worker, &sums] {
            for (int n = 1000 * worker + 1; n <= 1000 * (worker + 1); n++) sums[worker] += n;
        });
    }
    for (auto &worker : workers) worker.join();
    int total = 0;
    for (int worker = 0; worker < 4; worker++) {
        std::cout << "worker " << worker << ": " << sums[worker] << '\n';
        total += sums[worker];
    }
    std::cout << "total: " << total << '\n';
}
