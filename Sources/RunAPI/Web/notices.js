// Messages about a run, apart from the program's output: warnings, hints, lost events.

const most = 30;

export class Notices {
  #place;
  #known = new Map();

  constructor(place) {
    this.#place = place;
  }

  clear() {
    this.#known.clear();
    this.#place.replaceChildren();
    this.#place.hidden = true;
  }

  /**
   * @param {string} text
   * @param {"warning" | "hint" | "error"} kind
   * @param {{label: string, go: () => void}} [action]
   */
  add(text, kind = "warning", action) {
    const key = `${kind} ${text}`;
    // Do not repeat the same message.
    if (!text || this.#known.has(key) || this.#known.size >= most) return;
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = text;
    if (action) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: action.label });
      button.addEventListener("click", action.go);
      item.append(" ", button);
    }
    this.#known.set(key, item);
    this.#place.append(item);
    this.#place.hidden = false;
  }
}
