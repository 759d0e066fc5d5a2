const VALUES = [
  [1000, "M"], [900, "CM"], [500, "D"], [400, "CD"], [100, "C"], [90, "XC"],
  [50, "L"], [40, "XL"], [10, "X"], [9, "IX"], [5, "V"], [4, "IV"], [1, "I"],
];

function roman(number) {
  let text = "";
  for (const [value, letters] of VALUES) {
    while (number >= value) {
      text += letters;
      number -= value;
    }
  }
  return text;
}

const number = Number(require("node:fs").readFileSync(0, "utf8"));
console.log(roman(number));
