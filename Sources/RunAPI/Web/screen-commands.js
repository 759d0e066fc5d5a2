// The commands of a terminal (ECMA-48, and extensions of xterm), on the rows and the cursor of Screen.

const cell = (look) => ({ text: " ", look });

export class CursorCommands {
  /** Handles `ESC` and these characters. */
  escape(text) {
    switch (text) {
      case "7": this.save(); break;
      case "8": this.restore(); break;
      case "D": this.lineFeed(); break;
      case "E": [this.column, this.wraps] = [0, false]; this.lineFeed(); break;
      case "H": this.tabs.add(this.column); break;
      case "M": this.reverseFeed(); break;
      case "c": this.reset(); break;
      case "(0": case ")0": this.charsets[text[0] === "(" ? 0 : 1] = true; break;
      default: if (/^[()]/.test(text)) this.charsets[text[0] === "(" ? 0 : 1] = false;
    }
  }

  /**
   * Handles `CSI`, these parameters and the final character. Unknown commands have no effect.
   * @param {string} mark `?`, `>`, `=`, `<` or nothing
   */
  command(mark, parameters, between, final) {
    if (mark === "?" && (final === "h" || final === "l")) return this.privateModes(parameters, final === "h");
    if (between === "!" && final === "p") return this.reset();
    if (mark === ">" && final === "c") return this.answer("\x1b[>0;95;0c");
    if (mark || between) return;
    const numbers = parameters.split(";").map((part) => (part === "" ? null : Math.min(Number(part) || 0, 99999)));
    const first = Math.max(1, numbers[0] ?? 1);
    const kind = numbers[0] ?? 0;
    switch (final) {
      case "A": this.move(-first, 0, true); break;
      case "B": case "e": this.move(first, 0, true); break;
      case "C": case "a": this.move(0, first); break;
      case "D": this.move(0, -first); break;
      case "E": this.move(first, -this.column, true); break;
      case "F": this.move(-first, -this.column, true); break;
      case "G": case "`": this.move(0, first - 1 - this.column); break;
      case "H": case "f": this.place(first - 1, Math.max(1, numbers[1] ?? 1) - 1); break;
      case "I": this.tab(first); break;
      case "J": this.eraseScreen(kind); break;
      case "K": this.eraseLine(kind); break;
      case "L": this.scroll(this.row, -first); break;
      case "M": this.scroll(this.row, first); break;
      case "P": this.remove(first); break;
      case "@": this.shift(first); break;
      case "S": this.scroll(this.top, first); break;
      case "T": this.scroll(this.top, -first); break;
      case "X": this.erase(this.row, this.column, this.column + first); break;
      case "Z": this.tab(-first); break;
      case "b": this.repeat(first); break;
      case "c": this.answer("\x1b[?1;2c"); break;
      case "d": this.place(first - 1, this.column); break;
      case "g": kind === 3 ? this.tabs.clear() : this.tabs.delete(this.column); break;
      case "h": case "l": if (kind === 4) this.modes.insert = final === "h"; break;
      case "m": this.look.apply(parameters); break;
      case "n": this.answer(kind === 6 ? `\x1b[${this.row + 1};${this.column + 1}R` : "\x1b[0n"); break;
      case "r": this.region(first - 1, (numbers[1] || this.rows) - 1); break;
      case "s": this.save(); break;
      case "u": this.restore(); break;
    }
  }

  privateModes(parameters, isSet) {
    for (const number of parameters.split(";").map(Number)) {
      if (number === 1) this.modes.cursorKeys = isSet;
      else if (number === 6) [this.modes.origin] = [isSet, this.place(0, 0)];
      else if (number === 7) this.modes.wrap = isSet;
      else if (number === 25) this.modes.cursor = isSet;
      else if (number === 2004) this.modes.paste = isSet;
      else if (number === 47 || number === 1047 || number === 1049) this.alternate(isSet, number === 1049);
      else if (number === 1048) isSet ? this.save() : this.restore();
    }
  }

  /** The alternate screen, for programs that use the whole screen and leave the main one unchanged. */
  alternate(isSet, keepsCursor) {
    if (isSet === (this.main !== null)) return;
    if (isSet) {
      if (keepsCursor) this.save();
      this.main = { lines: this.lines, saved: this.saved };
      this.lines = Array.from({ length: this.rows }, () => this.emptyLine());
    } else {
      this.lines = this.main.lines;
      this.saved = this.main.saved;
      this.main = null;
      if (keepsCursor) this.restore();
    }
  }

