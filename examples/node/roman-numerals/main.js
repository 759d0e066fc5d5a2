function roman(number) {
  // Replace this line: it makes a stroke for each one.
  return "I".repeat(number);
}

const number = Number(require("node:fs").readFileSync(0, "utf8"));
console.log(roman(number));
