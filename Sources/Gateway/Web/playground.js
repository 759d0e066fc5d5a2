// The playground: an editor, a run, what it prints.
import { Nestbox, NestboxError, outputBytes } from "/nestbox.js";
import { Terminal } from "/assets/terminal.js";
import { Editor } from "/assets/editor.js";
import { Artifacts } from "/assets/artifacts.js";
import { fill, isStillSample, sorted } from "/assets/languages.js";
import { decodeShare, encodeShare } from "/assets/share.js";

const $ = (id) => document.getElementById(id);
const nestbox = new Nestbox({ key: sessionStorage.getItem("nestbox-key") });
const terminal = new Terminal($("output"));
const editor = new Editor($("code"), { run: start, stop });
let languages = [];
/** The one that is chosen. */
let language = null;
let run = null;
let token = null;
let startedAt = 0;
let clock = null;
let samples = [];

const verdicts = {
  ok: "Finished", nonzero_exit: "Ended with an error", signaled: "Ended by a signal", compile_error: "Does not compile",
  cpu_limit: "Stopped by the CPU limit", wall_limit: "Stopped by the time limit", idle_limit: "Stopped: nothing happened for too long",
  memory_limit: "Stopped by the memory limit", output_limit: "Stopped by the output limit", disk_limit: "Stopped by the disk limit",
  syscall_denied: "Stopped: forbidden system call", cancelled: "Stopped", internal_error: "The service failed",
};

function state(name, verdict, detail = "") {
  $("status").dataset.state = name;
  $("verdict").textContent = verdict;
  $("detail").textContent = detail;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => ($("toast").hidden = true), 4000);
}

