// The editor: CodeMirror 5 where the service has it, a plain text field where it has not.

const base = "/assets/codemirror/";

function script(path) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = base + path;
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}

export class Editor {
  #field;
  #mirror = null;
  #wanted = null;
  #actions;

  constructor(field, actions) {
    this.#field = field;
    this.#actions = actions;
    this.ready = this.#load();
  }

  async #load() {
    try {
      await script("lib/codemirror.js");
    } catch {
      return;
    }
    await Promise.allSettled([
      "addon/edit/matchbrackets.js", "addon/edit/closebrackets.js", "addon/comment/comment.js", "addon/mode/simple.js",
      "addon/mode/loadmode.js", "mode/meta.js",
    ].map(script));
    const { CodeMirror } = window;
    CodeMirror.modeURL = `${base}mode/%N/%N.js`;
    this.#mirror = CodeMirror.fromTextArea(this.#field, {
      lineNumbers: true, matchBrackets: true, autoCloseBrackets: true, indentUnit: 4, theme: "nest", viewportMargin: 50,
      extraKeys: {
        "Ctrl-Enter": () => this.#actions.run(), "Cmd-Enter": () => this.#actions.run(),
        "Ctrl-/": "toggleComment", "Cmd-/": "toggleComment",
        Tab: (mirror) => (mirror.somethingSelected() ? mirror.indentSelection("add") : mirror.replaceSelection("    ")),
        "Shift-Tab": (mirror) => mirror.indentSelection("subtract"),
        // The way out for those who move by Tab.
        Esc: (mirror) => {
          mirror.getInputField().blur();
          this.#actions.stop();
          document.getElementById("run").focus();
        },
      },
    });
    this.#mirror.getInputField().setAttribute("aria-label", "Program");
  }

  /**
   * Shows the program as a language.
   * @param {string | null} wanted a mode or MIME type of CodeMirror; its files are loaded when it is first wanted
   */
  mode(wanted) {
    const { CodeMirror } = window;
    if (!this.#mirror) return;
    this.#wanted = wanted;
    // What is not in its list has no file either.
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
  set text(text) {
    if (this.#mirror) this.#mirror.setValue(text);
    else this.#field.value = text;
  }
  refresh() {
    this.#mirror?.refresh();
  }
}
