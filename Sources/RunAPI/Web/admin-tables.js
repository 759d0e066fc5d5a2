// The tables of the page of administrators. All text goes into the page as text.

export const bytes = (value) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
};

export const time = (seconds) => {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
};

export const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

/** A table whose rows are objects; its columns sort. */
export class Table {
  /**
   * @param table the element
   * @param columns `{title, value(row), text(row), kind}`: what it sorts by, what it shows, `number`, `id` or `long`
   * @param options `{key(row), action: {title, label(row), run(row)}, empty, sort: [column, descending]}`
   */
  constructor(table, columns, options) {
    this.columns = columns;
    this.options = options;
    [this.column, this.descends] = options.sort ?? [0, false];
    this.rows = [];
    this.head = element("tr");
    this.body = element("tbody");
    table.append(element("thead", {}, this.head), this.body);
    columns.forEach((column, index) => {
      const button = element("button", { type: "button", textContent: column.title });
      button.addEventListener("click", () => this.sort(index));
      this.head.append(element("th", { scope: "col" }, button));
    });
    if (options.action) this.head.append(element("th", { scope: "col" }, element("span", { className: "quiet", textContent: options.action.title })));
    this.mark();
  }

  sort(index) {
    this.descends = this.column === index ? !this.descends : this.columns[index].kind === "number";
    this.column = index;
    this.mark();
    this.show(this.rows);
  }

  mark() {
    [...this.head.children].forEach((cell, index) => {
      if (index === this.column) cell.setAttribute("aria-sort", this.descends ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
  }

  show(rows) {
    this.rows = rows;
    const value = this.columns[this.column].value;
    const sorted = [...rows].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
      return this.descends ? -order : order;
    });
    // The focus stays on the button of the same row, so that keyboards can follow a live table.
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.body.replaceChildren(...sorted.map((row) => this.row(row)));
    if (sorted.length === 0) {
      this.body.append(element("tr", {}, element("td", { className: "soft", colSpan: this.columns.length + 1, textContent: this.options.empty })));
    }
    if (focused) [...this.body.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
  }

  row(row) {
    const made = element("tr");
    for (const column of this.columns) {
      const cell = element("td", { textContent: (column.text ?? column.value)(row) ?? "–", className: column.kind ?? "" });
      if (column.bad?.(row)) cell.classList.add("bad");
      made.append(cell);
    }
    const action = this.options.action;
    if (action) {
      const button = element("button", { type: "button", textContent: action.label(row) });
      button.dataset.key = this.options.key(row);
      button.setAttribute("aria-label", `${action.title} ${this.options.key(row)}`);
      button.addEventListener("click", () => action.run(row));
      made.append(element("td", {}, button));
    }
    return made;
  }
}
