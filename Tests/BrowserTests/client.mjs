// Exercises the JavaScript client as the service serves it: node client.mjs URL. Exits 0 when everything held.
import { randomBytes } from "node:crypto";
import http from "node:http";

const url = process.argv[2];
const source = await (await fetch(url + "/nestbox.js")).text();
const { Nestbox, NestboxError } = await import("data:text/javascript," + encodeURIComponent(source));

/** Enough of a WebSocket for a client, for versions of Node that have none. */
class Socket {
  readyState = 0;
  constructor(address, protocols) {
    const target = new URL(address);
    const request = http.request({
      host: target.hostname, port: target.port, path: target.pathname, headers: {
        connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"), "sec-websocket-protocol": protocols.join(", "),
      },
    });
    request.on("upgrade", (_, socket, head) => {
      this.socket = socket;
      this.readyState = 1;
      this.buffer = head;
      socket.on("data", (data) => this.#take(data));
      socket.on("close", () => this.#closed(this.code ?? 1006));
      socket.on("error", () => {});
      this.onopen?.();
      this.#take(Buffer.alloc(0));
    });
    request.on("response", () => this.#closed(1006));
    request.on("error", () => this.#closed(1006));
    request.end();
  }
  #closed(code) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
  #take(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    for (;;) {
      if (this.buffer.length < 2) return;
      let length = this.buffer[1] & 127, start = 2;
      if (length === 126) {
        if (this.buffer.length < 4) return;
        length = this.buffer.readUInt16BE(2);
        start = 4;
      } else if (length === 127) {
        if (this.buffer.length < 10) return;
        length = Number(this.buffer.readBigUInt64BE(2));
        start = 10;
      }
      if (this.buffer.length < start + length) return;
      const opcode = this.buffer[0] & 15, payload = this.buffer.subarray(start, start + length);
      this.buffer = this.buffer.subarray(start + length);
      if (opcode === 1) this.onmessage?.({ data: payload.toString() });
      if (opcode === 9) this.#frame(10, payload);
      if (opcode === 8) {
        this.code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.socket.end();
      }
    }
  }
  #frame(opcode, payload) {
    const mask = randomBytes(4);
    const size = payload.length < 126 ? Buffer.from([128 | payload.length]) : payload.length < 65536
      ? Buffer.from([254, payload.length >> 8, payload.length & 255]) : Buffer.concat([Buffer.from([255]), (() => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(payload.length)); return b; })()]);
    this.socket.write(Buffer.concat([Buffer.from([128 | opcode]), size, mask, payload.map((byte, index) => byte ^ mask[index & 3])]));
  }
  send(text) {
    this.#frame(1, Buffer.from(text));
  }
  close() {
    // As a network would: without a word.
    this.code = 1006;
    this.socket?.destroy();
  }
}

const nestbox = new Nestbox({ url, WebSocket: Socket });
const check = (name, condition, detail) => {
  console.log(condition ? "ok    " : "FAILED", name, condition ? "" : JSON.stringify(detail));
  if (!condition) process.exitCode = 1;
};

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
nestbox.close();
