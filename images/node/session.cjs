// The driver of a live session for Node.js, and for TypeScript where its compiler is loaded before (node -r …/typescript.js). docs/session-drivers.md
// has the protocol: commands come from descriptor 100, records go to 101. Needs --expose-internals, for the parser that node brings, and
// --experimental-vm-modules, without which a cell could not import().
//
// Cells run as scripts in one global scope. As in a console, what a cell declares can be declared again by a later one: `const`, `let` and `class`
// at the top become `var`. A cell that awaits or imports at the top becomes an async function, whose declarations are assigned outside of it.
"use strict";
const fs = require("fs");
const { createRequire } = require("module");
const net = require("net");
const util = require("util");
const vm = require("vm");

try {
  fs.unlinkSync(__filename); // Nobody needs it any more, and a cell should find its folder empty.
} catch {}

const [COMMANDS, RECORDS, RECORD, TEXT, ROWS] = [100, 101, 1 << 20, 64 << 10, 200];
const { writeSync, fstatSync } = fs; // Bound here: a cell may patch `fs` for a test of its own.
const { stringify, parse } = JSON;
const typescript = Object.entries(require.cache).find(([name]) => name.endsWith("/typescript.js"))?.[1].exports;
const identity = () => [COMMANDS, RECORDS].map((descriptor) => fstatSync(descriptor).ino).join();
const channel = identity();

let running = null; // The id of the cell that runs.
let current = null; // The one displays are reported for: the running cell's, then the last one's.
let interrupted = null; // Tells the running cell's wait that it is interrupted.
let asked = false; // Whether an `interrupt` came for the running cell.
let broken = false; // Whether its SIGINT came.
let last; // The value of the last cell: `_`.

function lost(reason) {
  try {
    writeSync(2, `session: ${reason}\n`);
  } catch {}
  process.reallyExit(70);
}

function send(record) {
  const data = Buffer.from(stringify(record).replace(/[\ud800-\udfff]+/g, (part) => part.toWellFormed?.() ?? Buffer.from(part).toString()));
  if (data.length > RECORD) throw new RangeError("record too large");
  const whole = Buffer.alloc(4 + data.length);
  whole.writeUInt32BE(data.length);
  data.copy(whole, 4);
  try {
    for (let sent = 0; sent < whole.length; ) sent += writeSync(RECORDS, whole, sent);
  } catch (error) {
    lost(`channel: ${error.message}`);
  }
}

/** At most `limit` bytes of UTF-8, by whole characters. */
function cut(text, limit) {
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text.slice(0, limit));
  return bytes.length <= limit ? text.slice(0, limit) : new TextDecoder().decode(bytes.subarray(0, limit)).replace(/\ufffd$/, "");
}

// --- From a cell's text to a script

const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const options = { ecmaVersion: "latest", allowAwaitOutsideFunction: true, allowImportExportEverywhere: true, allowReturnOutsideFunction: false };

function tree(code) {
  return acorn.Parser.parse(code, { ...options, sourceType: "script", allowHashBang: true });
}

/** Whether something outside of functions awaits. */
function awaits(node) {
  if (Array.isArray(node)) return node.some(awaits);
  if (!node || typeof node.type !== "string") return false;
  if (/^(ArrowFunctionExpression|Function|MethodDefinition|PropertyDefinition)/.test(node.type)) return false;
  if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await) || node.type === "ImportDeclaration") return true;
  return Object.values(node).some(awaits);
}

/** The names that a declaration's pattern binds. */
function bound(pattern) {
  switch (pattern?.type) {
    case "Identifier": return [pattern.name];
    case "ObjectPattern": return pattern.properties.flatMap((property) => bound(property.value ?? property.argument));
    case "ArrayPattern": return pattern.elements.flatMap(bound);
    case "AssignmentPattern": return bound(pattern.left);
    case "RestElement": return bound(pattern.argument);
    default: return [];
  }
}

/** `import` at the top, as an assignment of what import() gives. */
function importing(node, names) {
  const source = `await import(${node.source.raw})`;
  const parts = [];
  for (const item of node.specifiers) {
    names.push(item.local.name);
    if (item.type === "ImportNamespaceSpecifier") parts.push(`${item.local.name} = $`);
    else parts.push(`${item.local.name} = $[${stringify(item.type === "ImportDefaultSpecifier" ? "default" : item.imported.name ?? item.imported.value)}]`);
  }
  return parts.length ? `(($) => { ${parts.join("; ")} })(${source});` : `${source};`;
}

