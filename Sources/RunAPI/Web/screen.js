// The screen of a terminal like xterm: bytes in, rows of cells out. Independent of the page, so that it can be tested alone.

import { Look } from "./sgr.js";
import { CursorCommands } from "./screen-commands.js";

/** Limits of rows that have scrolled off the screen, and of characters of one sequence: untrusted code writes both. */
export const most = { history: 2000, sequence: 4096, rows: 300, columns: 500 };

// The line-drawing characters that `ESC ( 0` maps ASCII to.
const boxes = { j: "┘", k: "┐", l: "┌", m: "└", n: "┼", q: "─", t: "├", u: "┤", v: "┴", w: "┬", x: "│", a: "▒", "`": "◆", "~": "·", f: "°", g: "±", o: "⎺", s: "⎽" };

/** Characters that take two cells, and those that take none. */
const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const none = /^[\p{Mn}\p{Me}\u200b-\u200f\ufe00-\ufe0f]$/u;

export const blank = (look = "") => ({ text: " ", look });

export class Screen extends CursorCommands {
  #decoder = new TextDecoder();
  #state = "text";
  #sequence = "";

  /**
   * @param {number} rows
   * @param {number} columns
   * @param {(text: string) => void} answer sends the terminal's replies to queries
   */
  constructor(rows, columns, answer = () => {}) {
    super();
    this.answer = answer;
    this.rows = Math.min(Math.max(1, rows), most.rows);
    this.columns = Math.min(Math.max(1, columns), most.columns);
    this.reset();
  }

  reset() {
    this.look = new Look();
    this.lines = Array.from({ length: this.rows }, () => this.emptyLine());
    /** Rows that have scrolled off the screen since the view took them. */
    this.left = [];
    [this.row, this.column, this.wraps] = [0, 0, false];
    [this.top, this.bottom] = [0, this.rows - 1];
    this.modes = { wrap: true, cursor: true, cursorKeys: false, paste: false, insert: false, origin: false };
    this.charsets = { 0: false, 1: false, active: 0 };
    this.saved = null;
    this.main = null;
    this.last = "";
    this.tabs = new Set(Array.from({ length: Math.ceil(most.columns / 8) }, (_, index) => index * 8));
    this.dirty = true;
  }

  emptyLine() {
    return Array.from({ length: this.columns }, () => blank(this.look.erased));
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.dirty = true;
    for (const character of this.#decoder.decode(bytes, { stream: true })) this.#take(character);
  }

  #take(character) {
    const code = character.codePointAt(0);
    if (this.#state === "string") {
      // Titles, colours of the palette and the like: ended by BEL or ESC \, and not shown.
      if (code === 0x07 || code === 0x18 || code === 0x9c) this.#state = "text";
      else if (code === 0x1b) [this.#state, this.#sequence] = ["escape", ""];
      return;
    }
    if (code === 0x1b) {
      [this.#state, this.#sequence] = ["escape", ""];
      return;
    }
    if (code < 0x20 || code === 0x7f) return this.#control(code);
    if (this.#state === "text") return this.#print(character);
    this.#sequence += character;
    if (this.#state === "escape") {
      if (character === "[") [this.#state, this.#sequence] = ["csi", ""];
      else if ("]PX^_".includes(character)) this.#state = "string";
      else if (!(code >= 0x20 && code <= 0x2f)) {
        this.#state = "text";
        this.escape(this.#sequence);
      }
    } else if (code >= 0x40 && code <= 0x7e) {
      this.#state = "text";
      const [, mark, parameters, between] = /^([<=>?]?)([0-9;:]*)(.*)$/.exec(this.#sequence.slice(0, -1));
      this.command(mark, parameters, between, character);
    }
    // A sequence without an end is dropped.
    if (this.#sequence.length > most.sequence) [this.#state, this.#sequence] = ["text", ""];
  }

  #control(code) {
    if (code === 0x08) [this.column, this.wraps] = [Math.max(0, this.column - 1), false];
    else if (code === 0x09) this.tab(1);
    else if (code === 0x0a || code === 0x0b || code === 0x0c) this.lineFeed();
    else if (code === 0x0d) [this.column, this.wraps] = [0, false];
    else if (code === 0x0e || code === 0x0f) this.charsets.active = code === 0x0e ? 1 : 0;
    else if (code === 0x18 || code === 0x1a) this.#state = "text";
  }

  #print(character) {
    const line = () => this.lines[this.row];
    if (none.test(character)) {
      const before = line()[Math.max(0, this.wraps ? this.column : this.column - 1)];
      if (before.text.length < 16) before.text += character;
      return;
    }
    if (this.charsets[this.charsets.active]) character = boxes[character] ?? character;
    const width = wide.test(character) && this.columns > 1 ? 2 : 1;
    if (this.wraps || (width === 2 && this.column === this.columns - 1)) {
      if (this.modes.wrap) {
        [this.column, this.wraps] = [0, false];
        this.lineFeed();
      } else this.column = Math.min(this.column, this.columns - width);
    }
    if (this.modes.insert) this.shift(width);
    this.unpair(this.row, this.column);
    if (width === 2) this.unpair(this.row, this.column + 1);
    line()[this.column] = { text: character, look: this.look.text };
    // The second half of a wide character has no text of its own.
    if (width === 2) line()[this.column + 1] = { text: "", look: this.look.text };
    this.last = character;
    if (this.column + width >= this.columns) [this.column, this.wraps] = [this.columns - 1, true];
    else this.column += width;
  }

  repeat(count) {
    if (this.last) for (let index = 0; index < Math.min(count, this.columns * this.rows); index++) this.#print(this.last);
  }

  /** Changes the size: rows keep their positions from the bottom, long ones are cut. */
  resize(rows, columns) {
    rows = Math.min(Math.max(1, rows), most.rows);
    columns = Math.min(Math.max(1, columns), most.columns);
    if (rows === this.rows && columns === this.columns) return false;
    const fit = (lines) => {
      for (const line of lines) {
        while (line.length < columns) line.push(blank());
        line.length = columns;
      }
      while (lines.length < rows) lines.push(Array.from({ length: columns }, () => blank()));
    };
    while (this.lines.length > rows) {
      if (this.row < this.lines.length - 1) this.lines.pop();
      else {
        const old = this.lines.shift();
        if (!this.main) this.leave(old);
        this.row -= 1;
      }
    }
    fit(this.lines);
    if (this.main) {
      this.main.lines.length = Math.min(this.main.lines.length, rows);
      fit(this.main.lines);
    }
    [this.rows, this.columns] = [rows, columns];
    [this.top, this.bottom, this.wraps] = [0, rows - 1, false];
    this.row = Math.min(this.row, rows - 1);
    this.column = Math.min(this.column, columns - 1);
    this.dirty = true;
    return true;
  }

  /** A row as text, without the blanks at its end. */
  static text(line) {
    return line.map((cell) => cell.text).join("").trimEnd();
  }

  get text() {
    return this.lines.map(Screen.text).join("\n").trimEnd();
  }
}
