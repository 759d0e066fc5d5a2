// node -r ahead.cjs FILE: has Node.js load and compile what the first lines of most programs need, before it looks at FILE. In a
// sandbox that is booted ahead that is no part of the run; elsewhere FILE is there already, and nothing is done.
"use strict";
const { Console } = require("console");
const fs = require("fs");
const Module = require("module");
const { Writable } = require("stream");
const { isMainThread } = require("worker_threads");

/**
 * Makes a stream before the program asks for it. A stream has its pipe wait for nobody, also where it is written to by its number, and
 * is among what the process has open: both begin when the program asks.
 */
function makeStream(name) {
  const property = Object.getOwnPropertyDescriptor(process, name);
  const stream = process[name];
  stream.write("");
  const { _handle: handle } = stream;
  if (stream._type !== "pipe") return;
  handle.setBlocking(true);
  handle.unref();
  const get = () => {
    Object.defineProperty(process, name, property);
    handle.setBlocking(false);
    handle.ref();
    return stream;
  };
  Object.defineProperty(process, name, { ...property, get });
}

function prepare() {
  const nowhere = new Writable({ write: (chunk, encoding, done) => done() });
  // Whether there are colours is asked of stderr, which makes that stream: the program's console does, at its first line.
  new Console({ stdout: nowhere, colorMode: false }).log("%s", "x", 1, { a: 1 }, [1, "x"]);
  const example = new Module(__filename);
  example._compile("console.log", __filename);
  fs.readFileSync("/dev/null", "utf8");
  require("readline");
  clearTimeout(setTimeout(() => {}, 0));
  clearImmediate(setImmediate(() => {}));
  makeStream("stdout");
  makeStream("stderr");
  // Nothing of this is left to be done when the program begins.
  process._tickCallback();
}

delete require.cache[__filename];
for (const key of Object.keys(Module._pathCache)) if (key.startsWith(__filename)) delete Module._pathCache[key];
if (isMainThread && fs.readdirSync(".").length === 0) prepare();
