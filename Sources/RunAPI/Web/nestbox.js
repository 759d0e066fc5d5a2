// The JavaScript client of Nestbox: one module without dependencies, for browsers and for Node 18 and later. A service
// serves it as /nestbox.js and, with the extension that Node expects, as /nestbox.mjs; types are in /nestbox.d.ts. This file is about
// runs; nestbox-sessions.js, a part of the served module, adds live sessions.
//
//   import { Nestbox } from "/nestbox.js";
//   const nestbox = new Nestbox();
//   const run = nestbox.run({ language: "python", code: "print(input('Name? '))" });
//   for await (const event of run) {
//     if (event.type === "output") console.log(event.data);
//     if (event.type === "input_request") run.respond(event.token, "Ada\n");
//   }
//   console.log((await run.finished).verdict);

/** An error that the service answered with. */
export class NestboxError extends Error {
  /** @param {{code: string, message: string, retryable?: boolean, details?: Object<string, string>}} error */
  constructor(error, status = 0) {
    super(error.message);
    this.name = "NestboxError";
    this.code = error.code;
    this.retryable = error.retryable === true;
    this.details = error.details ?? {};
    this.status = status;
  }
}

const lost = (more = "") =>
  new NestboxError({ code: "CONNECTION_LOST", message: `the connection to the service was lost${more}`, retryable: true });

/**
 * Why a service of another origin could not be reached, which browsers do not report to pages. Empty for the page's own service.
 * @param {URL} url of the service
 * @param {string} setting its setting that must list the page's origin
 */
function refusal(url, setting) {
  const origin = globalThis.location?.origin;
  if (origin === undefined || origin === url.origin) return "";
  return `; if ${url.origin} is running, its setting ${setting} does not list ${origin}, the origin of this page`;
}

/** For environments without a WebSocket. The served client ends with nestbox-node.js, which sets one here. */
let webSocket = async () => null;

/** The bytes of an output event. */
export function outputBytes(event) {
  if (event.encoding !== "base64") return new TextEncoder().encode(event.data);
  return Uint8Array.from(atob(event.data), (character) => character.charCodeAt(0));
}

/**
 * One run. Iterate over it for its events; at most 10,000 wait unread, then the oldest output is dropped and counted in
 * `dropped`. `finished` is the last event; it rejects when the run was refused or lost.
 */
export class Run {
  /** @type {string | null} */ id = null;
  dropped = 0;
  #client;
  #queue = [];
  #wake = null;
  #ended = false;
  #next = 0;
  #resolve;
  #reject;

  constructor(client) {
    this.#client = client;
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A caller that only iterates must not get an unhandled rejection.
    this.finished.catch(() => {});
  }

  /** The sequence number of the next event. */
  get next() {
    return this.#next;
  }

  get ended() {
    return this.#ended;
  }

  /** @param {string} text */
  stdin(text) {
    this.#send({ type: "stdin", data: text });
  }
  closeStdin() {
    this.#send({ type: "stdin", eof: true });
  }
  /** Answers an `input_request`. A line ends with "\n". */
  respond(token, text) {
    this.#send({ type: "input_response", token, data: text });
  }
  /** @param {string | number} signal */
  signal(signal) {
    this.#send({ type: "signal", signal });
  }
  resize(rows, cols) {
    this.#send({ type: "resize", rows, cols });
  }
  cancel() {
    this.#send({ type: "cancel" });
  }

  #send(message) {
    if (this.#ended) return;
    this.#client._sendFor(this, message);
  }