  save() {
    this.saved = { row: this.row, column: this.column, look: this.look.copy(), charsets: { ...this.charsets } };
  }
  restore() {
    const { row, column, look, charsets } = this.saved ?? { row: 0, column: 0 };
    if (look) [this.look, this.charsets] = [look.copy(), { ...charsets }];
    this.column = Math.min(column, this.columns - 1);
    this.row = Math.min(row, this.rows - 1);
    this.wraps = false;
  }

  /** @param {boolean} stays whether the rows that scroll hold the cursor, when it is among them */
  move(rows, columns, stays = false) {
    const inside = stays && this.row >= this.top && this.row <= this.bottom;
    const [low, high] = inside ? [this.top, this.bottom] : [0, this.rows - 1];
    this.row = Math.min(high, Math.max(low, this.row + rows));
    this.column = Math.min(this.columns - 1, Math.max(0, this.column + columns));
    this.wraps = false;
  }
  place(row, column) {
    const start = this.modes.origin ? this.top : 0;
    this.row = Math.min(this.modes.origin ? this.bottom : this.rows - 1, start + row);
    this.column = Math.min(this.columns - 1, column);
    this.wraps = false;
  }
  region(top, bottom) {
    bottom = Math.min(bottom, this.rows - 1);
    if (top >= bottom) return;
    [this.top, this.bottom] = [top, bottom];
    this.place(0, 0);
  }
  tab(count) {
    for (let step = 0; step < Math.min(Math.abs(count), this.columns); step++) {
      do this.column += Math.sign(count);
      while (this.column > 0 && this.column < this.columns - 1 && !this.tabs.has(this.column));
    }
    this.column = Math.min(this.columns - 1, Math.max(0, this.column));
    this.wraps = false;
  }

  lineFeed() {
    this.wraps = false;
    if (this.row === this.bottom) this.scroll(this.top, 1);
    else if (this.row < this.rows - 1) this.row += 1;
  }
  reverseFeed() {
    this.wraps = false;
    if (this.row === this.top) this.scroll(this.top, -1);
    else if (this.row > 0) this.row -= 1;
  }

  /** Moves the rows from `top` to the end of the region up, or down when `count` is negative. */
  scroll(top, count) {
    if (top < this.top || top > this.bottom) return;
    const steps = Math.min(Math.abs(count), this.bottom - top + 1);
    for (let step = 0; step < steps; step++) {
      if (count > 0) {
        const [old] = this.lines.splice(top, 1);
        this.lines.splice(this.bottom, 0, this.emptyLine());
        if (top === 0 && !this.main) this.leave(old);
      } else {
        this.lines.splice(this.bottom, 1);
        this.lines.splice(top, 0, this.emptyLine());
      }
    }
  }
  leave(line) {
    this.left.push(line);
    if (this.left.length > 4000) this.left.splice(0, 2000);
  }

  erase(row, from, to) {
    to = Math.min(to, this.columns);
    this.unpair(row, from);
    this.unpair(row, to - 1);
    for (let column = from; column < to; column++) this.lines[row][column] = cell(this.look.erased);
    this.wraps = false;
  }
  eraseLine(kind, row = this.row) {
    if (kind === 0) this.erase(row, this.column, this.columns);
    else if (kind === 1) this.erase(row, 0, this.column + 1);
    else if (kind === 2) this.erase(row, 0, this.columns);
  }
  eraseScreen(kind) {
    if (kind === 0 || kind === 1) this.eraseLine(kind);
    for (let row = 0; row < this.rows; row++)
      if (kind === 2 || (kind === 0 && row > this.row) || (kind === 1 && row < this.row)) this.eraseLine(2, row);
  }
  /** Deletes cells at the cursor; those after them move there. */
  remove(count) {
    const line = this.lines[this.row];
    this.unpair(this.row, this.column);
    line.splice(this.column, count);
    while (line.length < this.columns) line.push(cell(this.look.erased));
    if (line[this.column].text === "") line[this.column] = cell("");
    this.wraps = false;
  }
  /** Inserts cells at the cursor. */
  shift(count) {
    const line = this.lines[this.row];
    this.unpair(this.row, this.column);
    line.splice(this.column, 0, ...Array.from({ length: Math.min(count, this.columns) }, () => cell(this.look.erased)));
    line.length = this.columns;
    this.wraps = false;
  }
  /** Removes the other half of a wide character that is about to be overwritten. */
  unpair(row, column) {
    const line = this.lines[row];
    if (line[column]?.text === "" && column > 0) line[column - 1] = cell(line[column - 1].look);
    if (line[column + 1]?.text === "") line[column + 1] = cell(line[column + 1].look);
  }
}
