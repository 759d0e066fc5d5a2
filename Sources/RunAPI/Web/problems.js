// The locations in messages of compilers and interpreters: file and line.

/** Limits of the searched text: untrusted code decides how much there is. */
const most = { characters: 300_000, places: 200 };
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * The locations that a text names in the program's own files, in their order.
 * @param {string} text
 * @param {string} file the file name of the program, such as `main.py`
 * @returns {{start: number, end: number, line: number, column: number | null, message: string}[]} offsets of what can be clicked
 */
export function places(text, file) {
  const name = file.split("/").pop();
  const dot = name.lastIndexOf(".");
  // A compiler may use the name of its class.
  const names = dot > 0 ? `(?:${escaped(name)}|[\\w-]+${escaped(name.slice(dot))})` : escaped(name);
  const pattern = new RegExp(
    // Only the program's file: below /box, or without a directory.
    `(?<![\\w./-])(?:file://)?(?:/box/|\\./)?${names}` +
      `(?:"?, line (\\d+)|:(\\d+)(?::(\\d+))?|\\((\\d+)(?:[,:](\\d+))?\\)|(?: on|:|,)? line (\\d+)|, (\\d+):(\\d+))`, "g");
  const found = [];
  for (const match of text.slice(0, most.characters).matchAll(pattern)) {
    const [line, column = null] = match.slice(1).filter((part) => part !== undefined).map(Number);
    if (!(line >= 1 && line < 1e6)) continue;
    const end = match.index + match[0].length;
    found.push({ start: match.index, end, line, column, message: message(text, match.index, end) });
    if (found.length === most.places) break;
  }
  return found;
}

/** The message: the rest of the line, or, after a traceback, its last line. */
function message(text, start, end) {
  const line = (from) => text.slice(from, (text.indexOf("\n", from) + 1 || text.length + 1) - 1);
  const rest = line(end).replace(/^[\s:,)]+/, "").replace(/^in\s.*$/, "").trim();
  if (rest.length > 3) return rest.slice(0, 300);
  const before = text.lastIndexOf("\n", start - 1) + 1;
  // Rust and Swift print the location below the message.
  if (/^\s*-->\s*$/.test(text.slice(before, start))) return line(text.lastIndexOf("\n", before - 2) + 1).trim().slice(0, 300);
  const after = text.slice(end, end + 4000).split("\n").find((one) => /^[\w.]*(?:Error|Exception|Warning|Interrupt)\b/.test(one));
  return (after ?? text.slice(before, start).trim()).slice(0, 300);
}

/**
 * Turns the locations in an element's text into links.
 * @param {(place: {line: number, column: number | null}) => void} go
 * @returns {{line: number, message: string}[]} the first message of each line
 */
export function link(element, file, go) {
  const marks = new Map();
  let budget = most.characters;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  element.normalize();
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    budget -= node.length;
    if (budget < 0 || marks.size >= most.places) break;
    const found = places(node.data, file);
    for (const { line, message } of found) if (!marks.has(line)) marks.set(line, message);
    // From the end, so that earlier offsets stay valid.
    for (const place of found.reverse()) {
      const rest = node.splitText(place.start);
      rest.splitText(place.end - place.start);
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "place", title: `Go to line ${place.line}` });
      button.addEventListener("click", () => getSelection().isCollapsed && go(place));
      rest.replaceWith(button);
      button.append(rest);
    }
  }
  return [...marks].map(([line, message]) => ({ line, message }));
}