/** What is run for a cell: {script, wanted, async}. `wanted`: whether the last statement is an expression. */
function prepare(code) {
  if (/^\s*\{/.test(code) && !/;\s*$/.test(code)) {
    try {
      const whole = tree(`(${code.trim()}\n)`);
      if (whole.body.length === 1 && !awaits(whole)) return { script: `(${code.trim()}\n)`, wanted: true };
    } catch {} // A block after all.
  }
  let parsed;
  try {
    parsed = tree(code);
  } catch {
    return { script: code, wanted: false }; // V8 says better what is wrong.
  }
  const asynchronous = awaits(parsed);
  const edits = [];
  const names = [];
  const hoisted = [];
  for (const node of parsed.body) {
    if (node.type === "VariableDeclaration" && asynchronous) {
      names.push(...node.declarations.flatMap((item) => bound(item.id)));
      edits.push([node.start, node.start + node.kind.length, "void ("]);
      for (const item of node.declarations) if (!item.init) edits.push([item.end, item.end, " = undefined"]);
      const end = code[node.end - 1] === ";" ? node.end - 1 : node.end;
      edits.push([end, node.end, ");"]);
    } else if (node.type === "VariableDeclaration") {
      edits.push([node.start, node.start + node.kind.length, "var".padEnd(node.kind.length)]);
    } else if (node.type === "ClassDeclaration") {
      if (asynchronous) names.push(node.id.name);
      edits.push([node.start, node.start, `${asynchronous ? "" : "var "}${node.id.name} = `], [node.end, node.end, ";"]);
    } else if (node.type === "FunctionDeclaration" && asynchronous) {
      hoisted.push(`globalThis[${stringify(node.id.name)}] = ${node.id.name};`);
    } else if (node.type === "ImportDeclaration") {
      edits.push([node.start, node.end, importing(node, names)]);
    }
  }
  const final = parsed.body.at(-1);
  const wanted = final?.type === "ExpressionStatement" && final.directive === undefined;
  if (asynchronous && wanted) {
    const end = final.expression.end;
    edits.push([final.start, final.start, "return { value: ("], [end, end, "\n) }"]);
  }
  let script = code;
  for (const [start, end, text] of edits.sort((a, b) => b[0] - a[0] || b[1] - a[1])) script = script.slice(0, start) + text + script.slice(end);
  if (asynchronous) {
    const head = names.length ? `var ${[...new Set(names)].join(", ")}; ` : "";
    script = `${head}(async () => { ${hoisted.join(" ")} ${script}\n})()`;
  }
  return { script, wanted, asynchronous };
}

/** Calls a function so that a SIGINT ends it: only what a script runs can be ended. */
const guard = new vm.Script("(() => globalThis[Symbol.for('nestbox.call')]())()", { filename: __filename });
function guarded(work) {
  const key = Symbol.for("nestbox.call");
  Object.defineProperty(globalThis, key, { value: work, configurable: true, enumerable: false });
  try {
    return guard.runInThisContext({ breakOnSigint: true, displayErrors: false });
  } finally {
    delete globalThis[key];
  }
}

// --- Cells

const stopped = (error) => error?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";

async function execute({ id, code, silent }) {
  running = current = id;
  asked = broken = false;
  let status = "ok";
  const interrupt = new Promise((_, reject) => {
    interrupted = () => reject(Object.assign(new Error("interrupted"), { code: "ERR_SCRIPT_EXECUTION_INTERRUPTED" }));
  });
  interrupt.catch(() => {});
  try {
    const { script, wanted, asynchronous } = prepare(typescript ? transpile(code) : code);
    // Only where it may be needed: node keeps what has this option for as long as it runs.
    const dynamic = /\bimport\b/.test(script) ? { importModuleDynamically: (name) => import(name) } : {};
    const compiled = new vm.Script(script, { filename: `<cell ${id}>`, ...dynamic });
    let value = compiled.runInThisContext({ breakOnSigint: true, displayErrors: false });
    if (asynchronous) value = (await Promise.race([value, interrupt]))?.value;
    if (wanted && value !== undefined) {
      last = value;
      if (!silent) report(id, value);
    }
  } catch (error) {
    status = await failed(id, error);
  }
  await flush();
  running = interrupted = null;
  settle();
  send({ type: "done", id, status });
}

/** Reports what a cell threw. A SIGINT counts when its `interrupt` has come, or comes soon: it is on its way through the channel. */
async function failed(id, error) {
  broken = stopped(error);
  if (broken && !asked) await new Promise((resolve) => ((interrupted = resolve), setTimeout(resolve, 300)));
  const status = stopped(error) && asked ? "interrupted" : "error";
  let [exception, message, lines] = ["Error", "", []];
  try {
    guarded(() => {
      if (stopped(error)) [exception, message, lines] = ["Interrupted", "the cell was interrupted", ["Interrupted"]];
      else if (util.types.isNativeError(error) || error instanceof Error) {
        [exception, message] = [String(error.name), String(error.message)];
        lines = String(error.stack ?? error).split("\n");
      } else {
        [exception, message] = ["Uncaught", util.inspect(error)];
        lines = [`Uncaught ${message}`];
      }
    });
  } catch {
    message = "the error cannot be printed";
  }
  const own = lines.findIndex((line) => /^ +at /.test(line) && (line.includes(__filename) || /\(?node:(vm|internal\/vm)/.test(line)));
  if (own >= 0) lines = lines.slice(0, own);
  lines = lines.filter((line) => !line.includes(__filename)).slice(0, 200).map((line) => line.slice(0, 600));
  send({ type: "error", id, exception: cut(exception, 200), message: cut(message, 8000), traceback: lines });
  return status;
}

/** Waits until what was written has left this process. */
async function flush() {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0 && !stream.destroyed) await new Promise((resolve) => stream.write("", resolve));
  }
}

