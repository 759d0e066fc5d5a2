// Exercises the JavaScript client as the service hands it out: node client.mjs URL. Exits 0 when everything held, whatever this
// version of Node has for a WebSocket.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const url = process.argv[2];
// As docs/clients.md says to take it.
const folder = await mkdtemp(join(tmpdir(), "nestbox-client-"));
const answer = await fetch(url + "/nestbox.mjs");
await writeFile(join(folder, "nestbox.mjs"), await answer.text());
const { Nestbox, NestboxError } = await import(join(folder, "nestbox.mjs"));
await rm(folder, { recursive: true });

const nestbox = new Nestbox({ url });
const check = (name, condition, detail) => {
  console.log(condition ? "ok    " : "FAILED", name, condition ? "" : JSON.stringify(detail));
  if (!condition) process.exitCode = 1;
};

check("it is a module for browsers, too", answer.headers.get("content-type") === "text/javascript; charset=utf-8"
  && (await (await fetch(url + "/nestbox.js")).text()) === (await (await fetch(url + "/nestbox.mjs")).text()));
check("with types", (await (await fetch(url + "/nestbox.d.mts")).text()).includes("export class Nestbox"));
console.log(`Node ${process.versions.node}, ${globalThis.WebSocket ? "with" : "without"} a WebSocket of its own`);

const result = await nestbox.execute({ language: "python", code: "print(6*7)" });
check("execute", result.stdout === "42\n" && result.verdict === "ok", result);
check("languages", (await nestbox.languages()).some((language) => language.name === "python"));
try {
  await nestbox.execute({ language: "nope", code: "x" });
  check("errors", false);
} catch (error) {
  check("errors", error instanceof NestboxError && error.code === "UNKNOWN_LANGUAGE" && error.status === 400, error);
}

const run = nestbox.run({ language: "python", code: "print('Hello', input('Name? '))" });
let output = "";
for await (const event of run) {
  if (event.type === "output") output += event.data;
  if (event.type === "input_request") run.respond(event.token, "Ada\n");
}
check("a run that asks", output === "Name? Hello Ada\n" && (await run.finished).verdict === "ok", output);

const text = "ü".repeat(70000);
const long = nestbox.run({ language: "python", code: "print(len(input()))" });
for await (const event of long) {
  if (event.type === "started") long.stdin(text + "\n");
  if (event.type === "output") check("long messages", event.data === "70000\n", event.data);
}

const loop = nestbox.run({ language: "bash", code: "while :; do :; done" });
for await (const event of loop) if (event.type === "started") loop.cancel();
check("cancel", (await loop.finished).verdict === "cancelled");

const counted = nestbox.run({ language: "python", code: "import time\nfor i in range(10):\n    print(i, flush=True)\n    time.sleep(0.1)" });
let numbers = "", sequences = [];
for await (const event of counted) {
  if (typeof event.seq === "number") sequences.push(event.seq);
  if (event.type === "output") numbers += event.data;
  if (event.type === "output" && event.data.includes("3")) nestbox._drop();
}
check("a lost connection loses nothing", numbers === "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", numbers);
check("and repeats nothing", sequences.every((sequence, index) => sequence === index), sequences);

let streamed = "";
for await (const event of nestbox.stream({ language: "bash", code: "echo a; echo b" })) if (event.type === "output") streamed += event.data;
check("server-sent events", streamed === "a\nb\n", streamed);
const { run_id: id } = await nestbox.submit({ language: "bash", code: "echo late" });
let late = "";
for await (const event of nestbox.events(id)) if (event.type === "output") late += event.data;
check("events of a submitted run", late === "late\n", late);
const refused = nestbox.run({ language: "nope", code: "x" });
check("a refused run", (await refused.finished.catch((error) => error.code)) === "UNKNOWN_LANGUAGE");
const nowhere = new Nestbox({ url: "http://127.0.0.1:9" });
check("a service that is not there, over HTTP", (await nowhere.languages().catch((error) => error.code)) === "CONNECTION_LOST");
check("and over a WebSocket", (await nowhere.run({ language: "bash", code: "x" }).finished.catch((error) => error.code)) === "CONNECTION_LOST");
nestbox.close();
// A connection that is left open would keep Node from ending.
setTimeout(() => check("nothing is left", false), 5000).unref();
