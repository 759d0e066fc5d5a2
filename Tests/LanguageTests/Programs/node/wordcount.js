const text = require("fs").readFileSync(0, "utf8");

const words = text.split(/\s+/).filter(Boolean);
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);

console.log(text.split("\n").length - 1, words.length, counts.size);
const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
for (const [word, count] of sorted.slice(0, 5)) console.log(count, word);
