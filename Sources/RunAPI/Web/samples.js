// Examples: programs in files of their own, a few for each of the common languages; for the others the check programs of their images.

const directory = new URL("./samples/", import.meta.url);
let index = null;
const texts = new Map();

/** @returns {Promise<Object<string, {title: string, file: string, options?: object, answers?: string[]}[]>>} */
function loadIndex() {
  index ??= fetch(new URL("index.json", directory)).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({}));
  return index;
}

/**
 * The examples of a language; the first one is the default.
 * @returns {Promise<{title: string, options: object, text: () => Promise<string>}[]>} `options` as Options.values has them
 */
export async function samplesOf(language) {
  const list = (await loadIndex())[language.name] ?? [];
  const files = list.map(({ title, file, options = {} }) => ({
    title, options,
    text: async () => {
      if (!texts.has(file)) {
        const answer = await fetch(new URL(file, directory));
        if (!answer.ok) throw new Error(`there is no example ${file}`);
        texts.set(file, await answer.text());
      }
      return texts.get(file);
    },
  }));
  if (files.length > 0) return files;
  const options = language.sample_stdin ? { stdin: language.sample_stdin } : {};
  return [{ title: "Example", options, text: async () => language.sample }];
}

/** Whether at least half of the lines of a sample are still in a program: then it was changed, not replaced. */
export function isStillSample(program, sample) {
  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const there = new Set(lines(program));
  const wanted = lines(sample);
  return wanted.filter((line) => there.has(line)).length * 2 >= wanted.length;
}
