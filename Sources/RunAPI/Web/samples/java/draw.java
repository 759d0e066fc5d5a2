// The Mandelbrot set in colours.
public class Main {
    public static void main(String[] args) {
        StringBuilder picture = new StringBuilder();
        for (int y = 0; y < 24; y++) {
            for (int x = 0; x < 72; x++) {
                double a = (x - 50) / 24.0, b = (y - 12) / 10.0, re = 0, im = 0;
                int step = 0;
                while (step < 40 && re * re + im * im < 4) {
                    double next = re * re - im * im + a;
                    im = 2 * re * im + b;
                    re = next;
                    step++;
                }
                picture.append(step == 40 ? "\u001b[0m " : "\u001b[38;5;" + (17 + step * 5) + "m*");
            }
            picture.append("\u001b[0m\n");
        }
        System.out.print(picture);
    }
}