/** Undoes what a cell may have changed that the driver lives by. */
function settle() {
  if (!process.listeners("SIGINT").includes(ignore)) process.on("SIGINT", ignore);
  if (!process.listeners("uncaughtException").includes(uncaught)) process.on("uncaughtException", uncaught);
  let now;
  try {
    now = identity();
  } catch {}
  if (now !== channel) lost("channel: the cell has closed or replaced descriptors 100 and 101");
}

function report(id, value) {
  const record = { type: "result", id, truncated: false };
  guarded(() => {
    const text = util.inspect(value, { showProxy: true });
    record.repr = cut(text, TEXT);
    record.truncated = record.repr.length < text.length;
    if (plain(value)) {
      const encoded = stringify(value);
      if (encoded.length <= TEXT && Buffer.byteLength(encoded) <= TEXT) record.value = value;
    }
    const data = bundle(value);
    if (data) record.data = fitting(data);
  });
  send(record);
}

/** Whether a value is JSON as it stands: nothing that would be lost or called on the way. */
function plain(value, depth = 0, budget = { left: 20000 }) {
  if (--budget.left < 0 || depth > 32) return false;
  if (value === null || typeof value === "boolean") return true;
  if (typeof value === "string") return value.length <= TEXT;
  if (typeof value === "number") return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (typeof value !== "object" || util.types.isProxy(value)) return false;
  const list = Array.isArray(value);
  const parent = Object.getPrototypeOf(value);
  if (list ? parent !== Array.prototype : parent !== Object.prototype && parent !== null) return false;
  const properties = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([name]) => !(list && name === "length"));
  if (list && properties.length !== value.length) return false;
  return properties.every(([name, property]) => name !== "toJSON" && property.enumerable && "value" in property && plain(property.value, depth + 1, budget));
}

/** What an object offers in other formats: by the name that other notebooks for JavaScript use. */
function bundle(value) {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  const method = value[Symbol.for("Jupyter.display")];
  const data = typeof method === "function" ? method.call(value) : undefined;
  return data && typeof data === "object" && Object.keys(data).length ? data : undefined;
}

function fitting(data) {
  const kept = {};
  const notes = [];
  let room = RECORD - (160 << 10);
  for (const [mime, content] of Object.entries(data).slice(0, 50)) {
    const part = content instanceof Uint8Array ? Buffer.from(content).toString("base64") : typeof content === "string" || plain(content) ? content : String(content);
    const size = Buffer.byteLength(stringify(part));
    if (size <= room) {
      kept[mime.slice(0, 100)] = part;
      room -= size;
    } else notes.push(`<${mime.slice(0, 100)}, ${size} bytes: too large to show>`);
  }
  if (notes.length) kept["text/plain"] = [...(kept["text/plain"] ? [kept["text/plain"]] : []), ...notes.slice(0, 20)].join("\n");
  return kept;
}

