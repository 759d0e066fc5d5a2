// The examples of the service: in the menu beside the page's own, with what they are about, their hints and their checks.

const $ = (id) => document.getElementById(id);
const levels = ["beginner", "intermediate", "advanced"];

/** One entry of the menu. `options` is complete once the text is there. */
class Example {
  #nestbox;
  #report;
  options = {};

  constructor(nestbox, report) {
    [this.#nestbox, this.#report] = [nestbox, report];
  }

  get id() { return this.#report.id; }
  get title() { return this.#report.title; }
  get level() { return this.#report.difficulty; }
  get label() { return `${this.title} (${this.#report.category})`; }
  get isExercise() { return this.#report.kind === "exercise"; }
  get hintCount() { return this.#report.hint_count; }

  get about() {
    const { category, difficulty, description, needs } = this.#report;
    return `${category}, ${difficulty}: ${description}${needs ? ` It needs ${needs}.` : ""}`;
  }

  #get(query) {
    return this.#nestbox._json(`/api/v1/examples/${this.id}${query}`);
  }

  async text() {
    const { files, inputs, main } = await this.#get("?hints=0");
    const through = (way) => inputs.filter((input) => input.through === way);
    const beside = files.filter((file) => file.name !== main);
    beside.push(...through("file").map((input) => ({ name: input.target, content: input.default })));
    this.options = {};
    if (beside.length > 0) this.options.files = beside;
    const lines = through("stdin").map((input) => `${input.default}\n`).join("");
    if (lines) this.options.stdin = lines;
    const words = through("argument").map((input) => `'${input.default.replaceAll("'", "'\\''")}'`);
    if (words.length > 0) this.options.args = words.join(" ");
    return files.find((file) => file.name === main).content;
  }

  async hints(count) { return (await this.#get(`?hints=${count}`)).hints; }
  async solution() { return (await this.#get("?solution=true")).solution; }

  /** What came of the checks of a program. */
  check(code) {
    return this.#nestbox._json(`/api/v1/examples/${this.id}/execute`, { method: "POST", body: JSON.stringify({ code, check: true }) });
  }
}

/** The examples of a language, from easy to hard; none where the service cannot tell. */
export async function examplesOf(nestbox, language) {
  try {
    const { examples } = await nestbox._json(`/api/v1/examples?language=${encodeURIComponent(language.name)}&limit=200`);
    return levels.flatMap((level) => examples.filter((one) => one.difficulty === level)).map((one) => new Example(nestbox, one));
  } catch {
    return [];
  }
}

/** The groups of the menu for them, in the same order. */
export function groupsOf(examples) {
  return levels.filter((level) => examples.some((one) => one.level === level)).map((level) => {
    const group = document.createElement("optgroup");
    group.label = level[0].toUpperCase() + level.slice(1);
    group.append(...examples.filter((one) => one.level === level).map((one) => new Option(one.label)));
    return group;
  });
}

/** The strip above the editor: what the example is about, its hints one by one, its checks. */
export class Lesson {
  #example = null;
  #shown = 0;
  #editor;
  #toast;

  /** @param {(text: string) => void} toast tells the user what went wrong */
  constructor(editor, toast) {
    [this.#editor, this.#toast] = [editor, toast];
    $("lesson-hint").addEventListener("click", () => this.#try(() => this.#hint()));
    $("lesson-check").addEventListener("click", () => this.#try(() => this.#check()));
  }

  async #try(work) {
    try {
      await work();
    } catch (error) {
      this.#toast(error.message);
    }
  }

  /** @param {object} sample anything in the menu; only an example of the service has a lesson */
  show(sample) {
    this.#example = sample instanceof Example ? sample : null;
    this.#shown = 0;
    $("lesson").hidden = !this.#example;
    if (!this.#example) return;
    $("lesson-about").textContent = this.#example.about;
    $("lesson-check").hidden = !this.#example.isExercise;
    $("lesson-hints").replaceChildren();
    this.#name();
  }

  #name() {
    const { hintCount, isExercise } = this.#example;
    const isOut = this.#shown >= hintCount;
    $("lesson-hint").hidden = isOut && !isExercise;
    $("lesson-hint").textContent = isOut ? "Show the solution" : `Hint ${this.#shown + 1} of ${hintCount}`;
  }

  async #hint() {
    const example = this.#example;
    if (this.#shown >= example.hintCount) {
      const text = await example.solution();
      // Undo brings back what was written.
      if (example === this.#example) this.#editor.replace(text);
      return;
    }
    const hints = await example.hints(this.#shown + 1);
    if (example !== this.#example) return;
    this.#shown += 1;
    this.#say(hints.at(-1));
    this.#name();
  }

  async #check() {
    const example = this.#example;
    $("lesson-check").disabled = true;
    try {
      const { checks, count, passed } = await example.check(this.#editor.text);
      if (example !== this.#example) return;
      if (passed) return this.#say(`All ${count} checks passed.`);
      const { stdin, expected, output, messages } = checks.find((check) => !check.passed);
      const shown = (text) => JSON.stringify(text.trimEnd().slice(0, 300));
      this.#say(`${checks.filter((check) => check.passed).length} of ${count} checks passed. For ${shown(stdin)} it printed ${shown(output || messages)}, expected is ${shown(expected)}.`);
    } finally {
      $("lesson-check").disabled = false;
    }
  }

  #say(text) {
    const item = document.createElement("li");
    item.textContent = text;
    $("lesson-hints").append(item);
  }
}
