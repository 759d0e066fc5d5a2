#include <stdio.h>
#include <time.h>

int main(void) {
    struct timespec pause = {.tv_nsec = 200000000};
    while (nanosleep(&pause, &pause) != 0) continue;
    puts("awake");
}
