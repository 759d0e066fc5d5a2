// Shows the events of a session: a cell for each execution, with its output, its value and what it asks.

import { htmlFrame } from "./repl-frames.js";
import { Terminal } from "./terminal.js";

const mostCells = 500;
/** Checkpoints that this page makes before cells. */
export const isUndo = (name) => /^undo-\d+$/.test(name);
const pictures = { "image/png": "base64", "image/jpeg": "base64", "image/gif": "base64", "image/webp": "base64", "image/svg+xml": "text" };

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Seconds as people read them: a cell takes less than a millisecond, or minutes. */
function duration(seconds) {
  const milliseconds = seconds * 1000;
  if (milliseconds < 1000) return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
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
  if (typeof data["text/html"] === "string") return htmlFrame(data["text/html"]);
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
        this.root.classList.replace("running", event.status);
        this.#foot.textContent = `${event.status === "ok" ? "" : event.status + (event.limit ? `: ${event.limit.name}` : "") + " · "}${duration(event.execution_time)}`;
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
  #list = element("div");
  #cells = new Map();
  #answer = null;
  #follows = true;

  /** @param root the element that scrolls; it stays at its end, until the user scrolls away from that. */
  constructor(root) {
    this.#root = root;
    root.append(this.#list);
    // Only the user scrolls up; the event of our own scrolling may come when there is more at the end already.
    let top = 0;
    root.addEventListener("scroll", () => {
      if (root.scrollHeight - root.scrollTop - root.clientHeight < 40) this.#follows = true;
      else if (root.scrollTop < top) this.#follows = false;
      top = root.scrollTop;
    });
    // Pictures and frames get their height later than their event, and the entry grows with its lines.
    const observer = new ResizeObserver(() => this.#follow());
    observer.observe(root);
    observer.observe(this.#list);
  }

  #follow() {
    if (this.#follows) this.#root.scrollTop = this.#root.scrollHeight;
  }

  /** Shows the end again, as after a cell that the user executes. */
  toEnd() {
    this.#follows = true;
    this.#follow();
  }

  /** @param answer called with a token and a text; null for observers. */
  setAnswer(answer) {
    this.#answer = answer;
  }

  get count() {
    return this.#cells.size;
  }

  clear() {
    this.#cells.clear();
    this.#list.replaceChildren();
  }

  /** Marks cells whose effect was undone. */
  undo(ids) {
    for (const id of ids) this.#cells.get(id)?.root.classList.add("undone");
  }

  take(event) {
    if (!shown.has(event.type)) {
      if (noted.has(event.type)) this.#list.append(element("p", "note", note(event)));
      return;
    }
    const id = event.execution_id ?? "";
    let cell = this.#cells.get(id);
    if (!cell) {
      cell = new Cell(event.code ?? null, this.#answer);
      this.#cells.set(id, cell);
      this.#list.append(cell.root);
      if (this.#cells.size > mostCells) {
        const [oldest, old] = this.#cells.entries().next().value;
        old.root.remove();
        this.#cells.delete(oldest);
      }
    }
    cell.take(event);
  }
}

const shown = new Set(["execution_started", "output", "display", "clear", "result", "error", "input_request", "input_received", "execution_finished"]);
const noted = new Set(["restarted", "restored", "taken_over", "warning", "closing", "ended"]);

function note(event) {
  switch (event.type) {
    case "restarted": return "A new interpreter: variables and files are gone.";
    case "restored": {
      const how = event.method === "replay" ? ` ${event.replayed ?? 0} cells were executed again for that; what they do elsewhere has happened again.` : "";
      const lost = event.lost?.length ? ` Not as before: ${event.lost.map(({ name }) => name).join(", ")}.` : "";
      return (isUndo(event.name) ? "Undone: variables and files are as they were before that cell." : `Back at the checkpoint ${event.name}.`) + how + lost;
    }
    case "taken_over": return "Another connection controls the session now.";
    case "warning": return event.message;
    case "closing": return `The session ends in ${Math.round(event.in)} s: ${event.reason}.`;
    default: return `The session has ended: ${event.verdict}: ${event.reason}`;
  }
}
