// One run on the page: started, or found again after a reload; followed until it ends.

import { NestboxError, outputBytes } from "./nestbox.js";
import { details, milliseconds, verdict } from "./format.js";
import { link } from "./problems.js";
import { session } from "./storage.js";

const $ = (id) => document.getElementById(id);
/** The storage key of the tab's current run. */
const memory = "nestbox-run";

export class Session {
  #parts;
  #run = null;
  #view = null;
  #token = null;
  #typed = null;
  #clock = null;
  #interactive = false;
  #isStarting = false;
  #file = "";

  /**
   * @param {{nestbox: object, terminal: object, editor: object, artifacts: object, usage: object, notices: object, options: object,
   *   askForKey: () => void, offer: (language: string) => (() => void) | null}} parts `offer` returns how to switch to another language
   *   with the program, if that can be used
   */
  constructor(parts) {
    this.#parts = parts;
    $("stop").addEventListener("click", () => this.stop());
    $("input-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send($("input").value + "\n");
    });
    $("eof").addEventListener("click", () => {
      this.#run?.closeStdin();
      $("input-form").hidden = true;
    });
  }

  /** Also true while a run is being submitted. */
  get isRunning() {
    return this.#isStarting || (this.#run !== null && !this.#run.ended);
  }
  /** The output of the last run. */
  get output() {
    return this.#view ? this.#view.text : this.#parts.terminal.text;
  }

  state(name, text, detail = "") {
    $("status").dataset.state = name;
    $("verdict").textContent = text;
    $("detail").textContent = detail;
  }

  stop() {
    this.#run?.cancel();
  }

  /**
   * @param {object} body a submission
   * @param {{file: string}} language
   */
  async start(body, language) {
    if (this.isRunning) return;
    await this.#prepare(body.tty !== undefined);
    if (this.#view) body = { ...body, tty: this.#view.size };
    this.#interactive = body.stdin === undefined;
    this.state("queued", "Submitting…");
    await this.#follow(this.#parts.nestbox.run(body), { language: body.language, file: language.file, tty: body.tty !== undefined });
  }

  /**
   * Follows the run from before a reload, if it still exists.
   * @returns {boolean} whether there was one
   */
  async again() {
    let old = null;
    try {
      old = JSON.parse(session.get(memory));
    } catch {
      // Not written by this page.
    }
    if (typeof old?.id !== "string" || !/^[0-9a-f]{32}$/.test(old.id)) return false;
    await this.#prepare(old.tty === true);
    this.#interactive = old.stdin !== true;
    this.state("queued", "Looking for the previous run…");
    await this.#follow(this.#parts.nestbox.attach(old.id), { ...old, isOld: true });
    return true;
  }

  async #prepare(wantsScreen) {
    this.#isStarting = true;
    try {
      await this.#clear(wantsScreen);
    } finally {
      this.#isStarting = false;
    }
  }

  async #clear(wantsScreen) {
    const { terminal, artifacts, usage, notices, editor, options } = this.#parts;
    terminal.clear();
    artifacts.clear();
    usage.clear();
    notices.clear();
    editor.unmark();
    options.clearErrors();
    $("output").hidden = wantsScreen;
    $("screen").hidden = !wantsScreen;
    this.#view = null;
    this.#typed = null;
    if (!wantsScreen) return;
    const { ScreenView } = await import("./screen-view.js");
    this.#parts.screen ??= new ScreenView($("screen"));
    this.#view = this.#parts.screen;
    this.#view.clear();
  }

  async #follow(run, about) {
    this.#run = run;
    this.#file = about.file ?? "";
    $("run").disabled = true;
    $("stop").disabled = false;
    $("copy-output").disabled = $("save-output").disabled = false;
    try {
      for await (const event of run) {
        if (event.type === "accepted" || event.type === "attached")
          session.set(memory, JSON.stringify({ ...about, id: run.id, stdin: !this.#interactive, isOld: undefined }));
        this.#take(event);
      }
    } catch (error) {
      this.#failed(error, about.isOld === true);
    }
    if (this.#run !== run) return;
    session.set(memory, null);
    this.#idle();
  }

  #take(event) {
    const { terminal, notices, usage } = this.#parts;
    switch (event.type) {
      case "queued":
        this.state("queued", "Waiting", event.position === 1 ? "next in line" : `${event.position - 1} before this run`);
        break;
      case "started":
        this.#started(event);
        break;
      case "output":
        if (this.#view) this.#view.write(outputBytes(event));
        else terminal.write(event.stream, outputBytes(event));
        break;
      case "input_request":
        this.#ask(event);
        break;
      case "resource":
        usage.add(event);
        break;
      case "warning":
        notices.add(`Close to the ${event.limit} limit.`);
        break;
      case "lagged":
        notices.add(`Events ${event.from} to ${event.to - 1} were lost.`);
        break;
      case "refused":
        // An input request from before the reload that has been answered.
        if (event.code === "INPUT_TOKEN_STALE" && this.#typed !== null) this.#run.stdin(this.#typed);
        else notices.add(event.message, "error");
        this.#typed = null;
        break;
      case "error":
        notices.add(event.message, "error");
        break;
      case "finished":
        this.#finished(event);
        break;
    }
  }

  #started(event) {
    const begin = performance.now();
    this.state("running", event.step === "compile" ? "Compiling" : "Running");
    clearInterval(this.#clock);
    this.#clock = setInterval(() => ($("detail").textContent = milliseconds(performance.now() - begin)), 100);
    if (event.step !== "run") return;
    if (this.#view) this.#view.connect((text) => this.#run?.stdin(text), (rows, cols) => this.#run?.resize(rows, cols));
    else if (this.#interactive) $("input-form").hidden = false;
  }

  #ask(event) {
    // On a terminal the user types into it.
    if (this.#view) return;
    this.#token = event.token;
    $("input-form").hidden = false;
    $("input-form").classList.add("asked");
    $("prompt").textContent = event.prompt.trim() || "Input";
    $("input").focus();
  }

  #send(text) {
    this.#parts.terminal.typed(text);
    if (this.#token) this.#run?.respond(this.#token, text);
    else this.#run?.stdin(text);
    this.#typed = this.#token ? text : null;
    this.#token = null;
    $("input").value = "";
    $("prompt").textContent = "Input";
    $("input-form").classList.remove("asked");
  }

  #finished(event) {
    const { terminal, notices, usage, artifacts, editor } = this.#parts;
    terminal.end();
    usage.end(event.usage);
    this.state(event.verdict === "ok" ? "ok" : event.verdict === "cancelled" ? "" : "bad", verdict(event), details(event));
    if (event.truncated) notices.add("The output was cut off at its limit.");
    for (const { text, language } of event.hints ?? []) {
      const go = language && this.#parts.offer(language);
      notices.add(text, "hint", go ? { label: `Switch to ${language}`, go } : undefined);
    }
    if (event.error?.message) notices.add(event.error.message, "error");
    for (const file of (event.artifacts_skipped ?? []).slice(0, 5)) notices.add(`${file.name} was not kept: ${file.reason}.`);
    artifacts.show(event.artifacts, this.#run.id);
    if (event.verdict === "ok" && !event.steps?.some((step) => step.step === "compile")) return;
    if (this.#file) editor.mark(link($(this.#view ? "screen" : "output"), this.#file, ({ line, column }) => editor.go(line, column)));
  }

  #failed(error, wasOld) {
    if (wasOld && error.code === "RUN_NOT_FOUND") {
      this.state("", "Ready");
      return;
    }
    this.refuse(error);
  }

  /** Shows why there is no run. */
  refuse(error) {
    const { options, notices } = this.#parts;
    notices.clear();
    if (error instanceof NestboxError && (error.code === "UNAUTHENTICATED" || error.status === 401)) this.#parts.askForKey();
    const { fields, rest } = options.blame(error);
    const where = fields === 1 ? "see the marked option" : "see the marked options";
    this.state("bad", error.code === "CONNECTION_LOST" ? "No connection" : "Not run", fields > 0 ? where : error.message);
    for (const text of rest) notices.add(text, "error");
  }

  #idle() {
    clearInterval(this.#clock);
    this.#token = null;
    this.#view?.disconnect();
    $("run").disabled = false;
    $("stop").disabled = true;
    $("input-form").hidden = true;
    $("input-form").classList.remove("asked");
    // The input request is over.
    $("prompt").textContent = "Input";
    $("input").value = "";
  }
}
