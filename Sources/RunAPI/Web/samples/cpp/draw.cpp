// The Mandelbrot set in colours.
#include <complex>
#include <iostream>

int main() {
    for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 72; ++x) {
            std::complex<double> c{(x - 50) / 24.0, (y - 12) / 10.0}, z;
            int step = 0;
            while (step < 40 && std::abs(z) < 2) {
                z = z * z + c;
                ++step;
            }
            if (step == 40) std::cout << "\x1b[0m ";
            else std::cout << "\x1b[38;5;" << 17 + step * 5 << "m*";
        }
        std::cout << "\x1b[0m\n";
    }
}
