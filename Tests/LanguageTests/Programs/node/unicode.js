const same = "Grüße, мир! Ωμέγα 日本語 🦆";

const [line] = require("fs").readFileSync(0, "utf8").split("\n");
const codePoints = Array.from(line);
console.log(line);
console.log(codePoints.length);
console.log(Buffer.byteLength(line));
console.log(codePoints.reverse().join(""));
console.log(line === same ? "same" : "different");
