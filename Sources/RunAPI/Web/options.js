// The fields of a run's options, and the errors that the service found in them.

import { split, join } from "./quoting.js";
import { bytes } from "./format.js";

const $ = (id) => document.getElementById(id);
const limits = ["cpu", "wall", "memory"];
/** Limits of the additional files together: they are kept in the tab, and can be part of a link. */
const most = { files: 32, bytes: 1_000_000 };

/** Fields by their names in the API. */
const fields = {
  args: "arguments", compiler_options: "compiler-options", artifacts: "artifacts", stdin: "stdin", files: "files-field", network: "network",
  ...Object.fromEntries(limits.map((name) => [`limits.${name}`, `limit-${name}`])),
};

/** An error in a field, found before anything is sent. */
export class FieldError extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const isText = (data) => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return null;
  }
};
const base64 = (data) => btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));

export class Options {
  #files = [];
  #changed;

  /** @param {() => void} changed called when something was typed or added */
  constructor(changed) {
    this.#changed = changed;
    for (const kind of ["input", "change"]) {
      $("options").addEventListener(kind, (event) => {
        this.#unmark(event.target);
        this.mark();
        changed();
      });
    }
    $("tty").addEventListener("change", changed);
    $("options-toggle").addEventListener("click", () => this.open($("options").hidden));
    $("add-files").addEventListener("change", () => this.#add([...$("add-files").files]));
  }

  open(isOpen) {
    $("options").hidden = !isOpen;
    $("options-toggle").setAttribute("aria-expanded", String(isOpen));
  }

  /** Adapts the fields to another language. */
  adapt(language) {
    $("compiler-field").hidden = language.compiler_options.length === 0;
    $("compiler-options").placeholder = language.compiler_options.slice(0, 3).join(" ");
    $("compiler-options").title = `Allowed: ${language.compiler_options.join(" ")}`;
    $("artifacts").placeholder = language.artifacts.join(" ") || "*.png out/*";
    this.mark();
  }

  /** Limits of the policy in force, as far as they are known: the meaning of an empty field. */
  describe(policy) {
    const time = (value) => (value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`);
    for (const name of limits) {
      const [value, top] = [policy?.limits?.[name], policy?.ceiling?.[name]];
      if (typeof value !== "number") continue;
      const text = name === "memory" ? (amount) => bytes(amount).replace(".0 ", " ").replace(" ", "") : time;
      $(`limit-${name}`).placeholder = text(value);
      $(`limit-${name}`).title = typeof top === "number" ? `${text(value)} unless you say so, ${text(top)} at most` : "";
    }
    $("network-field").hidden = policy?.network !== "none" || policy.network_ceiling === "none";
  }

  /**
   * The fields of a submission.
   * @throws {FieldError}
   */
  submission() {
    const body = {};
    const words = (id, name) => {
      try {
        const found = split($(id).value);
        if (found.length > 0) body[name] = found;
      } catch (error) {
        throw new FieldError(id, error.message);
      }
    };
    words("arguments", "args");
    if (!$("compiler-field").hidden) words("compiler-options", "compiler_options");
    // Without any, the language's own apply.
    words("artifacts", "artifacts");
    const wanted = Object.fromEntries(limits.map((name) => [name, $(`limit-${name}`).value.trim()]).filter(([, value]) => value));
    if (Object.keys(wanted).length > 0) body.limits = wanted;
    if ($("stdin").value) body.stdin = $("stdin").value;
    if (this.#files.length > 0) body.files = this.#files.map((file) => ({ ...file }));
    if (!$("network-field").hidden && $("network").checked) body.network = "loopback";
    return body;
  }

  /** All values, for a link or a draft. */
  get values() {
    const values = {};
    for (const [name, id] of Object.entries(fields)) {
      const field = $(id);
      if (field.type === "checkbox" ? field.checked : field.value) values[name] = field.type === "checkbox" ? true : field.value;
    }
    if (this.#files.length > 0) values.files = this.#files;
    if ($("tty").checked) values.tty = true;
    return values;
  }

  /** @param {object} values from `values`, or from elsewhere: nothing of it is trusted */
  set values(values) {
    for (const [name, id] of Object.entries(fields)) {
      const field = $(id), value = values?.[name];
      if (field.type === "checkbox") field.checked = value === true;
      else if ("value" in field) field.value = typeof value === "string" ? value : Array.isArray(value) ? join(value.map(String)) : "";
      this.#unmark(field);
    }
    const files = Array.isArray(values?.files) ? values.files : [];
    this.#files = files.filter((file) => typeof file?.name === "string" && typeof file.content === "string").slice(0, most.files)
      .map(({ name, content, encoding }) => ({ name, content, ...(encoding === "base64" ? { encoding } : {}) }));
    $("tty").checked = values?.tty === true;
    this.#list();
    this.mark();
  }

  get stdin() {
    return $("stdin").value;
  }
  set stdin(text) {
    $("stdin").value = text;
    this.mark();
  }
  get terminal() {
    return $("tty").checked;
  }

  async #add(chosen) {
    $("add-files").value = "";
    for (const file of chosen) {
      const size = this.#files.reduce((sum, one) => sum + one.content.length, 0);
      if (this.#files.length >= most.files || size + file.size > most.bytes) {
        this.#wrong("files-field", `${file.name} is not added: ${most.files} files and ${bytes(most.bytes)} together at most`);
        continue;
      }
      const data = new Uint8Array(await file.arrayBuffer());
      const text = isText(data);
      const entry = text === null ? { name: file.name, content: base64(data), encoding: "base64" } : { name: file.name, content: text };
      this.#files = [...this.#files.filter((one) => one.name !== file.name), entry];
    }
    this.#list();
    this.mark();
    this.#changed();
  }

  #list() {
    $("files").replaceChildren(...this.#files.map((file) => {
      const item = document.createElement("li");
      const remove = document.createElement("button");
      Object.assign(remove, { type: "button", textContent: "×", ariaLabel: `Remove ${file.name}` });
      remove.addEventListener("click", () => {
        this.#files = this.#files.filter((one) => one !== file);
        this.#list();
        this.mark();
        this.#changed();
      });
      item.append(file.name, remove);
      return item;
    }));
  }

  /** Whether hidden options have an effect. */
  mark() {
    const { tty, ...others } = this.values;
    if ($("compiler-field").hidden) delete others.compiler_options;
    const isSet = Object.keys(others).length > 0;
    $("options-toggle").classList.toggle("set", isSet);
    $("options-toggle").title = isSet ? "Some are set" : "";
  }

  #unmark(field) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
    document.getElementById(`${field.id}-error`)?.remove();
  }
  clearErrors() {
    for (const id of Object.values(fields)) this.#unmark($(id));
  }

  #wrong(id, text) {
    const field = $(id);
    this.#unmark(field);
    const note = document.createElement("span");
    Object.assign(note, { id: `${id}-error`, className: "wrong", textContent: text });
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", note.id);
    field.after(note);
    if (field.matches("div")) field.append(note);
  }

  /**
   * Marks the fields that an error is about.
   * @returns {{fields: number, rest: string[]}} the number of fields, and the errors that concern none of them
   */
  blame(error) {
    const rest = [];
    const blamed = [];
    const put = (id, text) => {
      this.#wrong(id, text);
      blamed.push(id);
    };
    if (error instanceof FieldError) put(error.field, error.message);
    for (const [path, text] of Object.entries(error.details ?? {})) {
      const name = path === "limit" ? `limits.${text}` : path.replace(/^limit\./, "limits.");
      const id = fields[name] ?? fields[name.replace(/[[.].*$/, "")];
      if (id) put(id, path === "limit" ? error.message : text);
      else if (!error.message.includes(text)) rest.push(`${path}: ${text}`);
    }
    if (blamed.length > 0) {
      this.open(true);
      const first = $(blamed[0]);
      (first.matches("input, textarea") ? first : first.querySelector("input, button"))?.focus();
    }
    return { fields: blamed.length, rest };
  }
}
