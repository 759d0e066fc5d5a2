// The editor: CodeMirror 5 where the service has it, a plain text field where it has not.

const base = "/assets/codemirror/";
const modes = {
  python: ["python", "python"], node: ["javascript", "javascript"], bash: ["shell", "shell"], c: ["clike", "text/x-csrc"],
  cpp: ["clike", "text/x-c++src"], java: ["clike", "text/x-java"], ruby: ["ruby", "ruby"], perl: ["perl", "perl"], php: ["php", "php"],
  lua: ["lua", "lua"], go: ["go", "go"], rust: ["rust", "rust"], r: ["r", "r"], haskell: ["haskell", "haskell"],
};

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
    await Promise.allSettled(["addon/edit/matchbrackets.js", "addon/edit/closebrackets.js", "addon/comment/comment.js"].map(script));
    const { CodeMirror } = window;
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

  async language(name) {
    const mode = modes[name];
    if (!this.#mirror) return;
    if (!mode) {
      this.#mirror.setOption("mode", null);
      return;
    }
    try {
      await script(`mode/${mode[0]}/${mode[0]}.js`);
      this.#mirror.setOption("mode", mode[1]);
    } catch {
      this.#mirror.setOption("mode", null);
    }
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
