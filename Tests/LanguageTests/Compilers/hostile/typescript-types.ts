type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Number = `${Digit}${Digit}${Digit}${Digit}${Digit}${Digit}`;
const n: Number = "x";
console.log(n);
