// Styles of text: the state that SGR (ECMA-48, 8.3.117) sets, as a short text that is equal for characters of the same style.

const flags = { 1: "b", 2: "d", 3: "i", 4: "u", 7: "r", 8: "h", 9: "s" };
const off = { 22: ["b", "d"], 23: ["i"], 24: ["u"], 27: ["r"], 28: ["h"], 29: ["s"] };
const hex = (...parts) => "#" + [...parts, 0, 0, 0].slice(0, 3).map((part) => Math.min(255, Math.max(0, part | 0)).toString(16).padStart(2, "0")).join("");

/** A colour of the 256: the first 16 are the theme's. */
function indexed(number) {
  if (!(number >= 0 && number <= 255)) return null;
  if (number < 16) return String(number);
  if (number >= 232) return hex(...Array(3).fill(8 + (number - 232) * 10));
  const level = (value) => (value === 0 ? 0 : 55 + value * 40);
  const cube = number - 16;
  return hex(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

export class Look {
  #flags = new Set();
  #front = null;
  #back = null;
  /** Names of classes and, after `f=` and `b=`, colours. */
  text = "";

  reset() {
    this.#flags.clear();
    this.#front = this.#back = null;
    this.text = "";
  }

  /** The background colour alone, which erasing uses. */
  get erased() {
    return this.#back === null ? "" : `b=${this.#back}`;
  }

  copy() {
    const copy = new Look();
    copy.#flags = new Set(this.#flags);
    copy.#front = this.#front;
    copy.#back = this.#back;
    copy.text = this.text;
    return copy;
  }

  /** @param {string} parameters the text between `CSI` and `m` */
  apply(parameters) {
    const parts = parameters.split(";");
    for (let index = 0; index < parts.length; index++) {
      const [number, ...rest] = parts[index].split(":").map((part) => (part === "" ? 0 : Number(part)));
      if (number === 0) this.reset();
      else if (number === 4 && rest.length > 0) rest[0] === 0 ? this.#flags.delete("u") : this.#flags.add("u");
      else if (flags[number]) this.#flags.add(flags[number]);
      else if (number === 21) this.#flags.add("u");
      else if (off[number]) for (const flag of off[number]) this.#flags.delete(flag);
      else if (number >= 30 && number <= 37) this.#front = indexed(number - 30);
      else if (number >= 90 && number <= 97) this.#front = indexed(number - 82);
      else if (number >= 40 && number <= 47) this.#back = indexed(number - 40);
      else if (number >= 100 && number <= 107) this.#back = indexed(number - 92);
      else if (number === 39) this.#front = null;
      else if (number === 49) this.#back = null;
      else if (number === 38 || number === 48) {
        let colour = null;
        if (rest[0] === 5) colour = indexed(rest[1]);
        else if (rest[0] === 2) colour = hex(...rest.slice(-3));
        else if (Number(parts[index + 1]) === 5) [colour, index] = [indexed(Number(parts[index + 2])), index + 2];
        else if (Number(parts[index + 1]) === 2) [colour, index] = [hex(...parts.slice(index + 2, index + 5).map(Number)), index + 4];
        else break;
        if (number === 38) this.#front = colour ?? this.#front;
        else this.#back = colour ?? this.#back;
      }
    }
    const words = [...this.#flags].sort();
    if (this.#front !== null) words.push(`f=${this.#front}`);
    if (this.#back !== null) words.push(`b=${this.#back}`);
    this.text = words.join(" ");
  }
}

/** Gives an element the style that `text` names. Colours are set as properties: the content policy allows no style in markup. */
export function paint(element, text) {
  element.look = text;
  let [front, back, inverse] = [null, null, false];
  for (const word of text.split(" ")) {
    if (word.startsWith("f=")) front = word.slice(2);
    else if (word.startsWith("b=")) back = word.slice(2);
    else if (word === "r") inverse = true;
    else if (word) element.classList.add(word);
  }
  if (inverse) [front, back] = [back ?? "paper", front ?? "ink"];
  for (const [property, colour] of [["color", front], ["backgroundColor", back]])
    if (colour !== null) element.style[property] = colour.startsWith("#") ? colour : `var(--t-${colour})`;
}