const milliseconds = (value) => (value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10000 ? 2 : 1)} s`);
const bytes = (value) => {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]])
    if (value >= size) return `${(value / size).toFixed(value >= 100 * size ? 0 : 1)} ${unit}`;
  return `${value} B`;
};

const artifacts = new Artifacts($("artifact-list"), nestbox, bytes);
const words = (id) => $(id).value.split(/\s+/).filter(Boolean);

function submission() {
  const body = { language: $("language").value, code: editor.text };
  if (words("arguments").length > 0) body.args = words("arguments");
  if (!$("compiler-field").hidden && words("compiler-options").length > 0) body.compiler_options = words("compiler-options");
  const limits = {};
  for (const name of ["cpu", "wall", "memory"]) {
    const value = $(`limit-${name}`).value.trim();
    if (value) limits[name] = value;
  }
  if (Object.keys(limits).length > 0) body.limits = limits;
  // Without any, the language's own hold.
  if (words("artifacts").length > 0) body.artifacts = words("artifacts");
  // What the sample reads is for the sample, and not for a program that took its place.
  if (language && $("stdin").value === language.sample_stdin && !isStillSample(editor.text, language.sample)) setInput("");
  if ($("stdin").value) body.stdin = $("stdin").value;
  return body;
}

async function start() {
  if (run && !run.ended) return;
  terminal.clear();
  samples = [];
  draw();
  for (const name of ["wall", "cpu", "memory", "processes"]) $(`u-${name}`).textContent = "–";
  artifacts.clear();
  const body = submission();
  state("queued", "Submitting…");
  $("run").disabled = true;
  $("stop").disabled = false;
  const mine = nestbox.run(body);
  run = mine;
  const interactive = body.stdin === undefined;
  try {
    for await (const event of mine) take(event, interactive);
  } catch (error) {
    failed(error);
  }
  if (run === mine) idle();
}

function take(event, interactive) {
  switch (event.type) {
    case "queued":
      state("queued", "Waiting", event.position === 1 ? "next in line" : `${event.position - 1} before this run`);
      break;
    case "started":
      startedAt = performance.now();
      state("running", event.step === "compile" ? "Compiling" : "Running");
      clearInterval(clock);
      clock = setInterval(() => ($("detail").textContent = milliseconds(performance.now() - startedAt)), 100);
      if (interactive && event.step === "run") $("input-form").hidden = false;
      break;
    case "output":
      terminal.write(event.stream, outputBytes(event));
      break;
    case "input_request":
      token = event.token;
      $("input-form").hidden = false;
      $("input-form").classList.add("asked");
      $("prompt").textContent = event.prompt.trim() || "Input";
      $("input").focus();
      break;
    case "resource":
      samples.push(event);
      if (samples.length > 600) samples.shift();
      usage(event.wall_ms, event.cpu_ms, event.memory_bytes, event.processes);
      draw();
      break;
    case "warning":
      terminal.note(`close to the ${event.limit} limit`);
      break;
    case "lagged":
      terminal.note(`events ${event.from} to ${event.to - 1} were lost`);
      break;
    case "error":
    case "refused":
      terminal.note(event.message);
      break;
    case "finished":
      finished(event);
      break;
  }
}

function usage(wall, cpu, memory, processes) {
  $("u-wall").textContent = milliseconds(wall);
  $("u-cpu").textContent = milliseconds(cpu);
  $("u-memory").textContent = bytes(memory);
  $("u-processes").textContent = processes;
}

function finished(event) {
  terminal.flush();
  const used = event.usage;
  usage(used.wall_ms, used.cpu_ms, used.memory_peak_bytes, used.processes_peak);
  const parts = [];
  if (event.exit_code) parts.push(`exit status ${event.exit_code}`);
  if (event.signal) parts.push(`signal ${event.signal}`);
  if (event.limit) parts.push(`${event.limit.name}: ${event.limit.unit === "bytes" ? bytes(event.limit.allowed) : event.limit.unit === "ms" ? milliseconds(event.limit.allowed) : event.limit.allowed} allowed`);
  parts.push(milliseconds(used.wall_ms), bytes(used.memory_peak_bytes));
  state(event.verdict === "ok" ? "ok" : event.verdict === "cancelled" ? "" : "bad", verdicts[event.verdict] ?? event.verdict, parts.join(" · "));
  if (event.truncated) terminal.note("the output was cut off at its limit");
  artifacts.show(event.artifacts, run.id);
}

function failed(error) {
  if (error instanceof NestboxError && (error.code === "UNAUTHENTICATED" || error.status === 401)) askForKey();
  const details = error.details && Object.keys(error.details).length > 0
    ? Object.entries(error.details).map(([name, reason]) => `${name} ${reason}`).join("; ") : "";
  state("bad", error.code === "CONNECTION_LOST" ? "No connection" : "Not run", error.message);
  if (details && !details.includes(error.message)) terminal.note(details);
}

function idle() {
  clearInterval(clock);
  token = null;
  $("run").disabled = false;
  $("stop").disabled = true;
  $("input-form").hidden = true;
  $("input-form").classList.remove("asked");
}

function stop() {
  run?.cancel();
}

function draw() {
  $("usage").classList.toggle("live", samples.length > 1);
  const line = (value, most) => samples.map((sample, index) => {
    const x = samples.length > 1 ? (index / (samples.length - 1)) * 240 : 0;
    return `${x.toFixed(1)},${(38 - (most > 0 ? value(sample, index) / most : 0) * 36).toFixed(1)}`;
  }).join(" ");
  const rate = (sample, index) => {
    if (index === 0) return 0;
    const before = samples[index - 1];
    return Math.max(0, (sample.cpu_ms - before.cpu_ms) / Math.max(1, sample.wall_ms - before.wall_ms));
  };
  $("memory-line").setAttribute("points", line((sample) => sample.memory_bytes, Math.max(...samples.map((sample) => sample.memory_bytes), 0)));
  $("cpu-line").setAttribute("points", line(rate, Math.max(1, ...samples.map(rate))));
}

function askForKey() {
  $("key-form").hidden = false;
  $("key").focus();
}

async function loadLanguages() {
  try {
    languages = await nestbox.languages();
  } catch (error) {
    if (error.status === 401) askForKey();
    state("bad", "No languages", error.message);
    return;
  }
  fill($("language"), languages);
  if (!(await openShared())) {
    const last = localStorage.getItem("nestbox-language");
    const usable = sorted(languages).filter((one) => one.available);
    const first = usable.find((one) => one.name === last) ?? usable.find((one) => one.name === "python") ?? usable[0];
    if (first) choose(first.name, true);
  }
}

function setInput(text) {
  $("stdin").value = text;
  mark();
}

/** Whether options that are not seen have an effect. */
function mark() {
  const fields = $("options").querySelectorAll("label:not([hidden]) input, label:not([hidden]) textarea");
  const set = [...fields].some((field) => field.value.trim() !== "");
  $("options-toggle").classList.toggle("set", set);
  $("options-toggle").title = set ? "Some are set" : "";
}

function choose(name, withSample) {
  const next = languages.find((one) => one.name === name || one.aliases.includes(name));
  if (!next) return;
  const before = language;
  language = next;
  $("language").value = language.name;
  $("language").title = language.version ? `${language.name} ${language.version}` : language.name;
  editor.mode(language.editor);
  $("compiler-field").hidden = language.compiler_options.length === 0;
  if (before !== language) $("compiler-options").value = "";
  $("compiler-options").placeholder = language.compiler_options.slice(0, 3).join(" ");
  $("compiler-options").title = `Allowed: ${language.compiler_options.join(" ")}`;
  $("artifacts").placeholder = language.artifacts.join(" ") || "*.png out/*";
  if (withSample) {
    editor.text = language.sample;
    if ($("stdin").value === "" || $("stdin").value === before?.sample_stdin) $("stdin").value = language.sample_stdin;
  }
  mark();
  localStorage.setItem("nestbox-language", language.name);
}

async function openShared() {
  if (location.hash.length < 2) return false;
  try {
    const shared = await decodeShare(location.hash.slice(1));
    choose(shared.language, false);
    editor.text = shared.code;
    if (typeof shared.compiler_options === "string") $("compiler-options").value = shared.compiler_options;
    setInput(typeof shared.stdin === "string" ? shared.stdin : "");
    return true;
  } catch {
    toast("This link is broken");
    return false;
  }
}

$("language").addEventListener("change", () => {
  const samplesOnly = editor.text.trim() === "" || languages.some((one) => one.sample === editor.text);
  choose($("language").value, samplesOnly);
});
$("run").addEventListener("click", start);
$("stop").addEventListener("click", stop);
$("options-toggle").addEventListener("click", () => {
  const open = $("options").hidden;
  $("options").hidden = !open;
  $("options-toggle").setAttribute("aria-expanded", String(open));
});
$("options").addEventListener("input", mark);
$("share").addEventListener("click", async () => {
  const body = { language: $("language").value, code: editor.text, stdin: $("stdin").value };
  if ($("compiler-options").value) body.compiler_options = $("compiler-options").value;
  const hash = await encodeShare(body);
  if (hash.length > 30000) {
    toast("The program is too long for a link");
    return;
  }
  history.replaceState(null, "", `#${hash}`);
  try {
    await navigator.clipboard.writeText(location.href);
    toast("Link copied; it holds the program itself");
  } catch {
    toast("The link is in the address bar");
  }
});
$("input-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("input").value + "\n";
  terminal.typed(text);
  if (token) run?.respond(token, text);
  else run?.stdin(text);
  token = null;
  $("input").value = "";
  $("prompt").textContent = "Input";
  $("input-form").classList.remove("asked");
});
$("eof").addEventListener("click", () => {
  run?.closeStdin();
  $("input-form").hidden = true;
});
$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("nestbox-key", $("key").value);
  nestbox.key = $("key").value;
  $("key").value = "";
  $("key-form").hidden = true;
  state("", "Ready");
  loadLanguages();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    start();
  } else if (event.key === "Escape" && run && !run.ended) {
    event.preventDefault();
    stop();
  }
});

function theme() {
  const wanted = localStorage.getItem("nestbox-theme");
  if (wanted) document.documentElement.dataset.theme = wanted;
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
  return dark;
}
$("theme").addEventListener("click", () => {
  localStorage.setItem("nestbox-theme", theme() ? "light" : "dark");
  theme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);

const divider = $("divider");
const split = (percent) => document.querySelector("main").style.setProperty("--split", `${Math.min(80, Math.max(20, percent))}%`);
divider.addEventListener("pointerdown", (event) => {
  divider.setPointerCapture(event.pointerId);
  divider.onpointermove = (move) => split((move.clientX / innerWidth) * 100);
  divider.onpointerup = () => {
    divider.onpointermove = null;
    editor.refresh();
  };
});
divider.addEventListener("keydown", (event) => {
  const now = (divider.getBoundingClientRect().left / innerWidth) * 100;
  if (event.key === "ArrowLeft") split(now - 2);
  if (event.key === "ArrowRight") split(now + 2);
});

theme();
await editor.ready;
await loadLanguages();
window.addEventListener("hashchange", openShared);
document.body.dataset.ready = "true";
