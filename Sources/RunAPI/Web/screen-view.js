// A Screen on the page, and the keys for it. Rows are text, so that they can be selected, copied, searched and read aloud.

import { Screen, most } from "./screen.js";
import { paint } from "./sgr.js";
import { sequence } from "./screen-keys.js";

export class ScreenView {
  #box;
  #history = document.createElement("div");
  #rows = document.createElement("div");
  #keys = document.createElement("textarea");
  #probe = document.createElement("span");
  #shown = [];
  #frame = 0;
  #send = () => {};
  #resized = () => {};
  screen;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.#box = box;
    this.#history.className = "history";
    this.#rows.className = "rows";
    this.#probe.className = "probe";
    this.#probe.textContent = "W".repeat(20);
    this.#probe.ariaHidden = "true";
    Object.assign(this.#keys, { className: "keys", spellcheck: false, autocapitalize: "off", autocomplete: "off", rows: 1 });
    this.#keys.setAttribute("aria-label", "Keys for the program; Shift and Tab leave");
    box.append(this.#history, this.#rows, this.#keys, this.#probe);
    box.addEventListener("click", () => getSelection().isCollapsed && this.#keys.focus({ preventScroll: true }));
    this.#keys.addEventListener("keydown", (event) => this.#key(event));
    this.#keys.addEventListener("input", (event) => event.isComposing || this.#typed());
    this.#keys.addEventListener("compositionend", () => this.#typed());
    this.#keys.addEventListener("paste", (event) => {
      event.preventDefault();
      this.#paste(event.clipboardData.getData("text"));
    });
    new ResizeObserver(() => this.#fit()).observe(box);
    this.clear();
  }

  /** The size that fits, for a run that is about to start. */
  get size() {
    const style = getComputedStyle(this.#box);
    const cell = this.#probe.getBoundingClientRect();
    const width = this.#box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = this.#box.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    if (!(cell.width > 0) || !(width > 0)) return { rows: 24, cols: 80 };
    return {
      rows: Math.min(most.rows, Math.max(4, Math.floor(height / cell.height))),
      cols: Math.min(most.columns, Math.max(20, Math.floor(width / (cell.width / 20)))),
    };
  }

  clear() {
    const { rows, cols } = this.size;
    this.screen = new Screen(rows, cols, (text) => this.#send(text));
    this.#history.replaceChildren();
    this.#rows.replaceChildren();
    this.#shown = [];
    this.#draw();
  }

  /** Connects it with a run: the receivers of keys and of changes of size. */
  connect(send, resized) {
    this.#send = send;
    this.#resized = resized;
    this.#box.classList.add("live");
    this.#keys.focus({ preventScroll: true });
  }
  disconnect() {
    this.#send = () => {};
    this.#resized = () => {};
    this.#box.classList.remove("live");
    this.#later();
  }

  write(bytes) {
    this.screen.write(bytes);
    this.#later();
  }

  get text() {
    this.#draw();
    return [...this.#history.children, ...this.#rows.children].map((row) => row.textContent.trimEnd()).join("\n").trimEnd() + "\n";
  }

  #fit() {
    const { rows, cols } = this.size;
    if (this.#box.hidden || !this.screen.resize(rows, cols)) return;
    this.#shown = [];
    this.#resized(rows, cols);
    this.#later();
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { screen } = this;
    const follows = this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - 60;
    for (const line of screen.left.splice(0)) this.#history.append(this.#row(line, -1));
    while (this.#history.childElementCount > most.history) this.#history.firstChild.remove();
    while (this.#rows.childElementCount > screen.rows) this.#rows.lastChild.remove();
    const isLive = this.#box.classList.contains("live");
    for (const [index, line] of screen.lines.entries()) {
      const cursor = isLive && screen.modes.cursor && index === screen.row ? screen.column : -1;
      const key = cursor + "\n" + line.map((cell) => `${cell.look}\t${cell.text}`).join("\n");
      if (this.#shown[index] === key && this.#rows.children[index]) continue;
      this.#shown[index] = key;
      const row = this.#row(line, cursor);
      if (this.#rows.children[index]) this.#rows.children[index].replaceWith(row);
      else this.#rows.append(row);
    }
    if (follows) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #row(line, cursor) {
    const row = document.createElement("div");
    let last = null;
    for (const [column, { text, look }] of line.entries()) {
      const isWide = line[column + 1]?.text === "";
      if (last === null || look !== last.look || last.isWide || isWide || column === cursor || column === cursor + 1) {
        // The other half of a wide character.
        if (text === "") continue;
        last = document.createElement("span");
        paint(last, look);
        last.isWide = isWide;
        // Two cells wide, whatever the font.
        if (isWide) last.classList.add("wide");
        if (column === cursor) last.classList.add("cursor");
        row.append(last);
      }
      last.append(text);
    }
    row.normalize();
    return row;
  }

  #key(event) {
    // The way out for users who navigate by keyboard.
    if (event.key === "Tab" && event.shiftKey) return;
    const text = sequence(event, this.screen.modes);
    if (text === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#send(text);
  }

  #typed() {
    const text = this.#keys.value;
    this.#keys.value = "";
    if (text) this.#send(text.replaceAll("\n", "\r"));
  }

  #paste(text) {
    const plain = text.replaceAll(/\r?\n/g, "\r").slice(0, 100_000);
    this.#send(this.screen.modes.paste ? `\x1b[200~${plain.replaceAll("\x1b", "")}\x1b[201~` : plain);
  }
}
