#include <stdbool.h>
#include <stdio.h>

enum { limit = 100000 };

int main(void) {
    static bool composite[limit];
    int count = 0, largest = 0;
    for (int n = 2; n < limit; n++) {
        if (composite[n]) continue;
        count++;
        largest = n;
        for (long multiple = (long)n * n; multiple < limit; multiple += n) composite[multiple] = true;
    }
    printf("%d %d\n", count, largest);
}
