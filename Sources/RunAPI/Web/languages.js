// The menu of languages: short names, the versions of a language after it, a search for the rest.

const byName = (a, b) => a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });

/** The short name, and the rest of the description. */
export function title(language) {
  const [, short, rest] = /^(.*?)((?:,| with | on ).*)?$/s.exec(language.description || language.name);
  return { short, rest: (rest ?? "").replace(/^,?\s*/, "") };
}

/** Languages in the order of the menu. */
export function sorted(languages) {
  const main = new Map(languages.map((language) => [language.name, language]));
  const home = (language) => main.get(language.language) ?? language;
  return [...languages].sort((a, b) =>
    byName(title(home(a)).short, title(home(b)).short) || byName(home(a).name, home(b).name)
      || Number(home(b) === b) - Number(home(a) === a) || byName(b.version ?? "", a.version ?? ""));
}

/** Languages that a search finds, the closest first: by any of their names, or words of the description. */
export function search(languages, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return languages;
  const rank = (language) => {
    const names = [language.name, ...language.aliases, title(language).short, ...language.extensions].map((name) => name.toLowerCase());
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (names.some((name) => name.includes(wanted))) return 2;
    return (language.description ?? "").toLowerCase().includes(wanted) ? 3 : 9;
  };
  return languages.map((language) => [rank(language), language]).filter(([value]) => value < 9)
    .sort(([a], [b]) => a - b).map(([, language]) => language);
}

/** A combobox (ARIA 1.2): a field that shows the choice, with a list below it while the user searches. */
export class LanguageMenu {
  #field;
  #list;
  #choose;
  #all = [];
  #current = null;
  #options = [];
  #active = -1;

  /**
   * @param {HTMLInputElement} field
   * @param {HTMLElement} list
   * @param {(name: string) => void} choose
   */
  constructor(field, list, choose) {
    [this.#field, this.#list, this.#choose] = [field, list, choose];
    // Typed text then replaces the name instead of being appended to it.
    field.addEventListener("focus", () => field.select());
    field.addEventListener("mousedown", (event) => {
      if (!list.hidden || event.button !== 0) return;
      event.preventDefault();
      field.focus();
      field.select();
      this.#open();
    });
    field.addEventListener("input", () => this.#open(field.value));
    field.addEventListener("blur", () => this.#close());
    field.addEventListener("keydown", (event) => this.#key(event));
    // The field keeps the focus, so that it does not close before the click.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#take(this.#options.findIndex((one) => one.element === option));
    });
  }

  /** @param {object[]} languages as the service lists them */
  fill(languages) {
    this.#all = sorted(languages);
  }

  show(language) {
    this.#current = language;
    this.#field.value = this.#label(language);
    this.#field.title = [language.description, language.version ? `version ${language.version}` : ""].filter(Boolean).join("\n");
  }

  #label(language) {
    const { short, rest } = title(language);
    const twins = this.#all.filter((one) => title(one).short === short && one.available);
    return twins.length > 1 && language.language !== language.name && rest ? `${short}, ${rest}` : twins.length > 1 && language.name !== twins[0].name ? `${short} (${language.name})` : short;
  }

  #open(text = "") {
    const found = search(this.#all, text);
    const usable = found.filter((language) => language.available);
    const missing = found.filter((language) => !language.available);
    this.#options = [];
    const [options, note] = this.#list.children;
    options.replaceChildren(...usable.map((language) => this.#option(language)));
    note.textContent = "";
    const rest = this.#all.filter((language) => !language.available).length;
    if (found.length === 0) note.textContent = `No language is called “${text}”.`;
    else if (text && missing.length > 0) {
      // The title tells users who search for it how the operator can add it.
      const group = document.createElement("div");
      group.role = "group";
      group.ariaLabel = "Not offered here";
      group.append(...missing.slice(0, 20).map((language) => this.#option(language)));
      options.append(group);
    } else if (!text && rest > 0) note.textContent = `${rest} more ${rest === 1 ? "is" : "are"} not offered here; type to look for ${rest === 1 ? "it" : "them"}.`;
    this.#list.hidden = false;
    this.#field.setAttribute("aria-expanded", "true");
    const now = this.#options.findIndex((one) => one.language === this.#current);
    this.#mark(text ? 0 : Math.max(0, now));
  }

  #option(language) {
    const element = document.createElement("div");
    const { short, rest } = title(language);
    element.setAttribute("role", "option");
    element.id = `language-${this.#options.length}`;
    element.dataset.name = language.name;
    element.setAttribute("aria-selected", String(language === this.#current));
    const strong = document.createElement("b");
    strong.textContent = short;
    const small = document.createElement("small");
    small.textContent = rest && language.available ? rest : "";
    const code = document.createElement("code");
    code.textContent = language.name;
    element.append(strong, small, code);
    if (!language.available) {
      element.setAttribute("aria-disabled", "true");
      element.title = language.reason ?? "";
    }
    this.#options.push({ element, language });
    return element;
  }

  #mark(index) {
    this.#options[this.#active]?.element.classList.remove("active");
    this.#active = index;
    const option = this.#options[index]?.element;
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #take(index) {
    const language = this.#options[index]?.language;
    if (!language?.available) return;
    this.#close();
    this.#choose(language.name);
    this.#field.select();
  }

  #close() {
    this.#list.hidden = true;
    this.#active = -1;
    this.#field.setAttribute("aria-expanded", "false");
    this.#field.removeAttribute("aria-activedescendant");
    if (this.#current) this.show(this.#current);
  }

  #key(event) {
    const isOpen = !this.#list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.ctrlKey || event.metaKey) return;
    if (step) {
      if (!isOpen) this.#open();
      else this.#mark(Math.min(this.#options.length - 1, Math.max(0, this.#active + step)));
    } else if (event.key === "Enter" && isOpen) this.#take(this.#active);
    else if (event.key === "Escape" && isOpen) this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
