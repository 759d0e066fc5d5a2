// The page of live sessions. What it shows are the session's events, from the first: a reload shows the same again.

import { Cells } from "./repl-cells.js";
import { Nestbox } from "./nestbox.js";
import "./nestbox-sessions.js";
import { Undo } from "./repl-undo.js";
import { kept, session as stored } from "./storage.js";

const $ = (id) => document.getElementById(id);
const cells = new Cells($("cells"));
const past = JSON.parse(stored.get("nestbox-repl-past") ?? "[]");
let place = past.length;
let nestbox = null;
/** The session that the page shows, once the service has answered. */
let session = null;
let undo = null;
/** Counts the sessions that the page has shown: what still comes of an earlier one is ignored. */
let turn = 0;
let state = "connecting";
/** That of the session. */
let language = "";
/** Settled when the cells that were entered have been sent. */
let entered = Promise.resolve();

// The session

/** The session that the address names: `#ID`, or `#ID,observe`. */
function named() {
  const [, id, observe] = /^#([0-9a-f]{32})(,observe)?$/.exec(location.hash) ?? [];
  return id ? { id, observes: Boolean(observe) } : null;
}

async function connect(choice) {
  const mine = (turn += 1);
  const guarded = (call) => (...values) => turn === mine && call(...values);
  session?.detach().catch(() => {});
  session = null;
  cells.clear();
  tell(null);
  cells.setAnswer(choice.observes ? null : (token, data) => [session.input(token, data), $("code").focus()]);
  undo = new Undo(cells);
  setState("connecting");
  nestbox ??= new Nestbox({ key: stored.get("nestbox-key") });
  const handlers = {
    event: guarded(take), lost: guarded(lost), refused: guarded(fail),
    attached: guarded((answer) => [tell(null), setState(answer.state)]),
  };
  try {
    const made = await (choice.id
      ? nestbox.sessions.attach(choice.id, { mode: choice.observes ? "observe" : "control", takeOver: choice.observes ? undefined : true }, handlers)
      : nestbox.sessions.create({ language: choice.language, on_disconnect: "keep" }, handlers));
    if (turn !== mine) return made.detach().catch(() => {});
    session = made;
  } catch (error) {
    if (turn === mine) refused(choice, error, mine);
    return;
  }
  const observes = session.mode === "observe";
  history.replaceState(null, "", `#${session.id}${observes ? ",observe" : ""}`);
  undo.begin(session);
  setState(session.state);
  if (!observes) $("code").focus();
  session.ended.catch(guarded((error) => error.code === "SESSION_DETACHED" || gone(error)));
}

/** There is no session, or no service. */
async function refused(choice, error, mine) {
  if (error.code !== "CONNECTION_LOST") return gone(error);
  await lost();
  tell(error.message);
  setTimeout(() => turn === mine && $("key-form").hidden && connect(choice), 2000);
}

function gone(error) {
  tell(error.code === "SESSION_NOT_FOUND" ? "This session does not exist any more: New session makes another one." : error.message);
  setState("none");
}

async function lost() {
  setState("connecting");
  // Browsers do not say why; a request over HTTP does.
  if ((await fetch("/api/v1/languages", { headers: authorization() }).catch(() => null))?.status === 401) askForKey();
}

function take(event) {
  cells.take(event);
  undo.take(event);
  if (event.type === "state") setState(event.state);
  if (event.type === "ended") setState("ended");
  if (event.type === "session_created") $("language").value = language = event.language;
  if (event.type === "execution_finished" || event.type === "restored") listVariables();
}

function setState(next) {
  state = next;
  document.body.dataset.state = next;
  $("state").textContent = next;
  const controls = session?.mode === "control" && !["connecting", "ended", "none"].includes(next);
  $("interrupt").disabled = !controls || !["busy", "waiting"].includes(next);
  $("undo").disabled = !controls || next !== "idle" || !undo.name;
  $("restart").disabled = !controls;
  $("run").disabled = $("code").disabled = !controls;
}

