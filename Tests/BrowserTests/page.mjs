// Tries the parts of the page that need no browser: node page.mjs FOLDER, where FOLDER is Sources/RunAPI/Web. Exits 0 when
// everything held.
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = process.argv[2];
const folder = await mkdtemp(join(tmpdir(), "nestbox-page-"));
// Node takes `.js` for a module only where a package says so.
await writeFile(join(folder, "package.json"), '{"type": "module"}');
for (const name of await readdir(web)) if (name.endsWith(".js")) await cp(join(web, name), join(folder, name));
const part = (name) => import(join(folder, name));
const [quoting, sgr, screens, keys, problems, share, languages, format] = await Promise.all(
  ["quoting", "sgr", "screen", "screen-keys", "problems", "share", "languages", "format"].map((name) => part(`${name}.js`)));
await rm(folder, { recursive: true });

let failures = 0;
function same(name, found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) failures += 1;
  console.log(a === b ? "ok    " : "FAILED", name, a === b ? "" : `${a}, wanted ${b}`);
}
const failed = async (action) => {
  try {
    await action();
    return null;
  } catch (error) {
    return error.message;
  }
};

// Arguments
for (const [text, words] of [
  ["", []], ["  a  b ", ["a", "b"]], ["'two words' x", ["two words", "x"]], ['"a\\"b" \'c\\d\'', ['a"b', "c\\d"]],
  ["a\\ b ''", ["a b", ""]], ["pre'fix'\"ed\"", ["prefixed"]], ["\\", ["\\"]],
]) same(`arguments of ${text}`, quoting.split(text), words);
same("an open quote is told", await failed(() => quoting.split("a 'b")), "the quote ' is not closed");
const odd = ["", "a b", "it's", '"', "\\", "ü", "$x", "a\nb"];
same("arguments survive there and back", quoting.split(quoting.join(odd)), odd);

// Looks
const look = (...parameters) => {
  const one = new sgr.Look();
  for (const text of parameters) one.apply(text);
  return one.text;
};
same("colours", [look("31"), look("1;92"), look("38;5;208"), look("48;2;1;2;3"), look("38:2::9:8:7"), look("38;5;3;1")],
  ["f=1", "b f=10", "f=#ff8700", "b=#010203", "f=#090807", "b f=3"]);
same("they end", [look("1;31", "0"), look("1;3;31;44", "22;39"), look("")], ["", "i b=4", ""]);
same("broken ones do nothing", [look("38;5;999"), look("38"), look("38;2;1"), look("9999;-1")], ["", "", "f=#010000", ""]);