  _take(event) {
    if (this.#ended) return;
    if (typeof event.seq === "number") {
      if (event.seq < this.#next) return;
      this.#next = event.seq + 1;
    }
    if (event.type === "lagged") this.#next = Math.max(this.#next, event.to);
    if (this.#queue.length >= 10000) {
      const index = this.#queue.findIndex((old) => old.type === "output");
      if (index >= 0) {
        this.#queue.splice(index, 1);
        this.dropped += 1;
      }
    }
    this.#queue.push(event);
    if (event.type === "finished") {
      this.#ended = true;
      this.#resolve(event);
    }
    this.#wake?.();
  }

  _fail(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.error = error;
    this.#reject(error);
    this.#wake?.();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      while (this.#queue.length > 0) yield this.#queue.shift();
      if (this.#ended) {
        if (this.error) throw this.error;
        return;
      }
      await new Promise((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }
}

/** A connection to one service. Runs share one WebSocket, which is opened when it is needed. */
export class Nestbox {
  #url;
  #key;
  #WebSocket;
  #socket = null;
  #opening = null;
  #runs = new Map();
  #waiting = new Map();
  #unsent = new Map();
  #refs = 0;
  #attempts = 0;
  /** Set by nestbox-sessions.js, which is part of the served client. */
  _sessions = null;

  /**
   * @param {{url?: string, key?: string, WebSocket?: typeof WebSocket}} [options] `url` is the service's, such as
   *   "http://localhost:8080"; by default that of the page.
   */
  constructor(options = {}) {
    this.#url = new URL(options.url ?? globalThis.location?.origin ?? "http://127.0.0.1:8080");
    this.#key = options.key ?? null;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket ?? null;
  }

  /** @param {string | null} key */
  set key(key) {
    this.#key = key;
    this.#socket?.close(1000);
    this.#socket = null;
    this.#opening = null;
  }

  async #request(path, init = {}) {
    const headers = { ...init.headers };
    if (this.#key) headers.authorization = `Bearer ${this.#key}`;
    if (init.body !== undefined) headers["content-type"] = "application/json";
    let answer;
    try {
      answer = await fetch(new URL(path, this.#url), { ...init, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      const why = refusal(this.#url, "cors_origins") || (error.cause?.message ? `: ${error.cause.message}` : "");
      throw new NestboxError({
        code: "CONNECTION_LOST", message: `${this.#url.origin} did not answer${why}`, retryable: true,
      });
    }
    if (answer.ok) return answer;
    let error = { code: "HTTP_" + answer.status, message: `the service answered ${answer.status}` };
    try {
      error = (await answer.json()).error ?? error;
    } catch {
      // Not an answer of the service: perhaps a proxy's page.
    }
    throw new NestboxError(error, answer.status);
  }

  async _json(path, init) {
    return (await this.#request(path, init)).json();
  }

  /** Runs a program and waits for its result. */
  execute(submission, options = {}) {
    return this._json("/api/v1/execute", { method: "POST", body: JSON.stringify(submission), signal: options.signal });
  }
  /** Starts a run that continues without a connection. */
  submit(submission) {
    return this._json("/api/v1/runs", { method: "POST", body: JSON.stringify(submission) });
  }
  async languages() { return (await this._json("/api/v1/languages")).languages; }
  async policies() { return (await this._json("/api/v1/policies")).policies; }
  status() {
    return this._json("/api/v1/status");
  }
  get(id) {
    return this._json(`/api/v1/runs/${id}`);
  }
  async artifact(id, path) {
    const answer = await this.#request(`/api/v1/runs/${id}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`);
    return answer.blob();
  }

  /** The events of a new run as server-sent events. */
  async *stream(submission, options = {}) {
    yield* this.#events("/api/v1/execute/stream", {
      method: "POST", body: JSON.stringify(submission), signal: options.signal,
    });
  }
  /** The events of a run that exists, from a sequence number on. */
  async *events(id, options = {}) {
    yield* this.#events(`/api/v1/runs/${id}/events?from=${options.from ?? 0}`, { signal: options.signal });
  }

  async *#events(path, init) {
    const answer = await this.#request(path, init);
    const decoder = new TextDecoder();
    let text = "";
    // Not all browsers can iterate over a stream.
    const reader = answer.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        text += decoder.decode(value, { stream: true });
        for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
          const data = text.slice(0, end).split("\n").find((line) => line.startsWith("data: "));
          if (data) yield JSON.parse(data.slice(6));
        }
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  /**
   * Runs a program over the WebSocket. A lost connection is opened again and the run attached to, when it was submitted
   * with `on_disconnect: "detach"`; that is the default here.
   * @returns {Run}
   */
  run(submission) {
    const run = new Run(this);
    const ref = `r${++this.#refs}`;
    this.#waiting.set(ref, run);
    this._open().then(
      (socket) => socket.send(JSON.stringify({ on_disconnect: "detach", ...submission, type: "execute", ref })),
      (error) => {
        this.#waiting.delete(ref);
        run._fail(error);
      });
    return run;
  }

  /** Follows an existing run. */
  attach(id, options = {}) {
    const run = new Run(this);
    run.id = id;
    this.#runs.set(id, run);
    this._open().then(
      (socket) => socket.send(JSON.stringify({
        type: "attach", run_id: id, from: options.from ?? 0, mode: options.mode ?? "control", ref: id,
      })),
      (error) => run._fail(error));
    return run;
  }

  /** Ends the connection; runs that were not detached end with it. */
  close() {
    this.#socket?.close(1000);
    for (const run of [...this.#runs.values(), ...this.#waiting.values()]) run._fail(lost());
    this.#runs.clear();
    this.#waiting.clear();
    this._sessions?._lost(true);
  }

  _sendFor(run, message) {
    if (run.id === null) {
      // The run has not been accepted yet; input waits until then.
      const unsent = this.#unsent.get(run) ?? [];
      if (unsent.length < 1000) this.#unsent.set(run, [...unsent, message]);
      return;
    }
    this._open().then((socket) => socket.send(JSON.stringify({ ...message, run_id: run.id })), () => {});
  }

  _open() {
    if (this.#socket?.readyState === 1) return Promise.resolve(this.#socket);
    this.#opening ??= this.#connect().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect() {
    const url = new URL("/api/v1/ws", this.#url);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const protocols = ["nestbox.v1.json"];
    if (this.#key) protocols.push(`nestbox.key.${this.#key}`);
    this.#WebSocket ??= await webSocket();
    if (!this.#WebSocket) throw new TypeError("there is no WebSocket here: give a class as the option WebSocket");
    return new Promise((resolve, reject) => {
      const socket = new this.#WebSocket(url, protocols);
      let isOpen = false;
      socket.onopen = () => {
        isOpen = true;
        this.#attempts = 0;
        this.#socket = socket;
        this.#opening = null;
        resolve(socket);
      };
      socket.onmessage = (message) => this.#take(JSON.parse(message.data));
      socket.onclose = (event) => {
        if (this.#socket === socket) this.#socket = null;
        this.#opening = null;
        if (!isOpen) reject(lost(event.reason ? `: ${event.reason}` : refusal(this.#url, "websocket_origins")));
        else {
          this._sessions?._lost(false);
          this.#resume(event.code);
        }
      };
    });
  }

  #take(message) {
    if (this._sessions?._take(message)) return;
    if (message.type === "accepted" && this.#waiting.has(message.ref)) {
      const run = this.#waiting.get(message.ref);
      this.#waiting.delete(message.ref);
      run.id = message.run_id;
      this.#runs.set(run.id, run);
      run._take(message);
      for (const unsent of this.#unsent.get(run) ?? []) this._sendFor(run, unsent);
      this.#unsent.delete(run);
      return;
    }
    if (message.type === "error" && message.seq === undefined) {
      const error = new NestboxError(message);
      const waiting = this.#waiting.get(message.ref);
      this.#waiting.delete(message.ref);
      if (waiting) waiting._fail(error);
      else if (message.ref === message.run_id || error.code === "RUN_NOT_FOUND") this.#runs.get(message.run_id)?._fail(error);
      else this.#runs.get(message.run_id)?._take({ ...message, type: "refused" });
      return;
    }
    const run = this.#runs.get(message.run_id);
    run?._take(message);
    if (message.type === "finished") this.#runs.delete(message.run_id);
  }

  /** After a lost connection: attaches to the continuing runs again, with a few attempts at growing intervals. */
  async #resume(code) {
    for (const run of this.#waiting.values()) run._fail(lost());
    this.#waiting.clear();
    if (this.#runs.size === 0) return;
    if (code === 1000 || code === 1001 || this.#attempts >= 6) {
      for (const run of this.#runs.values()) run._fail(lost());
      this.#runs.clear();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** this.#attempts++));
    try {
      const socket = await this._open();
      for (const run of this.#runs.values())
        socket.send(JSON.stringify({ type: "attach", run_id: run.id, from: run.next, ref: run.id }));
    } catch {
      this.#resume(1006);
    }
  }

  // For tests: loses the connection as a network would.
  _drop() { this.#socket?.close(4000); }
}
