import { readFileSync } from "fs";

interface Entry {
  word: string;
  count: number;
}

const text: string = readFileSync(0, "utf8");
const words: string[] = text.split(/\s+/).filter((word) => word !== "");
const counts = new Map<string, number>();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);

const entries: Entry[] = Array.from(counts, ([word, count]) => ({ word, count }));
entries.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
console.log(text.split("\n").length - 1, words.length, entries.length);
for (const { word, count } of entries.slice(0, 5)) console.log(count, word);