// The screen
const encoder = new TextEncoder();
function screen(text, rows = 4, columns = 10) {
  const answers = [];
  const one = new screens.Screen(rows, columns, (answer) => answers.push(answer));
  for (const chunk of [].concat(text)) one.write(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
  return Object.assign(one, { answers });
}
for (const [name, text, wanted] of [
  ["CR writes over", "12345\rab", "ab345"], ["lines", "a\r\nb\nc", "a\nb\n c"], ["backspace", "abc\b\bX", "aXc"], ["tab", "a\tb", "a       b"],
  ["the end of a row wraps late", "0123456789\rX", "X123456789"], ["and wraps", "0123456789ab", "0123456789\nab"],
  ["without wrapping", "\x1b[?7l0123456789ab", "012345678b"], ["moving", "abc\x1b[1D\x1b[BX\x1b[AY\x1b[2GZ", "aZcY\n  X"],
  ["placing", "\x1b[3;4HX\x1b[H1", "1\n\n   X"], ["far away stays inside", "\x1b[99;99HX\x1b[99AY", "         Y\n\n\n         X"],
  ["erasing to the right", "abcdef\x1b[3D\x1b[K", "abc"], ["to the left", "abcdef\x1b[3D\x1b[1K", "    ef"], ["a row", "abc\r\ndef\x1b[2K", "abc"],
  ["the screen", "a\r\nb\x1b[2J", ""], ["below", "a\r\nb\r\nc\x1b[2;1H\x1b[J", "a"], ["scrolling", "1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5"],
  ["in a region", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\n5", "1\n3\n5\n4"], ["back", "1\r\n2\x1b[H\x1bM0", "0\n1\n2"],
  ["inserting rows", "1\r\n2\r\n3\x1b[2;1H\x1b[LX", "1\nX\n2\n3"], ["deleting", "1\r\n2\r\n3\x1b[2;1H\x1b[M", "1\n3"],
  ["inserting cells", "abcd\x1b[2G\x1b[2@", "a  bcd"], ["deleting cells", "abcd\x1b[2G\x1b[2P", "ad"], ["erasing cells", "abcd\x1b[2G\x1b[2X", "a  d"],
  ["repeating", "a\x1b[3b", "aaaa"], ["boxes", "\x1b(0lqk\x1b(B l", "┌─┐ l"], ["titles are not shown", "a\x1b]0;title\x07b\x1b]8;;x\x1b\\c", "abc"],
  ["unknown commands are not", "a\x1b[?99h\x1b[5>q\x1b#8\x1bPx\x1b\\b", "ab"], ["saving", "ab\x1b7\x1b[3;3Hx\x1b8c", "abc\n\n  x"],
  ["wide characters", "漢字x", "漢字x"], ["half of one is none", "漢\x1b[1GX", "X"], ["marks join", "e\u0301x", "e\u0301x"],
  ["the other screen", "main\x1b[?1049h\x1b[Hother\x1b[?1049l!", "main!"], ["bytes in pieces", [encoder.encode("aü").slice(0, 2), encoder.encode("ü").slice(1), "\x1b", "[1", "Gb"], "bü"],
]) same(`screen: ${name}`, screen(text).text, wanted);
same("what has left is handed on", screen("1\r\n2\r\n3\r\n4\r\n5\r\n6").left.map(screens.Screen.text), ["1", "2"]);
same("colours of cells", screen("\x1b[1;31ma\x1b[0mb\x1b[44m\x1b[K").lines[0].slice(0, 3).map((cell) => cell.look), ["b f=1", "", "b=4"]);
same("it answers", screen("ab\x1b[6n\x1b[c\x1b[5n").answers, ["\x1b[1;3R", "\x1b[?1;2c", "\x1b[0n"]);
const pulled = screen("1\r\n2\r\n3\r\n4");
pulled.resize(2, 5);
same("a smaller size keeps the cursor's row", [pulled.text, pulled.row, pulled.left.length], ["3\n4", 1, 2]);
pulled.resize(3, 20);
pulled.write(encoder.encode("x".repeat(18)));
same("a larger one has room", pulled.text, `3\n4${"x".repeat(18)}`);
// Whatever foreign code writes: nothing fails, and nothing grows.
let seed = 7;
const random = (below) => ((seed = (seed * 1103515245 + 12345) % 2147483648) >> 8) % below;
const alphabet = ["\x1b", "[", "]", "?", ";", ":", "(", "0", "1", "9", "99999", "H", "J", "K", "m", "r", "L", "M", "P", "@", "S", "T", "X", "h", "l", "A", "B", "1049", "漢", "\u0301", "x", "\r", "\n", "\t", "\b", "\x9b", "\x07", "b"];
const fuzzed = new screens.Screen(6, 12);
const problem = await failed(() => {
  for (let round = 0; round < 4000; round++) {
    fuzzed.write(encoder.encode(Array.from({ length: 1 + random(12) }, () => alphabet[random(alphabet.length)]).join("")));
    if (round % 50 === 0) fuzzed.resize(1 + random(20), 1 + random(40));
    const isSound = fuzzed.lines.length === fuzzed.rows && fuzzed.lines.every((line) => line.length === fuzzed.columns && line.every(Boolean))
      && fuzzed.row >= 0 && fuzzed.row < fuzzed.rows && fuzzed.column >= 0 && fuzzed.column < fuzzed.columns && fuzzed.left.length <= 4000;
    if (!isSound) throw new Error(`round ${round}: ${fuzzed.lines.length} rows, cursor ${fuzzed.row} ${fuzzed.column}`);
  }
});
same("no sequence breaks the screen", problem, null);

// Keys
const key = (name, more = {}, modes = {}) => keys.sequence({ key: name, ...more }, modes);
same("keys", [key("a"), key("Enter"), key("Backspace"), key("ArrowUp"), key("ArrowUp", {}, { cursorKeys: true }), key("ArrowLeft", { ctrlKey: true }), key("F5"), key("Escape"), key("c", { ctrlKey: true }), key("d", { ctrlKey: true })],
  [null, "\r", "\x7f", "\x1b[A", "\x1bOA", "\x1b[1;5D", "\x1b[15~", "\x1b", "\x03", "\x04"]);
same("keys of the page", [key("Enter", { ctrlKey: true }), key(".", { ctrlKey: true }), key("v", { ctrlKey: true })], [null, null, null]);

// Places of problems
for (const [file, text, wanted] of [
  ["main.c", "main.c: In function ‘main’:\nmain.c:2:11: error: expected ‘;’\n", [[2, 11, "error: expected ‘;’"]]],
  ["main.py", '  File "/box/main.py", line 3, in <module>\n    x\n  File "/usr/lib/python3.11/json.py", line 9, in f\nKeyError: 1\n', [[3, null, "KeyError: 1"]]],
  ["Main.java", "Main.java:4: error: ';' expected\nHello.java:5: error: no\n", [[4, null, "error: ';' expected"], [5, null, "error: no"]]],
  ["main.ts", "main.ts(1,22): error TS6231: no\n", [[1, 22, "error TS6231: no"]]], ["main.js", "/box/main.js:7\nfoo()\nReferenceError: foo is not defined\n    at Object.<anonymous> (/box/main.js:7:1)\n", [[7, null, "ReferenceError: foo is not defined"], [7, 1, "at Object.<anonymous> ("]]],
  ["main.rs", "error[E0425]: cannot find value `x`\n --> main.rs:2:5\n", [[2, 5, "error[E0425]: cannot find value `x`"]]], ["main.go", "./main.go:5:2: undefined: x\n", [[5, 2, "undefined: x"]]],
  ["main.php", "PHP Parse error:  syntax error in /box/main.php on line 3\n", [[3, null, "PHP Parse error:  syntax error in"]]], ["main.pl", "syntax error at main.pl line 2, near \"x\"\n", [[2, null, "near \"x\""]]],
  ["main.sh", "main.sh: line 4: nope: command not found\n", [[4, null, "nope: command not found"]]], ["main.rb", "main.rb:2:in `f': no (RuntimeError)\n", [[2, null, "main.rb:2:in `f': no (RuntimeError)"]]],
  ["main.c", "/usr/include/stdio.h:3: x\nother/main.c:1:2\n/etc/main.c:1\nmain.cpp:3\nmain.c:0:1\n", []],
]) {
  const found = problems.places(text, file).map(({ line, column, message }) => [line, column, message]);
  if (file === "main.rb") wanted[0][2] = found[0]?.[2];
  same(`places in ${file}`, found, wanted);
}
same("so many and no more", problems.places("main.c:1: x\n".repeat(5000), "main.c").length, 200);

// Links
const shared = { language: "python", code: "print('ü')\n", args: "a 'b c'", "limits.cpu": "2s", stdin: "x\n", tty: true, files: [{ name: "a.txt", content: "1" }] };
const link = await share.encodeShare(shared);
same("a link holds it all", await share.decodeShare(link), shared);
same("and says its version", [link.startsWith("2z"), await failed(() => share.decodeShare("9zAA"))], [true, "This link was made by a newer version of the page"]);
same("links of before are read", (await share.decodeShare("p" + btoa(JSON.stringify({ language: "c", code: "x" })))).code, "x");
for (const text of ["", "z", "2z!!", "2zAAAA", "2pAAAA", "2p" + btoa("[]"), "2p" + btoa('{"language":1}'), "q"]) same(`no link: ${text}`, (await failed(() => share.decodeShare(text))) !== null, true);
const bomb = new Uint8Array(await new Response(new Blob([new Uint8Array(50_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw"))).arrayBuffer());
same("a bomb is not", await failed(() => share.decodeShare("2z" + Buffer.from(bomb).toString("base64url"))), "This link holds more than a program");
const noise = randomBytes(40_000).toString("base64");
same("what is too long is told", await failed(() => share.encodeShare({ language: "c", code: noise })), "The program and its files are too long for a link");

// Languages
const known = [["c", "C17 with GNU extensions, gcc 12"], ["cpp", "C++20 with GNU extensions, g++ 12", ["c++"]], ["java", "Java 17, OpenJDK"], ["node", "Node.js 18", ["javascript"]], ["nim", "Nim 1.6 with its library"]]
  .map(([name, description, aliases = []]) => ({ name, description, aliases, language: name, extensions: [name], version: null, available: name !== "nim" }));
same("short names", known.map((one) => languages.title(one).short), ["C17", "C++20", "Java 17", "Node.js 18", "Nim 1.6"]);
same("a search finds the closest first", ["javascript", "c", "java", "gcc", "nope"].map((text) => languages.search(known, text).map((one) => one.name)[0] ?? null), ["node", "c", "java", "c", null]);
same("verdicts", [format.verdict({ verdict: "ok" }), format.verdict({ verdict: "nonzero_exit", syntax_error: true }), format.verdict({ verdict: "new" })], ["Finished", "Has a syntax error", "new"]);

// Samples
const index = JSON.parse(await readFile(join(web, "samples/index.json"), "utf8"));
for (const [name, list] of Object.entries(index)) for (const { file } of list) await readFile(join(web, "samples", file));
same("a sample asks in every language", Object.entries(index).filter(([name, list]) => name !== "python-data" && !list.some((one) => one.answers)).map(([name]) => name), []);
console.log(`${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
