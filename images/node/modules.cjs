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

/** The source when it can only be that of a module, else nothing. */
function moduleSource(path) {
  try {
    const source = fs.readFileSync(path, "utf8");
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

const { runMain } = Module;
Module.runMain = function (main = process.argv[1]) {
  let isDone = false;
  try {
    runMain(main);
    isDone = true;
  } finally {
    // Not caught: the error keeps its place when it goes on.
    if (!isDone && main.endsWith(".js") && moduleSource(main) !== undefined) {
      process.mainModule = undefined;
      const { handleMainPromise } = require("internal/modules/run_main");
      const { loadESM } = require("internal/process/esm_loader");
      handleMainPromise(loadESM((loader) => loader.import(pathToFileURL(fs.realpathSync(main)).href, undefined, {})));
      return; // eslint-disable-line no-unsafe-finally
    }
  }
};

// The program's children are started without all this.
process.execArgv = process.execArgv.filter((word) => word !== "--expose-internals" && word !== "-r" && word !== __filename);
