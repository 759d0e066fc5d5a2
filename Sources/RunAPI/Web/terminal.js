// Shows a program's output to its pipes, always as text. Colours are shown, and a line may be rewritten from its
// beginning, as progress bars do; other functions need the terminal (screen.js).

import { Look, paint } from "./sgr.js";

const mostCharacters = 2_000_000;
/** The limit of an unfinished line: text before that does not change any more. */
const mostOpen = 8192;
// eslint-disable-next-line no-control-regex
const pattern = /\x1b(?:\[([0-9;:?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Z]|[@-Z\\-_])|\r+\n|[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f]/g;
// eslint-disable-next-line no-control-regex
const whole = /^\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-Z]|[@-Z\\-_])/;

export class Terminal {
  #element;
  #tail = document.createElement("span");
  #streams = {};
  /** Finished lines that are not shown yet. */
  #pending = [];
  /** The unfinished line: pieces of one style each, and the position of the next character; null is its end. */
  #line = [];
  #column = null;
  #size = 0;
  #waiting = 0;
  #frame = 0;

  constructor(element) {
    this.#element = element;
    this.clear();
  }

  clear() {
    this.#element.replaceChildren();
    [this.#pending, this.#line, this.#column, this.#size, this.#waiting] = [[], [], null, 0, 0];
    for (const stream of ["stdout", "stderr"]) this.#streams[stream] = { decoder: new TextDecoder(), look: new Look(), escape: "" };
  }

  write(stream, bytes) {
    const state = this.#streams[stream];
    let text = state.escape + state.decoder.decode(bytes, { stream: true });
    state.escape = "";
    const tail = text.lastIndexOf("\x1b");
    // An escape sequence or a line break may continue in the next chunk.
    if (tail >= 0 && text.length - tail < 64 && !whole.test(text.slice(tail))) [text, state.escape] = [text.slice(0, tail), text.slice(tail)];
    else if (text.endsWith("\r")) [text, state.escape] = [text.slice(0, -1), "\r"];
    const name = () => (state.look.text ? `${stream} ${state.look.text}` : stream);
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > from) this.#add(name(), text.slice(from, match.index));
      from = match.index + match[0].length;
      this.#control(match, stream, name);
    }
    if (from < text.length) this.#add(name(), text.slice(from));
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  typed(text) {
    for (const [index, line] of text.split("\n").entries()) {
      if (index > 0) this.#end();
      if (line) this.#add("typed", line);
    }
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  #control(match, stream, name) {
    const [text, parameters, final] = match;
    if (text.endsWith("\n")) this.#end();
    else if (text === "\r") this.#column = 0;
    else if (text === "\b") this.#column = Math.max(0, (this.#column ?? this.#length) - 1);
    else if (final === "m") this.#streams[stream].look.apply(parameters);
    else if (final === "K") this.#erase(Number(parameters) || 0);
    else if (final === "G") this.#column = Math.min(this.#length, Math.max(0, (Number(parameters) || 1) - 1));
    else if (text.startsWith("\x1b") || text === "\x07") return;
    else this.#add(name(), String.fromCharCode(text === "\x7f" ? 0x2421 : 0x2400 + text.charCodeAt(0)));
  }

  get #length() {
    return this.#line.reduce((sum, piece) => sum + piece.text.length, 0);
  }

  /** The pieces of the open line between two columns. */
  #cut(from, to) {
    const pieces = [];
    let at = 0;
    for (const { name, text } of this.#line) {
      const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
      if (part) pieces.push({ name, text: part });
      at += text.length;
    }
    return pieces;
  }

  #erase(kind) {
    const column = this.#column ?? this.#length;
    if (kind === 0) this.#line = this.#cut(0, column);
    else {
      const rest = kind === 1 ? this.#cut(column + 1, Infinity) : [];
      this.#line = column > 0 || rest.length > 0 ? [{ name: "stdout", text: " ".repeat(Math.min(column + (kind === 1 ? 1 : 0), mostOpen)) }, ...rest] : [];
    }
  }

  #add(name, text) {
    if (this.#column !== null && this.#column < this.#length) {
      const end = this.#column + text.length;
      this.#line = [...this.#cut(0, this.#column), { name, text }, ...this.#cut(end, Infinity)];
      this.#column = end;
      return;
    }
    this.#column = null;
    const last = this.#line.at(-1);
    if (last?.name === name) last.text += text;
    else this.#line.push({ name, text });
    if (this.#line.length > 512 || last?.text.length > mostOpen) this.#commit();
  }

  #end() {
    const last = this.#line.at(-1);
    if (last) last.text += "\n";
    else this.#line.push({ name: "stdout", text: "\n" });
    this.#commit();
  }

  #commit() {
    this.#column = null;
    for (const piece of this.#line) {
      const last = this.#pending.at(-1);
      if (last?.name === piece.name && last.text.length < 20000) last.text += piece.text;
      else this.#pending.push(piece);
      this.#waiting += piece.text.length;
    }
    this.#line = [];
    // Lines that can never be shown are dropped: hidden pages draw nothing.
    while (this.#pending.length > 20000 || (this.#waiting > 2 * mostCharacters && this.#pending.length > 1))
      for (const old of this.#pending.splice(0, Math.ceil(this.#pending.length / 2))) this.#waiting -= old.text.length;
  }

  #span({ name, text }) {
    const span = document.createElement("span");
    const [stream, ...look] = name.split(" ");
    span.className = stream;
    paint(span, look.join(" "));
    span.name = name;
    span.textContent = text;
    return span;
  }

  /** Shows the output since the last frame. */
  flush() {
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const element = this.#element;
    const follows = element.scrollTop + element.clientHeight >= element.scrollHeight - 40;
    this.#tail.remove();
    for (const piece of this.#pending) {
      const last = element.lastChild;
      if (last?.name === piece.name && last.textContent.length < 20000) last.append(piece.text);
      else element.append(this.#span(piece));
      this.#size += piece.text.length;
    }
    [this.#pending, this.#waiting] = [[], 0];
    this.#tail.replaceChildren(...this.#line.map((piece) => this.#span(piece)));
    if (this.#line.length > 0) element.append(this.#tail);
    while (this.#size > mostCharacters && element.firstChild !== element.lastChild) {
      this.#size -= element.firstChild.textContent.length;
      element.firstChild.remove();
    }
    if (follows) element.scrollTop = element.scrollHeight;
  }

  /** Ends the output: shows incomplete characters and sequences. */
  end() {
    for (const [stream, state] of Object.entries(this.#streams)) {
      const rest = state.decoder.decode();
      if (rest) this.#add(stream, rest);
      state.escape = "";
    }
    this.flush();
  }

  get text() {
    return this.#element.textContent;
  }
}
