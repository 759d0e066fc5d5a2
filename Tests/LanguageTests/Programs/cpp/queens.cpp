#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

class Board {
public:
    std::vector<std::string> solutions;

    void place() {
        if (columns.size() == size) {
            std::string solution;
            for (int column : columns) solution += std::to_string(column);
            solutions.push_back(solution);
            return;
        }
        for (int column = 1; column <= static_cast<int>(size); column++) {
            if (attacked(column)) continue;
            columns.push_back(column);
            place();
            columns.pop_back();
        }
    }

private:
    static constexpr std::size_t size = 8;
    std::vector<int> columns;

    bool attacked(int column) const {
        const int row = static_cast<int>(columns.size());
        for (int r = 0; r < row; r++) {
            if (columns[r] == column || row - r == std::abs(column - columns[r])) return true;
        }
        return false;
    }
};

int main() {
    Board board;
    board.place();
    std::cout << board.solutions.size() << '\n' << board.solutions.front() << '\n';
}
