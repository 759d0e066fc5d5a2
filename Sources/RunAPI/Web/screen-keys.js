// The sequences that a terminal sends for keys that are not plain text.

const arrows = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D", Home: "H", End: "F" };
const numbered = { Insert: 2, Delete: 3, PageUp: 5, PageDown: 6, F5: 15, F6: 17, F7: 18, F8: 19, F9: 20, F10: 21, F11: 23, F12: 24 };
const lettered = { F1: "P", F2: "Q", F3: "R", F4: "S" };

/**
 * @param {KeyboardEvent} event
 * @param {{cursorKeys: boolean}} modes
 * @returns {string | null} null leaves the key to the browser, which makes text of it
 */
export function sequence(event, modes) {
  const { key } = event;
  if (event.isComposing || event.metaKey) return null;
  // Shortcuts of the page and the browser: run, copy, paste, zoom.
  if (event.ctrlKey && (key === "Enter" || key === "." || (event.shiftKey && "CVcv".includes(key)) || "+-0=".includes(key))) return null;
  if (event.ctrlKey && key === "v") return null;
  if (event.ctrlKey && key === "c" && globalThis.getSelection?.().isCollapsed === false) return null;
  const modifiers = 1 + (event.shiftKey ? 1 : 0) + (event.altKey ? 2 : 0) + (event.ctrlKey ? 4 : 0);
  if (arrows[key]) {
    if (modifiers > 1) return `\x1b[1;${modifiers}${arrows[key]}`;
    return (modes.cursorKeys ? "\x1bO" : "\x1b[") + arrows[key];
  }
  if (numbered[key]) return `\x1b[${numbered[key]}${modifiers > 1 ? `;${modifiers}` : ""}~`;
  if (lettered[key]) return modifiers > 1 ? `\x1b[1;${modifiers}${lettered[key]}` : `\x1bO${lettered[key]}`;
  const before = event.altKey ? "\x1b" : "";
  if (key === "Enter") return before + "\r";
  if (key === "Backspace") return before + (event.ctrlKey ? "\b" : "\x7f");
  if (key === "Tab") return "\t";
  if (key === "Escape") return "\x1b";
  if (event.ctrlKey && !event.altKey && key.length === 1) {
    if (/^[a-z@[\\\]^_]$/i.test(key)) return String.fromCharCode(key.toUpperCase().charCodeAt(0) & 31);
    return key === " " ? "\0" : null;
  }
  return event.altKey && !event.ctrlKey && key.length === 1 && /^[\x20-\x7e]$/.test(key) ? before + key : null;
}
