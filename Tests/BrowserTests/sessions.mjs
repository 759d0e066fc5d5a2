// Exercises live sessions of the JavaScript client as the service hands it out: node sessions.mjs URL. Exits 0 when everything held.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const url = process.argv[2];
const folder = await mkdtemp(join(tmpdir(), "nestbox-sessions-"));
await writeFile(join(folder, "nestbox.mjs"), await (await fetch(url + "/nestbox.mjs")).text());
const { Nestbox, NestboxError } = await import(join(folder, "nestbox.mjs"));
await rm(folder, { recursive: true });

const check = (name, condition, detail) => {
  console.log(condition ? "ok    " : "FAILED", name, condition ? "" : JSON.stringify(detail));
  if (!condition) process.exitCode = 1;
};
const code = (promise) => promise.then((value) => value, (error) => error.code);
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

const nestbox = new Nestbox({ url });
const events = [];
let losses = 0;
const session = await nestbox.sessions.create({ language: "python", name: "mjs" }, { event: (event) => events.push(event), lost: () => (losses += 1) });
check("a session", /^[0-9a-f]{32}$/.test(session.id) && session.mode === "control", session.id);

let text = "";
const cell = await session.execute("x = 6\nprint('out', x)\nx * 7", { onOutput: (data) => (text += data) });
check("a cell, its output and its value", cell.status === "ok" && text === "out 6\n" && cell.result.repr === "42" && cell.result.value === 42 && cell.error === null, cell);
check("and what it cost", cell.execution_time >= 0 && typeof cell.usage.wall_ms === "number", cell);
const failed = await session.execute("1 / 0");
check("a cell that fails is an outcome, not an exception", failed.status === "error" && failed.error.exception === "ZeroDivisionError" && failed.result === null, failed);
const asked = await session.execute("input('Name? ')", { onInput: ({ prompt }) => (prompt === "Name? " ? pause(20).then(() => "Ada") : null) });
check("input, answered later", asked.result.repr === "'Ada'", asked);
const shown = [];
await session.execute("from nestbox import HTML, update_display\ndisplay(HTML('<b>1</b>'), display_id='d')\nupdate_display(HTML('<b>2</b>'), 'd')",
  { onDisplay: (data, event) => shown.push([data["text/html"], event.display_id, Boolean(event.update)]) });
check("displays and their updates", JSON.stringify(shown) === '[["<b>1</b>","d",false],["<b>2</b>","d",true]]', shown);
const limited = await session.execute("while True: pass", { limits: { wall: "300ms" } });
check("a cell with a limit of its own", limited.status === "limit" && limited.limit?.name === "wall", limited);

const loop = session.execute("import time\nwhile True: time.sleep(0.01)", { onEvent: (event) => event.type === "execution_started" && session.interrupt() });
check("interrupt", (await loop).status === "interrupted" && (await session.execute("x")).result.repr === "6", await loop);
check("interrupting nothing", (await session.interrupt()) === false);
const queued = await Promise.all([1, 2, 3].map((n) => session.execute(`${n}`)));
check("cells in a queue", queued.map((one) => one.result.repr).join() === "1,2,3", queued);

const completed = await session.complete("enumer");
check("completion", completed.matches.some(({ text: match }) => match === "enumerate") && completed.start === 0 && completed.end === 6, completed);
check("inspection", (await session.inspect("len")).found === true);
check("is_complete", (await session.isComplete("for n in x:")).status === "incomplete");
check("variables", (await session.variables()).some(({ name, repr }) => name === "x" && repr === "6"));
await session.checkpoint("before");
await session.execute("x = 'spoilt'");
await session.restore("before");
check("a checkpoint", (await session.execute("x")).result.repr === "6");
await session.dropCheckpoint("before");
check("one that is gone", typeof (await code(session.restore("before"))) === "string");

let numbers = "";
const counted = await session.execute("import time\nfor i in range(10):\n    print(i, flush=True)\n    time.sleep(0.1)", {
  onOutput: (data) => {
    numbers += data;
    if (data.includes("3")) nestbox._drop();
  },
});
check("a lost connection loses nothing", numbers === "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" && losses === 1 && counted.status === "ok", [numbers, losses]);
check("and repeats nothing", events.every(({ seq }, index) => seq === index + 1), events.map(({ seq }) => seq));

const other = new Nestbox({ url });
const seen = [];
check("another client may not control it", (await code(other.sessions.attach(session.id))) === "SESSION_CONTROLLED");
const observer = await other.sessions.attach(session.id, { mode: "observe" }, { event: (event) => seen.push(event) });
check("an observer changes nothing", (await code(observer.execute("x = 0"))) === "READ_ONLY");
await session.execute("'watched'");
for (let n = 0; n < 100 && !seen.some(({ repr }) => repr === "'watched'"); n++) await pause(20);
check("and sees everything, from the first event on", seen[0].seq === 1 && seen.some(({ repr }) => repr === "'watched'"), seen.length);
check("following it twice", (await code(other.sessions.attach(session.id))) === "INVALID_REQUEST");
await observer.detach();
check("after detaching", (await code(observer.ended)) === "SESSION_DETACHED");
check("sessions are listed", (await other.sessions.list({ state: "idle" })).some(({ session_id: id }) => id === session.id));
check("with their history", (await other.sessions.history(session.id)).history.some(({ code: source }) => source === "'watched'"));

await session.restart();
for (let n = 0; n < 200 && session.epoch < 2; n++) await pause(20);
check("restart", (await session.execute("x")).error.exception === "NameError");
check("a callback that throws fails its cell alone", (await session.execute("1", { onResult: () => { throw new RangeError("mine"); } }).catch((error) => error)) instanceof RangeError
  && (await session.execute("2")).result.repr === "2");
check("wrong requests", (await code(session.execute("1", { limits: { cpu: "1 century" } }))) === "INVALID_REQUEST"
  && (await code(nestbox.sessions.create({ language: "nope" }))) === "UNKNOWN_LANGUAGE"
  && (await code(nestbox.sessions.attach("0".repeat(32)))) === "SESSION_NOT_FOUND");
const run = nestbox.run({ language: "bash", code: "echo a run, too" });
check("runs on the same connection", (await run.finished).verdict === "ok");
session.close();
check("its end", (await session.ended).verdict !== undefined && session.state === "ended");
check("and nothing after it", (await code(session.execute("1"))) === "SESSION_ENDED");
const nowhere = new Nestbox({ url: "http://127.0.0.1:9" });
check("a service that is not there", (await code(nowhere.sessions.create({ language: "python" }))) === "CONNECTION_LOST");
const kept = await nestbox.sessions.create({ language: "python", session: { idle: "1m" } });
nestbox.close();
check("a closed client", (await code(kept.ended)) === "CONNECTION_LOST" && (await kept.ended.catch((error) => error)) instanceof NestboxError);
other.close();
setTimeout(() => check("nothing is left", false), 5000).unref();
console.log("all done");
