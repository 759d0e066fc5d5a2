// The editor: first a text field, replaced by CodeMirror 5 as soon as that is loaded, where the service has it.

const base = new URL("./codemirror/", import.meta.url);

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = new URL(path, base);
    // Executed in this order, although all are fetched concurrently.
    element.async = false;
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${path} is not there`));
    document.head.append(element);
  });
}

function style(path) {
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = new URL(path, base);
  // Before the page's own styles, which override it.
  document.head.prepend(element);
  return new Promise((resolve) => (element.onload = element.onerror = resolve));
}

export class Editor {
  #field;
  #mirror = null;
  #wanted = null;
  #actions;
  #marks = [];

  /** @param {{run: () => void, changed: () => void}} actions */
  constructor(field, actions) {
    this.#field = field;
    this.#actions = actions;
    field.addEventListener("input", () => actions.changed());
    field.addEventListener("keydown", (event) => {
      // As usual, Tab leaves the field, unless the user is typing.
      if (event.key !== "Tab" || event.shiftKey || field.dataset.leave) return;
      event.preventDefault();
      field.setRangeText("    ", field.selectionStart, field.selectionEnd, "end");
      actions.changed();
    });
    field.addEventListener("keydown", (event) => (field.dataset.leave = event.key === "Escape" ? "true" : ""));
    field.addEventListener("blur", () => (field.dataset.leave = ""));
  }

  /** @returns {Promise<boolean>} whether CodeMirror is there now */
  async load() {
    try {
      await Promise.all([style("lib/codemirror.css"), script("lib/codemirror.js")]);
    } catch {
      return false;
    }
    await Promise.allSettled([
      "addon/edit/matchbrackets.js", "addon/edit/closebrackets.js", "addon/comment/comment.js", "addon/mode/simple.js",
      "addon/mode/loadmode.js", "mode/meta.js",
    ].map(script));
    const { CodeMirror } = window;
    CodeMirror.modeURL = new URL("mode/%N/%N.js", base).href;
    const field = this.#field;
    const had = document.activeElement === field ? [field.selectionStart, field.selectionEnd] : null;
    this.#mirror = CodeMirror.fromTextArea(field, {
      lineNumbers: true, matchBrackets: true, autoCloseBrackets: true, indentUnit: 4, theme: "nest", viewportMargin: 50,
      // For the search, which is loaded later.
      search: { bottom: false },
      gutters: ["CodeMirror-linenumbers", "marks"],
      extraKeys: {
        "Ctrl-Enter": () => this.#actions.run(), "Cmd-Enter": () => this.#actions.run(),
        "Ctrl-/": "toggleComment", "Cmd-/": "toggleComment", "Ctrl-F": () => this.find(), "Cmd-F": () => this.find(),
        Tab: (mirror) => (mirror.somethingSelected() ? mirror.indentSelection("add") : mirror.replaceSelection("    ")),
        "Shift-Tab": (mirror) => mirror.indentSelection("subtract"),
        // The way out for users who navigate by Tab. A running program continues.
        Esc: (mirror) => {
          if (mirror.somethingSelected()) return mirror.setCursor(mirror.getCursor());
          mirror.getInputField().blur();
          document.querySelector("#run:enabled, #stop:enabled")?.focus();
        },
      },
    });
    this.#mirror.getInputField().setAttribute("aria-label", "Program; Escape leaves");
    this.#mirror.on("change", (_, change) => change.origin !== "setValue" && this.#actions.changed());
    if (had) {
      this.#mirror.focus();
      this.#mirror.setSelection(this.#mirror.posFromIndex(had[0]), this.#mirror.posFromIndex(had[1]));
    }
    this.mode(this.#wanted);
    return true;
  }

  /**
   * Shows the program as a language.
   * @param {string | null} wanted a mode or MIME type of CodeMirror; its files are loaded when it is first wanted
   */
  mode(wanted) {
    this.#wanted = wanted;
    if (!this.#mirror) return;
    const { CodeMirror } = window;
    // A mode that is not in its list has no file either.
    const known = wanted && CodeMirror.modeInfo?.find((info) => info.mime === wanted || info.mimes?.includes(wanted) || info.mode === wanted);
    if (!known || !CodeMirror.requireMode) {
      this.#mirror.setOption("mode", null);
      return;
    }
    CodeMirror.requireMode(known.mode, () => {
      if (this.#wanted === wanted) this.#mirror.setOption("mode", wanted);
    });
  }

  get text() {
    return this.#mirror ? this.#mirror.getValue() : this.#field.value;
  }
  /** Replaces the program without an undo step. */
  set text(text) {
    this.unmark();
    if (this.#mirror) {
      this.#mirror.setValue(text);
      this.#mirror.clearHistory();
    } else this.#field.value = text;
  }
  /** Replaces the text; undo restores the previous one. */
  replace(text) {
    this.unmark();
    if (this.#mirror) {
      const end = this.#mirror.posFromIndex(Infinity);
      this.#mirror.replaceRange(text, { line: 0, ch: 0 }, end, "+replace");
      this.#mirror.setCursor(0, 0);
    } else this.#field.value = text;
    this.#actions.changed();
  }

  /** @param {number} line from 1 */
  go(line, column) {
    const [row, character] = [line - 1, Math.max(0, (column ?? 1) - 1)];
    if (this.#mirror) {
      this.#mirror.focus();
      this.#mirror.setCursor(row, character);
      this.#mirror.scrollIntoView(null, 80);
      return;
    }
    const lines = this.#field.value.split("\n");
    const at = lines.slice(0, row).reduce((sum, one) => sum + one.length + 1, 0) + Math.min(character, lines[row]?.length ?? 0);
    this.#field.focus();
    this.#field.setSelectionRange(at, at);
  }

  /** @param {{line: number, message: string}[]} problems */
  mark(problems) {
    this.unmark();
    if (!this.#mirror) return;
    for (const { line, message } of problems) {
      if (line > this.#mirror.lineCount()) continue;
      const sign = document.createElement("span");
      Object.assign(sign, { className: "mark", textContent: "●", title: message });
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", message);
      this.#mirror.setGutterMarker(line - 1, "marks", sign);
      this.#marks.push(this.#mirror.addLineClass(line - 1, "background", "wrong-line"));
    }
  }
  unmark() {
    if (!this.#mirror || this.#marks.length === 0) return;
    this.#mirror.clearGutter("marks");
    for (const handle of this.#marks) this.#mirror.removeLineClass(handle, "background", "wrong-line");
    this.#marks = [];
  }

  /** Opens the search, whose files are loaded at first use; without CodeMirror the browser's own search works. */
  async find() {
    if (!this.#mirror) return;
    if (!this.#mirror.openDialog) {
      await Promise.allSettled([
        style("addon/dialog/dialog.css"), ...["addon/dialog/dialog.js", "addon/search/searchcursor.js", "addon/search/search.js"].map(script),
      ]);
    }
    this.#mirror.execCommand("findPersistent");
  }

  refresh() {
    this.#mirror?.refresh();
  }
}
