// What a program wrote, on the page: as text, always. Colours of ANSI escape sequences are shown, all others are dropped.

const mostCharacters = 2_000_000;

export class Terminal {
  #element;
  #decoders = {};
  #pending = [];
  #size = 0;
  #frame = 0;
  #styles = {};
  #escapes = {};

  constructor(element) {
    this.#element = element;
    this.clear();
  }

  clear() {
    this.#element.replaceChildren();
    this.#pending = [];
    this.#size = 0;
    for (const stream of ["stdout", "stderr"]) {
      this.#decoders[stream] = new TextDecoder();
      this.#styles[stream] = new Set();
      this.#escapes[stream] = "";
    }
  }

  write(stream, bytes) {
    this.#parse(stream, this.#decoders[stream].decode(bytes, { stream: true }));
  }
  typed(text) {
    this.#add("typed", text);
  }
  note(text) {
    this.flush();
    this.#add("note", `\n[${text}]\n`);
  }

  #parse(stream, text) {
    text = this.#escapes[stream] + text;
    this.#escapes[stream] = "";
    // eslint-disable-next-line no-control-regex
    const pattern = /\x1b(?:\[([0-9;:?]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|\r\n|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]/g;
    const tail = text.lastIndexOf("\x1b");
    // An escape sequence may go on in the next chunk.
    if (tail >= 0 && text.length - tail < 64 && !/^\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/.test(text.slice(tail))) {
      this.#escapes[stream] = text.slice(tail);
      text = text.slice(0, tail);
    }
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > from) this.#add(stream, text.slice(from, match.index));
      from = match.index + match[0].length;
      if (match[0] === "\r\n") this.#add(stream, "\n");
      else if (match[2] === "m") this.#style(stream, match[1]);
      else if (match[0] === "\r" || match[0] === "\x08" || match[0].startsWith("\x1b")) continue;
      else this.#add(stream, String.fromCharCode(0x2400 + match[0].charCodeAt(0)));
    }
    if (from < text.length) this.#add(stream, text.slice(from));
  }

  #style(stream, numbers) {
    const style = this.#styles[stream];
    for (const number of (numbers || "0").split(/[;:]/).map(Number)) {
      if (number === 0) style.clear();
      else if (number === 1) style.add("b");
      else if (number === 3) style.add("i");
      else if (number === 4) style.add("u");
      else if (number === 22) style.delete("b");
      const colour = number >= 30 && number <= 37 ? number - 30 : number >= 90 && number <= 97 ? number - 90 : -1;
      if (colour >= 0 || number === 39) for (const old of [...style]) if (old.startsWith("f")) style.delete(old);
      if (colour >= 0) style.add(`f${colour}`);
      if (number === 38 || number === 48) break;
    }
  }

  #add(stream, text) {
    const name = [stream, ...(this.#styles[stream] ?? [])].join(" ");
    const last = this.#pending.at(-1);
    if (last && last.name === name) last.text += text;
    else this.#pending.push({ name, text });
    // What can never be shown is not kept either.
    if (this.#pending.length > 20000) this.#pending.splice(0, 10000);
    if (last && last.text.length > mostCharacters) last.text = last.text.slice(-mostCharacters / 2);
    this.#frame ||= requestAnimationFrame(() => this.flush());
  }

  /** Shows what has come since the last frame. */
  flush() {
    if (this.#frame) cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#pending.length === 0) return;
    const element = this.#element;
    const follows = element.scrollTop + element.clientHeight >= element.scrollHeight - 40;
    const fragment = document.createDocumentFragment();
    for (const { name, text } of this.#pending) {
      const last = fragment.lastChild ?? element.lastChild;
      if (last && last.className === name && last.textContent.length < 20000) last.append(text);
      else {
        const span = document.createElement("span");
        span.className = name;
        span.textContent = text;
        fragment.append(span);
      }
      this.#size += text.length;
    }
    this.#pending = [];
    element.append(fragment);
    while (this.#size > mostCharacters && element.firstChild !== element.lastChild) {
      this.#size -= element.firstChild.textContent.length;
      element.firstChild.remove();
    }
    if (follows) element.scrollTop = element.scrollHeight;
  }
}
