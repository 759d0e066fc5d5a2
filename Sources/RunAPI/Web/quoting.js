// Arguments as a shell parses them: blanks separate, quotes and backslashes protect.

/**
 * @param {string} text
 * @returns {string[]}
 * @throws {Error} when a quote is not closed
 */
export function split(text) {
  const words = [];
  let word = null, quote = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quote) {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && '"\\$`'.includes(text[index + 1] ?? "x")) word += text[++index];
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (character === "\\" && index + 1 < text.length) word = (word ?? "") + text[++index];
    else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  if (quote) throw new Error(`the quote ${quote} is not closed`);
  if (word !== null) words.push(word);
  return words;
}

/** The text that `split` turns into these words. */
export function join(words) {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
