// The page of live sessions. What it shows are the session's events, from the first: a reload shows the same again.

import { Cells } from "./repl-cells.js";
import { Link } from "./repl-link.js";
import { kept, session as stored } from "./storage.js";

const $ = (id) => document.getElementById(id);
const cells = new Cells($("cells"));
const past = JSON.parse(stored.get("nestbox-repl-past") ?? "[]");
let place = past.length;
let link = null;
let state = "connecting";

// The session

/** The session that the address names: `#ID`, or `#ID,observe`. */
function named() {
  const [, id, observe] = /^#([0-9a-f]{32})(,observe)?$/.exec(location.hash) ?? [];
  return id ? { id, observes: Boolean(observe) } : null;
}

function connect(choice) {
  link?.close();
  cells.clear();
  tell(null);
  cells.setAnswer(choice.observes ? null : (token, data) => link.tell({ type: "input_response", token, data }));
  setState("connecting");
  link = new Link(choice, stored.get("nestbox-key"), {
    attached(answer) {
      tell(null);
      const observes = answer.mode === "observe";
      history.replaceState(null, "", `#${answer.session_id}${observes ? ",observe" : ""}`);
      setState(answer.state);
      for (const id of ["code", "run"]) $(id).disabled = observes;
      if (!observes) $("code").focus();
    },
    event: take,
    failed(error) {
      if (error.code === "SESSION_NOT_FOUND") tell("This session does not exist any more: New session makes another one.");
      else tell(error.message);
      if (!link.id) setState("none");
    },
    async lost(wasOpen) {
      setState("connecting");
      // Browsers do not say why; a request over HTTP does.
      if (!wasOpen && (await fetch("/api/v1/languages", { headers: authorization() }).catch(() => null))?.status === 401) askForKey();
    },
  });
}

function take(event) {
  cells.take(event);
  if (event.type === "state") setState(event.state);
  if (event.type === "ended") setState("ended");
  if (event.type === "session_created") $("language").value = event.language;
  if (event.type === "execution_finished") listVariables();
}

function setState(next) {
  state = next;
  document.body.dataset.state = next;
  $("state").textContent = next;
  const controls = link?.id && link.mode === "control" && next !== "ended";
  $("interrupt").disabled = !controls || !["busy", "waiting"].includes(next);
  $("restart").disabled = !controls;
  $("run").disabled = $("code").disabled = !controls;
}

function tell(text) {
  $("notice").hidden = text === null;
  $("notice").textContent = text ?? "";
}

const fail = (error) => tell(error.message ?? String(error));

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
  link.ask({ type: "execute", code }).catch(fail);
}

const interrupt = () => link.ask({ type: "interrupt" }).catch(fail);

async function listVariables() {
  if ($("variables").hidden || !link?.id) return;
  try {
    const { answer } = await link.ask({ type: "variables" });
    $("variables").querySelector("tbody").replaceChildren(...answer.variables.map((variable) => {
      const row = document.createElement("tr");
      for (const text of [variable.name, variable.type, variable.repr]) row.insertCell().textContent = text;
      return row;
    }));
  } catch (error) {
    fail(error);
  }
}

// The entry

function grow() {
  const lines = $("code").value.split("\n").length;
  $("code").rows = Math.min(Math.max(lines, 2), 16);
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
  const { answer } = await link.ask({ type: "complete", code: value, cursor: points(value.slice(0, selectionStart)) });
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
  else if (event.key === "Escape") [hideMatches(), $("code").focus()];
  else return;
  event.preventDefault();
});

let leaves = false;
$("code").addEventListener("keydown", (event) => {
  const { value, selectionStart, selectionEnd } = event.target;
  if (event.key === "Enter" && (event.shiftKey || event.ctrlKey)) run();
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
});

// Buttons

$("interrupt").addEventListener("click", interrupt);
$("restart").addEventListener("click", () => link.tell({ type: "restart" }));
$("variables-toggle").addEventListener("click", () => {
  $("variables").hidden = !$("variables").hidden;
  $("variables-toggle").setAttribute("aria-expanded", String(!$("variables").hidden));
  listVariables();
});
$("observers").addEventListener("click", async () => {
  const address = new URL(`/repl#${link.id},observe`, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    tell("The link for observers is in the clipboard.");
  } catch {
    tell(address);
  }
});
function begin() {
  if (link?.id && link.mode === "control" && state !== "ended") link.tell({ type: "close_session" });
  kept.set("nestbox-repl-language", $("language").value);
  // The old connection must still say that its session is to be closed.
  setTimeout(() => connect({ language: $("language").value }), 0);
}
$("end").addEventListener("click", begin);
$("language").addEventListener("change", begin);

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
  start();
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

window.addEventListener("hashchange", () => named() && named().id !== link?.id && connect(named()));
start().catch(fail);
