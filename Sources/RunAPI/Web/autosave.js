// Programs survive a reload and a change of the language: one draft per language, only in this browser.

import { kept } from "./storage.js";

const prefix = "nestbox-draft:";
/** Characters of one draft, and how many drafts there are. Browsers give an origin five million or so. */
const most = { characters: 400_000, drafts: 12 };

/** @typedef {{code: string, options: object, sample?: string}} Draft */

/** @returns {Draft | null} */
export function draft(language) {
  try {
    const value = JSON.parse(kept.get(prefix + language));
    return typeof value?.code === "string" ? value : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} language
 * @param {Draft | null} value null forgets it
 * @returns {boolean} whether it is kept now
 */
export function keepDraft(language, value) {
  if (value === null) return kept.set(prefix + language, null);
  let text = JSON.stringify({ ...value, at: Date.now() });
  // The user's files are also on the user's disk; the program is stored nowhere else.
  if (text.length > most.characters) text = JSON.stringify({ ...value, options: { ...value.options, files: [] }, at: Date.now() });
  if (text.length > most.characters) return false;
  const others = kept.names().filter((name) => name.startsWith(prefix) && name !== prefix + language);
  const age = (name) => draft(name.slice(prefix.length))?.at ?? 0;
  others.sort((a, b) => age(a) - age(b));
  for (const old of others.slice(0, Math.max(0, others.length - most.drafts + 1))) kept.set(old, null);
  // If the storage is full, the oldest draft is removed.
  for (let index = 0; index <= others.length; index++) {
    if (kept.set(prefix + language, text)) return true;
    if (index < others.length) kept.set(others[index], null);
  }
  return false;
}

/** Calls `save` soon after the last of many changes, and before the page is left. */
export class Autosave {
  #save;
  #timer = 0;

  constructor(save) {
    this.#save = save;
    addEventListener("pagehide", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.now());
  }
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), 400);
  }
  now() {
    if (!this.#timer) return;
    this.drop();
    this.#save();
  }
  /** Cancels a pending save. */
  drop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
