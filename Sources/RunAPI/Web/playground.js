// The playground: an editor, a run, its output. This file connects the parts.

import { Nestbox } from "./nestbox.js";
import { Terminal } from "./terminal.js";
import { Editor } from "./editor.js";
import { Artifacts } from "./artifacts.js";
import { Autosave, draft, keepDraft } from "./autosave.js";
import { LanguageMenu, sorted } from "./languages.js";
import { Lesson, examplesOf, groupsOf } from "./examples.js";
import { isStillSample, samplesOf } from "./samples.js";
import { decodeShare, encodeShare } from "./share.js";
import { Options } from "./options.js";
import { Notices } from "./notices.js";
import { Session } from "./session.js";
import { Usage } from "./usage.js";
import { bytes } from "./format.js";
import { copy, isEmbedded, layOut, save, toast } from "./layout.js";
import { kept, session } from "./storage.js";

const $ = (id) => document.getElementById(id);
const nestbox = new Nestbox({ key: session.get("nestbox-key") });
const editor = new Editor($("code"), { run: start, changed });
const options = new Options(changed);
const menu = new LanguageMenu($("language"), $("language-list"), (name) => choose(name));
const autosave = new Autosave(keep);
const lesson = new Lesson(editor, toast);
const runs = new Session({
  nestbox, editor, options, askForKey, offer,
  terminal: new Terminal($("output")), artifacts: new Artifacts($("artifact-list"), nestbox, bytes), usage: new Usage($("usage")),
  notices: new Notices($("notices")),
});
let languages = [];
let policies = null;
/** The chosen language, its examples, and the one in the editor. */
let language = null;
let samples = [];
let sample = null;
/** The content of the editor before any change. */
let untouched = "";

// What is written

function changed() {
  // A program from a link is not saved as a draft until it is changed.
  if (location.hash.length > 1) history.replaceState(null, "", location.pathname + location.search);
  $("reset").disabled = sample === null || editor.text === untouched;
  autosave.soon();
}

function keep() {
  if (!language) return;
  const values = options.values;
  // An unchanged example need not be saved.
  const isDraft = editor.text !== untouched || JSON.stringify(values) !== JSON.stringify(sample?.options ?? {});
  const isKept = keepDraft(language.name, isDraft ? { code: editor.text, options: values, sample: sample?.title } : null);
  if (!isKept && isDraft && !keep.told) toast("This program is too long for the browser to keep");
  keep.told = !isKept && isDraft;
}

// Languages and examples

async function choose(name, { code, values } = {}) {
  const next = languages.find((one) => one.name === name || one.aliases.includes(name));
  if (!next) return false;
  autosave.now();
  language = next;
  menu.show(language);
  editor.mode(language.editor);
  kept.set("nestbox-language", language.name);
  describe();
  const found = await samplesOf(language);
  if (language !== next) return true;
  samples = found;
  const own = draft(language.name);
  // A link must not replace the user's program: that one becomes an additional example.
  if (code !== undefined && own && own.code !== code) keepDraft(`${language.name}~`, own);
  const earlier = draft(`${language.name}~`);
  if (earlier) samples = [...samples, { title: "Your earlier program", options: earlier.options ?? {}, text: async () => earlier.code }];
  const old = code === undefined ? own : null;
  sample = samples.find((one) => one.title === old?.sample) ?? samples[0];
  $("samples").replaceChildren(new Option("Examples…", ""), ...samples.map((one) => new Option(one.title)));
  try {
    const text = await sample.text();
    if (language !== next) return true;
    untouched = code ?? text;
    editor.text = code ?? old?.code ?? text;
    options.values = values ?? old?.options ?? sample.options;
  } catch (error) {
    toast(error.message);
  }
  options.adapt(language);
  $("reset").disabled = editor.text === untouched;
  lesson.show(sample);
  addExamples(next, old?.sample);
  return true;
}

/** Appends the examples of the service to the menu; nobody waits for them. */
async function addExamples(wanted, title) {
  const examples = await examplesOf(nestbox, wanted);
  if (language !== wanted || examples.length === 0) return;
  samples = [...samples, ...examples];
  $("samples").append(...groupsOf(examples));
  const draftOf = examples.find((one) => one.title === title);
  if (!draftOf) return;
  try {
    const text = await draftOf.text();
    if (language !== wanted) return;
    [sample, untouched] = [draftOf, text];
    $("reset").disabled = editor.text === untouched;
    lesson.show(sample);
  } catch {
    // It is a program like any other then.
  }
}