function tell(text) {
  $("notice").hidden = text === null;
  $("notice").textContent = text ?? "";
}

function fail(error) {
  tell(error.message ?? String(error));
  // Another tab has taken over.
  if (error.code === "READ_ONLY") setState(state);
}

// Cells

function run() {
  const code = $("code").value;
  if (!code.trim() || $("run").disabled) return;
  past.push(code);
  if (past.length > 200) past.shift();
  stored.set("nestbox-repl-past", JSON.stringify(past));
  place = past.length;
  $("code").value = "";
  grow();
  hideMatches();
  tell(null);
  cells.toEnd();
  const [mine, where, back] = [turn, session, undo];
  // One after the other: what was entered first is executed first.
  entered = entered.then(async () => {
    await back.prepare();
    where.execute(code).catch((error) => error.code !== "SESSION_ENDED" && turn === mine && fail(error));
  });
}

const interrupt = () => session.interrupt().catch(fail);

async function back() {
  if ($("undo").disabled) return;
  $("undo").disabled = true;
  await undo.back().catch(fail);
  $("code").focus();
}

async function listVariables() {
  if ($("variables").hidden || !session) return;
  try {
    const variables = await session.variables();
    $("variables").querySelector("tbody").replaceChildren(...variables.map((variable) => {
      const row = document.createElement("tr");
      for (const text of [variable.name, variable.type, variable.repr]) row.insertCell().textContent = text;
      return row;
    }));
  } catch (error) {
    if (error.code !== "SESSION_ENDED") fail(error);
  }
}

// The entry

function grow() {
  const lines = $("code").value.split("\n").length;
  $("code").rows = Math.min(Math.max(lines, 2), 16);
}

/** A new line with the indentation of the one before it, and one step more behind what begins a block. */
function breakLine(field) {
  const line = field.value.slice(0, field.selectionStart).split("\n").at(-1);
  const indent = /^[ \t]*/.exec(line)[0] + (/[:{[(]\s*$/.test(line) ? "    " : "");
  field.setRangeText(`\n${indent}`, field.selectionStart, field.selectionEnd, "end");
  grow();
  hideMatches();
}

/** Takes a step of the indentation back, where nothing else is before the cursor. */
function outdent(field) {
  const { value, selectionStart: at, selectionEnd } = field;
  const before = value.slice(value.lastIndexOf("\n", at - 1) + 1, at);
  if (at !== selectionEnd || !/^ {2,}$/.test(before)) return false;
  field.setRangeText("", at - ((before.length - 1) % 4) - 1, at, "end");
  return true;
}

function recall(step) {
  if (!(place + step in past) && place + step !== past.length) return;
  place += step;
  $("code").value = past[place] ?? "";
  grow();
}

const points = (text) => [...text].length;

async function complete() {
  const { value, selectionStart } = $("code");
  const answer = await session.complete(value, points(value.slice(0, selectionStart)));
  if ($("code").value !== value) return;
  const letters = [...value];
  const use = ({ text }) => {
    const head = letters.slice(0, answer.start).join("") + text;
    $("code").value = head + letters.slice(answer.end).join("");
    $("code").focus();
    $("code").setSelectionRange(head.length, head.length);
    hideMatches();
  };
  if (answer.matches.length === 1) return use(answer.matches[0]);
  $("matches").replaceChildren(...answer.matches.slice(0, 100).map((match) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "option");
    button.textContent = match.text;
    button.addEventListener("click", () => use(match));
    return button;
  }));
  $("matches").hidden = answer.matches.length === 0;
  $("matches").firstElementChild?.focus();
}

function hideMatches() {
  $("matches").hidden = true;
}

$("matches").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (step) document.activeElement[step]?.focus();
  else if (event.key === "Tab") document.activeElement.click();
  // Typing goes on in the field.
  else if ((event.key.length === 1 && event.key !== " ") || event.key === "Backspace") return [hideMatches(), $("code").focus()];
  else if (event.key === "Escape") [hideMatches(), $("code").focus()];
  else return;
  event.preventDefault();
});

