// The layout of the page: light or dark, the divider, embedding in another page.

import { kept } from "./storage.js";

const $ = (id) => document.getElementById(id);

export const isEmbedded = new URLSearchParams(location.search).has("embed");

let timer = 0;
/** A short message that disappears by itself. */
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => ($("toast").hidden = true), 4000);
}

function theme() {
  const wanted = new URLSearchParams(location.search).get("theme") ?? kept.get("nestbox-theme");
  if (wanted === "light" || wanted === "dark") document.documentElement.dataset.theme = wanted;
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
  return dark;
}

/** @param {() => void} resized called when the width of the editor has changed */
export function layOut(resized) {
  theme();
  document.body.classList.toggle("embed", isEmbedded);
  $("theme").addEventListener("click", () => {
    const next = theme() ? "light" : "dark";
    kept.set("nestbox-theme", next);
    document.documentElement.dataset.theme = next;
    document.documentElement.classList.toggle("dark", next === "dark");
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);

  const divider = $("divider");
  const split = (percent) => {
    const value = Math.min(80, Math.max(20, percent));
    document.querySelector("main").style.setProperty("--split", `${value}%`);
    divider.setAttribute("aria-valuenow", String(Math.round(value)));
    resized();
  };
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    divider.onpointermove = (move) => split((move.clientX / innerWidth) * 100);
    divider.onpointerup = () => (divider.onpointermove = null);
  });
  divider.addEventListener("keydown", (event) => {
    const now = (divider.getBoundingClientRect().left / innerWidth) * 100;
    if (event.key === "ArrowLeft") split(now - 2);
    if (event.key === "ArrowRight") split(now + 2);
  });
}

/** Copies text to the clipboard. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
    return true;
  } catch {
    toast("The browser does not let pages copy here");
    return false;
  }
}

/** Downloads text as a file. */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
