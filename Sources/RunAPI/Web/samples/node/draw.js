// The Mandelbrot set in colours.
for (let y = 0; y < 24; y++) {
  let row = "";
  for (let x = 0; x < 72; x++) {
    const [a, b] = [(x - 50) / 24, (y - 12) / 10];
    let [re, im, step] = [0, 0, 0];
    while (step < 40 && re * re + im * im < 4) {
      [re, im] = [re * re - im * im + a, 2 * re * im + b];
      step++;
    }
    row += step === 40 ? "\x1b[0m " : `\x1b[38;5;${17 + step * 5}m*`;
  }
  console.log(row + "\x1b[0m");
}
