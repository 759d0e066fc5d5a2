#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { size = 8 };

static int columns[size], first[size], solutions;

static bool attacked(int row, int column) {
    for (int r = 0; r < row; r++) {
        if (columns[r] == column || row - r == abs(column - columns[r])) return true;
    }
    return false;
}

static void place(int row) {
    if (row == size) {
        if (solutions++ == 0) memcpy(first, columns, sizeof first);
        return;
    }
    for (int column = 1; column <= size; column++) {
        if (attacked(row, column)) continue;
        columns[row] = column;
        place(row + 1);
    }
}

int main(void) {
    place(0);
    printf("%d\n", solutions);
    for (int row = 0; row < size; row++) printf("%d", first[row]);
    putchar('\n');
}
