// The menu of languages: by the names people know, versions behind their language, and what is not built apart.

const byName = (a, b) => a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
const title = (language) => language.description || language.name;

/** Languages in the order of the menu. */
export function sorted(languages) {
  const main = new Map(languages.map((language) => [language.name, language]));
  const home = (language) => main.get(language.language) ?? language;
  return [...languages].sort((a, b) =>
    byName(title(home(a)), title(home(b))) || byName(home(a).name, home(b).name)
      || Number(home(b) === b) - Number(home(a) === a) || byName(b.version ?? "", a.version ?? ""));
}

function option(language) {
  const option = new Option(title(language), language.name);
  option.title = [
    [language.name, ...language.aliases].join(", "), language.version ? `version ${language.version}` : "", language.reason ?? "",
  ].filter(Boolean).join("\n");
  option.disabled = !language.available;
  return option;
}

/** Fills a `select`. */
export function fill(menu, languages) {
  const all = sorted(languages);
  const missing = all.filter((language) => !language.available);
  menu.replaceChildren(...all.filter((language) => language.available).map(option));
  if (missing.length === 0) return;
  const group = document.createElement("optgroup");
  group.label = "Not available here";
  group.append(...missing.map(option));
  menu.append(group);
}

/** Whether at least half of the lines of a sample are still in a program: it was changed, not replaced. */
export function isStillSample(program, sample) {
  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const there = new Set(lines(program));
  const wanted = lines(sample);
  return wanted.filter((line) => there.has(line)).length * 2 >= wanted.length;
}
