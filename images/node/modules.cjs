// node --expose-internals -r modules.cjs FILE: as later versions of Node.js do, takes a .js file for a module (import, export,
// import.meta, await at the top) when it does not parse as anything else, and no package.json says what it is. Nothing runs
// twice: what does not parse has not begun.
"use strict";
const fs = require("fs");
const Module = require("module");
const { compileFunction } = require("vm");
const { fileURLToPath, pathToFileURL } = require("url");
const { translators } = require("internal/modules/esm/translators");

const words = [
  "Cannot use import statement outside a module",
  "Unexpected token 'export'",
  "Cannot use 'import.meta' outside a module",
  "await is only valid in async functions and the top level bodies of modules",
];
const names = ["exports", "require", "module", "__filename", "__dirname"];

/** What no module is without that does not parse as anything else; most programs need no second look. */
const hint = /\b(?:import|export|await)\b|\b(?:const|let|class)\b[^=;]*\b(?:exports|require|module|__filename|__dirname)\b/;

/** The source when it can only be that of a module, else nothing. */
function moduleSource(path) {
  try {
    const source = fs.readFileSync(path, "utf8");
    if (!hint.test(source)) return undefined;
    try {
      compileFunction(source.replace(/^#!.*/, ""), names, { filename: path });
    } catch (error) {
      if (words.includes(error.message)) return source;
      // `await` with a name of CommonJS declared anew, or in a place where it is a name.
      if (/^Identifier '(exports|require|module|__filename|__dirname)' has already been declared$/.test(error.message)) return source;
    }
  } catch {
    // Whoever loads it says what is wrong.
  }
}

const commonJS = translators.get("commonjs");
translators.set("commonjs", function (url, source, isMain) {
  const path = url.startsWith("file:") ? fileURLToPath(url) : "";
  const text = path.endsWith(".js") ? moduleSource(path) : undefined;
  return text === undefined ? commonJS.call(this, url, source, isMain) : translators.get("module").call(this, url, text, isMain);
});

// Looked up once more, to be called: what it is then is in no stack trace, nor is this. Loading the library `module` looks it up, too.
const { runMain } = Module;
function chooseMain() {
  const main = process.argv[1];
  if (main === undefined) return runMain;
  Object.defineProperty(Module, "runMain", { value: runMain, writable: true, enumerable: true, configurable: true });
  if (!main.endsWith(".js") || moduleSource(main) === undefined) return runMain;
  return () => {
    const { handleMainPromise } = require("internal/modules/run_main");
    const { loadESM } = require("internal/process/esm_loader");
    handleMainPromise(loadESM((loader) => loader.import(pathToFileURL(fs.realpathSync(main)).href, undefined, {})));
  };
}
Object.defineProperty(Module, "runMain", { get: chooseMain, enumerable: true, configurable: true });

// No program finds any of this, and its children are started without.
process.execArgv = process.execArgv.filter((word) => word !== "--expose-internals" && word !== "-r" && !word.startsWith(__dirname));
for (const table of [require.cache, Module._pathCache]) {
  for (const key of Object.keys(table)) if (key.startsWith(__dirname)) delete table[key];
}
