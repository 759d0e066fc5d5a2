// Shows the events of a session: a cell for each execution, with its output, its value and what it asks.

import { Terminal } from "./terminal.js";

const mostCells = 500;
const pictures = { "image/png": "base64", "image/jpeg": "base64", "image/gif": "base64", "image/webp": "base64", "image/svg+xml": "text" };

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** One representation of a value, the richest that can be shown without trusting it. */
export function show(data) {
  for (const [type, kind] of Object.entries(pictures)) {
    if (typeof data[type] !== "string") continue;
    const image = element("img");
    image.alt = data["text/plain"] ?? type;
    // An image element runs no scripts, also not those of an SVG.
    image.src = kind === "base64" ? `data:${type};base64,${data[type].replaceAll("\n", "")}` : `data:${type};charset=utf-8,${encodeURIComponent(data[type])}`;
    return image;
  }
  if (typeof data["text/html"] === "string") {
    const frame = element("iframe");
    // Neither scripts, nor this page's origin, nor forms, nor a way out.
    frame.setAttribute("sandbox", "");
    frame.title = "HTML of the cell";
    frame.srcdoc = data["text/html"];
    return frame;
  }
  const text = data["text/plain"] ?? JSON.stringify(data["application/json"] ?? data, null, 2);
  return element("pre", "value", text);
}

class Cell {
  #terminal;
  #shown = element("div", "shown");
  #foot = element("footer");
  #displays = new Map();
  #form = null;
  #clears = false;

  constructor(code, answer) {
    this.root = element("section", "cell running");
    const output = element("div", "output");
    if (code !== null) this.root.append(element("pre", "source", code));
    this.root.append(output, this.#shown, this.#foot);
    this.#terminal = new Terminal(output);
    this.answer = answer;
  }

  take(event) {
    if (this.#clears && ["output", "display", "result"].includes(event.type)) this.#clear();
    switch (event.type) {
      case "output":
        this.#terminal.write(event.stream, event.encoding === "base64"
          ? Uint8Array.from(atob(event.data), (letter) => letter.charCodeAt(0)) : new TextEncoder().encode(event.data));
        break;
      case "display": {
        const shown = show(event.data);
        const earlier = event.update && this.#displays.get(event.display_id);
        if (earlier) earlier.replaceWith(shown);
        else this.#shown.append(shown);
        if (event.display_id) this.#displays.set(event.display_id, shown);
        break;
      }
      case "clear":
        if (event.wait) this.#clears = true;
        else this.#clear();
        break;
      case "result": this.#shown.append(event.data ? show({ "text/plain": event.repr, ...event.data }) : element("pre", "value", event.repr)); break;
      case "error": this.#shown.append(element("pre", "traceback", event.traceback.length ? event.traceback.join("\n") : `${event.exception}: ${event.message}`)); break;
      case "input_request": this.#ask(event); break;
      case "input_received": this.#endInput(); break;
      case "execution_finished":
        this.#endInput();
        this.root.className = `cell ${event.status}`;
        this.#foot.textContent = `${event.status === "ok" ? "" : event.status + (event.limit ? `: ${event.limit.name}` : "") + " · "}${(event.execution_time * 1000).toFixed(1)} ms`;
        break;
    }
  }

  #clear() {
    this.#clears = false;
    this.#terminal.clear();
    this.#shown.replaceChildren();
    this.#displays.clear();
  }

  #ask(event) {
    this.#endInput();
    if (!this.answer) return;
    this.#form = element("form");
    const input = element("input");
    input.autocomplete = "off";
    input.autocapitalize = "off";
    if (event.password) input.type = "password";
    input.setAttribute("aria-label", event.prompt || "Input for the cell");
    input.placeholder = event.prompt || "input";
    const button = element("button", "", "Send");
    this.#form.append(input, button);
    this.#form.addEventListener("submit", (submission) => {
      submission.preventDefault();
      this.answer(event.token, input.value);
      this.#endInput();
    });
    this.root.insertBefore(this.#form, this.#foot);
    input.focus();
  }

  #endInput() {
    this.#form?.remove();
    this.#form = null;
  }
}

export class Cells {
  #root;
  #cells = new Map();
  #answer = null;

  constructor(root) {
    this.#root = root;
  }

  /** @param answer called with a token and a text; null for observers. */
  setAnswer(answer) {
    this.#answer = answer;
  }

  clear() {
    this.#cells.clear();
    this.#root.replaceChildren();
  }

  take(event) {
    if (!["execution_started", "output", "display", "clear", "result", "error", "input_request", "input_received", "execution_finished"].includes(event.type)) {
      if (["restarted", "restored", "warning", "closing", "ended"].includes(event.type)) this.#root.append(element("p", "note", note(event)));
      return;
    }
    const isAtEnd = this.#root.scrollHeight - this.#root.scrollTop - this.#root.clientHeight < 80;
    const id = event.execution_id ?? "";
    let cell = this.#cells.get(id);
    if (!cell) {
      cell = new Cell(event.code ?? null, this.#answer);
      this.#cells.set(id, cell);
      this.#root.append(cell.root);
      if (this.#cells.size > mostCells) {
        const [oldest, old] = this.#cells.entries().next().value;
        old.root.remove();
        this.#cells.delete(oldest);
      }
    }
    cell.take(event);
    if (isAtEnd) this.#root.scrollTop = this.#root.scrollHeight;
  }
}

function note(event) {
  switch (event.type) {
    case "restarted": return "A new interpreter: variables and files are gone.";
    case "restored": return `Back at the checkpoint ${event.name}.`;
    case "warning": return event.message;
    case "closing": return `The session ends in ${Math.round(event.in)} s: ${event.reason}.`;
    default: return `The session has ended: ${event.verdict}: ${event.reason}`;
  }
}
