// The Mandelbrot set in colours.
#include <complex.h>
#include <stdio.h>

int main(void) {
    for (int y = 0; y < 24; y++) {
        for (int x = 0; x < 72; x++) {
            double complex c = (x - 50) / 24.0 + (y - 12) / 10.0 * I, z = 0;
            int step = 0;
            while (step < 40 && cabs(z) < 2) {
                z = z * z + c;
                step++;
            }
            if (step == 40) printf("\x1b[0m ");
            else printf("\x1b[38;5;%dm*", 17 + step * 5);
        }
        printf("\x1b[0m\n");
    }
    return 0;
}