const rich = (mime) => (content) => ({ [Symbol.for("Jupyter.display")]: () => ({ [mime]: content }) });
const nestbox = {
  /** Shows a value now. With an id it can be changed later: update(value, id). */
  display(value, { id, update } = {}) {
    const data = { "text/plain": cut(util.inspect(value), TEXT), ...bundle(value) };
    send({ type: "display", id: current, data: fitting(data), ...(id === undefined ? {} : { display_id: String(id).slice(0, 200), update: Boolean(update) }) });
  },
  update: (value, id) => nestbox.display(value, { id, update: true }),
  clear: (wait = false) => send({ type: "clear", id: current, wait: Boolean(wait) }),
  html: rich("text/html"), markdown: rich("text/markdown"), svg: rich("image/svg+xml"), png: rich("image/png"),
};

function transpile(code) {
  const { ScriptTarget, ModuleKind } = typescript;
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext, isolatedModules: true, preserveValueImports: true, sourceMap: false };
  const { outputText, diagnostics } = typescript.transpileModule(code, { compilerOptions, reportDiagnostics: true });
  if (diagnostics.length) throw new SyntaxError(typescript.flattenDiagnosticMessageText(diagnostics[0].messageText, "\n"));
  return outputText.replace(/^export \{\};\n?/m, "").replace(/;\n$/, /;\s*$/.test(code) ? ";" : "");
}

// --- Questions, while no cell runs. Getters and proxies are not asked: they are foreign code.

const path = /[\p{ID_Start}$_][\p{ID_Continue}$.]*$/u;

function resolve(text) {
  const names = text.split(".");
  let value = Object.getOwnPropertyNames(globalThis).includes(names[0]) ? globalThis[names[0]] : undefined;
  for (const name of names.slice(1)) value = property(value, name)?.value;
  return value;
}

function property(value, name) {
  for (let holder = value; holder !== null && holder !== undefined && !util.types.isProxy(holder); holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertyDescriptor(holder, name);
    if (found) return found;
  }
  return undefined;
}

