import { readFileSync } from "fs";

const same = "Grüße, мир! Ωμέγα 日本語 🦆";

const [line] = readFileSync(0, "utf8").split("\n");
const codePoints: string[] = Array.from(line);
console.log(line);
console.log(codePoints.length);
console.log(new TextEncoder().encode(line).length);
console.log(codePoints.reverse().join(""));
console.log(line === same ? "same" : "different");