let leaves = false;
$("code").addEventListener("keydown", (event) => {
  const { value, selectionStart, selectionEnd } = event.target;
  if (event.key === "Enter" && (event.shiftKey || event.ctrlKey)) run();
  else if (event.key === "Enter" && !event.altKey && !event.metaKey && !event.isComposing) breakLine(event.target);
  else if (event.key === "Backspace" && outdent(event.target)) hideMatches();
  else if (event.key === "ArrowUp" && !value.slice(0, selectionStart).includes("\n")) recall(-1);
  else if (event.key === "ArrowDown" && !value.slice(selectionEnd).includes("\n")) recall(1);
  else if (event.key === "Tab" && !event.shiftKey && !leaves) {
    if (/[\w.]$/.test(value.slice(0, selectionStart))) complete().catch(fail);
    else event.target.setRangeText("    ", selectionStart, selectionEnd, "end");
  } else {
    // Escape, then Tab leave the field.
    leaves = event.key === "Escape";
    return;
  }
  event.preventDefault();
});
$("code").addEventListener("input", () => [grow(), hideMatches()]);
$("entry").addEventListener("submit", (event) => [event.preventDefault(), run()]);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "." && !$("interrupt").disabled) [event.preventDefault(), interrupt()];
  if (event.altKey && event.code === "KeyZ") [event.preventDefault(), back()];
});

// Buttons

$("interrupt").addEventListener("click", interrupt);
$("undo").addEventListener("click", back);
$("restart").addEventListener("click", () => [session.restart(), $("code").focus()]);
$("variables-toggle").addEventListener("click", () => {
  $("variables").hidden = !$("variables").hidden;
  $("variables-toggle").setAttribute("aria-expanded", String(!$("variables").hidden));
  listVariables();
});
$("observers").addEventListener("click", async () => {
  if (!session) return;
  const address = new URL(`/repl#${session.id},observe`, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    tell("The link for observers is in the clipboard.");
  } catch {
    tell(address);
  }
});
function begin() {
  if (session?.mode === "control" && state !== "ended") session.close();
  kept.set("nestbox-repl-language", $("language").value);
  connect({ language: $("language").value });
}
$("end").addEventListener("click", begin);
// Arrow keys change a list without opening it: what has been done is not to be lost by one.
$("language").addEventListener("change", () => {
  const isLost = session?.mode === "control" && state !== "ended" && cells.count > 0;
  if (!isLost || confirm("Another language begins another session: this one ends, and its variables and files are lost.")) return begin();
  $("language").value = language;
});

// Keys, and the beginning

const authorization = () => {
  const key = stored.get("nestbox-key");
  return key ? { authorization: `Bearer ${key}` } : {};
};

function askForKey() {
  $("key-form").hidden = false;
  $("key").focus();
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  stored.set("nestbox-key", $("key").value);
  $("key").value = "";
  $("key-form").hidden = true;
  nestbox?.close();
  nestbox = null;
  start().catch(fail);
});

async function start() {
  const answer = await fetch("/api/v1/languages", { headers: authorization() });
  if (answer.status === 401) return askForKey();
  const { languages } = await answer.json();
  const usable = languages.filter((language) => language.sessions && language.available).map((language) => language.name).sort();
  $("language").replaceChildren(...usable.map((name) => new Option(name)));
  const wanted = new URLSearchParams(location.search).get("language") ?? kept.get("nestbox-repl-language") ?? "python";
  $("language").value = usable.includes(wanted) ? wanted : usable[0] ?? "";
  if (!usable.length && !named()) return tell("No language of this service has sessions.");
  connect(named() ?? { language: $("language").value });
}

window.addEventListener("hashchange", () => named() && named().id !== session?.id && connect(named()));
// Fingers have no such keys.
if (matchMedia("(pointer: coarse)").matches) $("code").placeholder = "Code";
start().catch(fail);