const kindOf = (value) => (typeof value !== "function" ? "instance" : /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function");

/** The cursor counts code points; strings here are in UTF-16. */
const upTo = (code, cursor) => [...code].slice(0, cursor).join("");

const keywords = ("async await break case catch class const continue debugger default delete do else export extends false finally for function if import in " +
  "instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield").split(" ");

const questions = {
  complete({ code, cursor }) {
    const text = path.exec(upTo(code, cursor))?.[0] ?? "";
    const [head, prefix] = text.includes(".") ? [text.slice(0, text.lastIndexOf(".")), text.slice(text.lastIndexOf(".") + 1)] : ["", text];
    const found = new Map();
    const value = head ? resolve(head) : globalThis;
    for (let holder = value; holder !== null && holder !== undefined && !util.types.isProxy(holder); holder = Object.getPrototypeOf(holder)) {
      for (const [name, item] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
        if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) && name.startsWith(prefix) && !found.has(name)) found.set(name, "value" in item ? kindOf(item.value) : "property");
      }
    }
    if (!head) for (const word of keywords) if (word.startsWith(prefix)) found.set(word, "keyword");
    const matches = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, ROWS).map(([name, type]) => ({ text: name, type }));
    return { matches, start: cursor - [...prefix].length, end: cursor };
  },

  inspect({ code, cursor }) {
    const before = upTo(code, cursor);
    const text = (path.exec(before.replace(/\($/, ""))?.[0] ?? "") + (/^[\p{ID_Continue}$]*/u.exec(code.slice(before.length))?.[0] ?? "");
    const value = text ? resolve(text) : undefined;
    if (value === undefined) return { found: false, data: {} };
    const source = typeof value === "function" ? Function.prototype.toString.call(value) : "";
    return { found: true, data: { "text/plain": cut(source ? `${kindOf(value)} ${text}\n\n${source}` : `${text}: ${describe(value)}`, TEXT) } };
  },

  is_complete({ code }) {
    try {
      tree(typescript ? transpile(code) : code);
      return { status: "complete" };
    } catch (error) {
      const open = error.pos >= code.trimEnd().length || /^Unterminated (template|comment)/.test(error.message ?? "");
      if (typescript ? !/'[})\]]' expected|Unterminated template|'\*\/' expected/.test(error.message) : !open) return { status: "invalid" };
      const line = code.slice(code.lastIndexOf("\n") + 1);
      return { status: "incomplete", indent: /^\s*/.exec(line)[0] + (/[{([]\s*$/.test(line) ? "  " : "") };
    }
  },

  variables() {
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => !initial.has(name));
    const rows = [];
    for (const name of names.slice(0, ROWS)) {
      const item = Object.getOwnPropertyDescriptor(globalThis, name);
      if (!("value" in item)) continue;
      const { value } = item;
      const type = typeof value === "object" && value !== null && !util.types.isProxy(value) ? property(value, "constructor")?.value?.name || "Object" : typeof value;
      const size = typeof value === "string" ? value.length : ArrayBuffer.isView(value) ? value.byteLength : Array.isArray(value) ? value.length : 0;
      rows.push({ name: cut(name, 200), type: cut(String(type), 200), repr: cut(describe(value), 200), size });
    }
    return { variables: rows };
  },
};

function describe(value) {
  if (typeof value === "function") return `[${kindOf(value)} ${typeof value.name === "string" ? value.name : ""}]`;
  if (util.types.isProxy(value)) return "[Proxy]";
  return util.inspect(value, { customInspect: false, getters: false, depth: 1, maxArrayLength: 10, maxStringLength: 200, breakLength: Infinity });
}

function answer(record) {
  let fields;
  try {
    fields = (Object.hasOwn(questions, record.type) ? questions[record.type] : () => ({ error: "unknown type" }))(record);
  } catch (error) {
    fields = { error: cut(`${error?.name}: ${error?.message}`, 500) };
  }
  send({ type: "answer", id: record.id, ...fields });
}

// --- The channel

let pending = Buffer.alloc(0);
const queue = [];
let busy = false;

function take(data) {
  pending = pending.length ? Buffer.concat([pending, data]) : data;
  while (pending.length >= 4) {
    const size = pending.readUInt32BE(0);
    if (size > RECORD) lost("channel: record too large");
    if (pending.length < 4 + size) break;
    const record = parse(pending.toString("utf8", 4, 4 + size));
    pending = pending.subarray(4 + size);
    if (record.type !== "interrupt") queue.push(record);
    else if (record.id === running && running !== null) {
      // A cell that waits goes on until the SIGINT is here, which would hit the next one.
      asked = true;
      if (broken) interrupted?.();
      else setTimeout(interrupted ?? ignore, 200);
    }
  }
  if (!busy) work();
}

async function work() {
  busy = true;
  for (let record; (record = queue.shift()); ) {
    if (record.type === "execute") await execute(record);
    else answer(record);
  }
  busy = false;
}

/** A SIGINT between cells, or while a cell only waits. */
const ignore = () => {
  if (asked && running !== null) interrupted?.();
};
function uncaught(error) {
  try {
    writeSync(2, `Uncaught ${guarded(() => (error instanceof Error ? String(error.stack) : util.inspect(error)))}\n`);
  } catch {}
}

process.on("SIGINT", ignore);
process.on("uncaughtException", uncaught);
process.on("unhandledRejection", uncaught);
process.on("exit", () => {
  if (running === null) return;
  const id = running;
  running = null;
  send({ type: "done", id, status: "ok" }); // process.exit() in a cell.
});

const folder = `${process.cwd()}/`;
Object.assign(globalThis, { require: createRequire(`${folder}cell.js`), module, exports: module.exports, nestbox });
Object.defineProperty(globalThis, "_", { get: () => last, set: (value) => Object.defineProperty(globalThis, "_", { value, writable: true }), configurable: true });
const initial = new Set(Object.getOwnPropertyNames(globalThis));

const features = ["complete", "inspect", "is_complete", "variables", "interrupt", "rich"];
const version = typescript ? typescript.version : process.version.slice(1);
send({ type: "ready", protocol: 1, language: typescript ? "typescript" : "node", version, features });
new net.Socket({ fd: COMMANDS, readable: true, writable: false }).on("data", take).on("close", () => process.reallyExit(0));