/** Loads an example into the editor; undo restores the previous text. */
async function show(one) {
  try {
    const text = await one.text();
    const before = sample?.options ?? {};
    // Options of the previous example are removed with it; the user's own stay.
    const own = Object.entries(options.values).filter(([name, value]) => value !== before[name]);
    sample = one;
    untouched = text;
    if (editor.text !== text) editor.replace(text);
    options.values = { ...Object.fromEntries(own), ...one.options };
    lesson.show(one);
    autosave.drop();
    keep();
    $("reset").disabled = true;
  } catch (error) {
    toast(error.message);
  }
}

/** Returns how to run the program in another language, if that is available. */
function offer(name) {
  const other = languages.find((one) => one.name === name && one.available);
  return other ? () => choose(other.name, { code: editor.text, values: options.values }).then(() => autosave.soon()) : null;
}

/** Loads the limits of the language when the options are opened. */
async function describe() {
  if ($("options").hidden || !language) return;
  const wanted = language;
  policies ??= nestbox.policies().catch(() => []);
  const list = await policies;
  if (language === wanted) options.describe(list.find((policy) => policy.name === wanted.policy));
}

async function openShared() {
  if (location.hash.length < 2) return false;
  try {
    const { language: name, code, ...values } = await decodeShare(location.hash.slice(1));
    const known = await choose(name, { code, values });
    if (!known) throw new Error(`This link is for ${name.slice(0, 40)}, which this service does not have`);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

async function loadLanguages() {
  try {
    languages = await nestbox.languages();
  } catch (error) {
    if (error.status === 401) askForKey();
    runs.state("bad", "No languages", error.message);
    return;
  }
  menu.fill(languages);
  const usable = sorted(languages).filter((one) => one.available);
  $("run").disabled = usable.length === 0;
  runs.state("", usable.length > 0 ? "Ready" : "This service has no language");
  if (await openShared()) return;
  const wanted = new URLSearchParams(location.search).get("language");
  const names = [wanted, kept.get("nestbox-language"), "python"];
  const first = names.map((name) => usable.find((one) => one.name === name || one.aliases.includes(name))).find(Boolean) ?? usable[0];
  if (first) await choose(first.name);
}

// Runs

async function start() {
  if (runs.isRunning || $("run").disabled || !language) return;
  autosave.now();
  options.clearErrors();
  // The example's input is for the example, not for a program that replaced it.
  const given = sample?.options.stdin;
  if (given && options.stdin === given && !isStillSample(editor.text, untouched)) options.stdin = "";
  try {
    const body = { language: language.name, code: editor.text, ...options.submission() };
    if (options.terminal) body.tty = true;
    await runs.start(body, language);
  } catch (error) {
    runs.refuse(error);
  }
}

function askForKey() {
  $("key-form").hidden = false;
  $("key").focus();
}

// Buttons and keys

$("run").addEventListener("click", start);
$("samples").addEventListener("change", () => {
  const chosen = samples[$("samples").selectedIndex - 1];
  $("samples").selectedIndex = 0;
  if (chosen) show(chosen);
});
$("reset").addEventListener("click", () => show(sample));
$("find").addEventListener("click", () => editor.find());
$("options-toggle").addEventListener("click", describe);
$("copy-code").addEventListener("click", () => copy(editor.text, "Program"));
$("save-code").addEventListener("click", () => save(editor.text, (language?.file ?? "program.txt").split("/").pop()));
$("copy-output").addEventListener("click", () => copy(runs.output, "Output"));
$("save-output").addEventListener("click", () => save(runs.output, "output.txt"));
$("share").addEventListener("click", async () => {
  try {
    history.replaceState(null, "", `#${await encodeShare({ language: language.name, code: editor.text, ...options.values })}`);
    if (!(await copy(location.href, "Link"))) toast("The link is in the address bar");
  } catch (error) {
    toast(error.message);
  }
});
$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  session.set("nestbox-key", $("key").value);
  nestbox.key = $("key").value;
  $("key").value = "";
  $("key-form").hidden = true;
  loadLanguages();
});
document.addEventListener("keydown", (event) => {
  // The editor has handled it already.
  if (event.defaultPrevented || (!event.ctrlKey && !event.metaKey)) return;
  if (event.key === "Enter") start();
  else if (event.key === "." && runs.isRunning) runs.stop();
  else return;
  event.preventDefault();
});
window.addEventListener("hashchange", openShared);

layOut(() => editor.refresh());
await loadLanguages();
document.body.dataset.ready = "true";
// The page is usable now; CodeMirror is loaded afterwards.
const again = runs.again();
$("find").hidden = !(await editor.load());
document.body.dataset.editor = "true";
await again;
if (isEmbedded) document.querySelector("header a").hidden = true;
