// Live sessions for the JavaScript client: interpreters that live on between pieces of code. Part of /nestbox.js and /nestbox.mjs, which are
// made of this file, nestbox.js and nestbox-node.js; a page of the service may import it by itself.
//
//   const session = await nestbox.sessions.create({ language: "python" });
//   const cell = await session.execute("name = input('Name? ')\nprint('Hello', name)\nlen(name)", {
//     onOutput: (text) => console.log(text),
//     onInput: ({ prompt }) => "Ada",
//   });
//   console.log(cell.status, cell.result?.repr);

import { Nestbox, NestboxError } from "./nestbox.js";

/** Milliseconds before another attempt to connect; the last one is repeated. */
const delays = [250, 500, 1000, 2000, 5000];
/** Events of cells that are kept until the answer that says whose they are. */
const mostEarly = 10_000;

const failure = (code, message) => new NestboxError({ code, message, retryable: code === "CONNECTION_LOST" });

/** One cell that was executed here, until it has ended. */
class Cell {
  /** Whether events are missing among which its end may have been. */
  isDoubtful = false;
  #outcome = { result: null, error: null };

  constructor(session, callbacks) {
    [this.session, this.callbacks] = [session, callbacks];
    this.finished = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]));
    this.finished.catch(() => {});
  }

  take(event) {
    const { onEvent, onOutput, onDisplay, onClear, onResult, onError } = this.callbacks;
    onEvent?.(event);
    switch (event.type) {
      case "output": onOutput?.(event.data, event); break;
      case "display": onDisplay?.(event.data, event); break;
      case "clear": onClear?.(event); break;
      case "result":
        this.#outcome.result = event;
        onResult?.(event);
        break;
      case "error":
        this.#outcome.error = event;
        onError?.(event);
        break;
      case "input_request": this.#ask(event); break;
      case "execution_finished": {
        const { execution_id, status, execution_time, usage, limit = null } = event;
        this.resolve({ execution_id, status, execution_time, usage, limit, ...this.#outcome });
      }
    }
  }

  async #ask(event) {
    try {
      const text = await this.callbacks.onInput?.(event);
      if (typeof text === "string") this.session.input(event.token, text);
    } catch (error) {
      // What the callback throws is the caller's, and belongs to its cell.
      this.reject(error);
    }
  }
}

/** A session that this client controls or observes. Made by `nestbox.sessions`. */
export class LiveSession {
  /** @type {string | null} */ id = null;
  /** "control" or "observe". */
  mode = "control";
  /** "connecting" while there is no connection; otherwise the session's state, as docs/sessions.md lists them. */
  state = "connecting";
  /** Counts interpreters: restarts and restored checkpoints begin another one. */
  epoch = 1;
  /** Resolves with the last event; rejects when the session is gone or the client was closed. */
  ended;
  #sessions;
  #handlers;
  #last;
  #isOver = false;
  #isAttached = false;
  #attached;
  #attach;
  #executing = 0;
  #cells = new Map();
  #early = [];

  constructor(sessions, from, handlers) {
    [this.#sessions, this.#last, this.#handlers] = [sessions, from - 1, handlers];
    this.ended = new Promise((resolve, reject) => ([this.resolve, this.reject] = [resolve, reject]));
    this.ended.catch(() => {});
    this.#wait();
  }

  #wait() {
    this.#isAttached = false;
    this.#attached = new Promise((resolve, reject) => (this.#attach = { resolve, reject }));
    this.#attached.catch(() => {});
  }

  /** The sequence number of the next event. */
  get next() {
    return this.#last + 1;
  }

  /**
   * Executes a cell. `options` are the fields of a cell, such as `limits`, and these callbacks: `onOutput(text, event)`, `onDisplay(data, event)`,
   * `onClear(event)`, `onResult(event)`, `onError(event)`, `onEvent(event)`, and `onInput(event)`, which may return the answer or a promise of it.
   * @returns what became of it, also when it failed: `status`, `result`, `error`, `execution_time`, `usage`, `limit`
   */
  async execute(code, options = {}) {
    const [fields, callbacks] = [{}, {}];
    for (const [name, value] of Object.entries(options)) (typeof value === "function" ? callbacks : fields)[name] = value;
    const cell = new Cell(this, callbacks);
    this.#executing += 1;
    let id;
    try {
      ({ execution_id: id } = await this.#ask({ ...fields, type: "execute", code }));
      this.#cells.set(id, cell);
    } finally {
      this.#executing -= 1;
      const early = this.#early;
      if (this.#executing === 0) this.#early = [];
      for (const event of early) if (event.execution_id === id) this.#deliver(cell, event);
    }
    return cell.finished;
  }

  /** Answers an `input_request`. The line's end is added when the text has none. */
  input(token, text) {
    this.#tell({ type: "input_response", token, data: text });
  }
  /** Asks what is being executed to stop; resolves with false when that is nothing. */
  async interrupt() {
    return (await this.#answer({ type: "interrupt" })).interrupted;
  }
  /** Completions of `code` at a position in Unicode code points; its end by default. */
  complete(code, cursor = [...code].length) {
    return this.#answer({ type: "complete", code, cursor });
  }
  inspect(code, cursor = [...code].length, detail = 0) {
    return this.#answer({ type: "inspect", code, cursor, detail });
  }
  isComplete(code) {
    return this.#answer({ type: "is_complete", code });
  }
  async variables() {
    return (await this.#answer({ type: "variables" })).variables;
  }
  /** The session as REST describes it: its limits, features, checkpoints, and so on. */
  describe() {
    return this.#sessions.get(this.id);
  }
  /** Keeps the state of the interpreter, and the files, under a name. `method` says how it will be restored: `fork` or `replay`. */
  checkpoint(name) {
    return this.#answer({ type: "checkpoint", name });
  }
  /** Goes back to a checkpoint. `method`, what was `lost`, and with `replay` how many cells were `replayed`. */
  restore(name) {
    return this.#answer({ type: "restore", name });
  }
  async dropCheckpoint(name) {
    await this.#answer({ type: "drop_checkpoint", name });
  }
  /** Replaces the interpreter: variables and files are lost. */
  restart() {
    this.#tell({ type: "restart" });
  }
  /** Ends the session. */
  close() {
    this.#tell({ type: "close_session" });
  }
  /** Follows the session no longer, and lets it live. */
  async detach() {
    await this.#ask({ type: "detach_session" });
    this._end(failure("SESSION_DETACHED", "this client follows the session no longer"));
  }

  async #ask(message) {
    if (this.#isOver) throw failure("SESSION_ENDED", "the session has ended");
    await this.#attached;
    try {
      return await this.#sessions.ask({ session_id: this.id, ...message });
    } catch (error) {
      // Another client has taken over; a new connection of this one must not take that back.
      if (error.code === "READ_ONLY") this.mode = "observe";
      throw error;
    }
  }
  async #answer(message) {
    return (await this.#ask(message)).answer;
  }
  #tell(message) {
    if (!this.#isOver) this.#attached.then(() => this.#sessions.tell({ session_id: this.id, ...message }), () => {});
  }

  /** What was answered to the request that attached this client; from then on it gets events. */
  _attached(answer) {
    [this.id, this.mode, this.state, this.#isAttached] = [answer.session_id, answer.mode, answer.state, true];
    this.#attach.resolve();
    this.#handlers.attached?.(answer);
  }
  _lost() {
    if (this.#isAttached) this.#wait();
    this.state = "connecting";
    this.#handlers.lost?.();
  }
  _end(error, event = null) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const cell of this.#cells.values()) cell.reject(error);
    this.#cells.clear();
    this.#attach.reject(error);
    if (event) this.resolve(event);
    else this.reject(error);
    this.#sessions._forget(this);
  }
  _refused(error) {
    this.#handlers.refused?.(error);
  }

  _take(event) {
    if (event.type === "lagged") {
      this.#last = Math.max(this.#last, event.to - 1);
      for (const cell of this.#cells.values()) cell.isDoubtful = true;
    } else {
      if (event.seq <= this.#last) return;
      [this.#last, this.epoch] = [event.seq, event.epoch];
    }
    if (event.type === "state") this.state = event.state;
    this.#handlers.event?.(event);
    const cell = this.#cells.get(event.execution_id);
    if (cell) this.#deliver(cell, event);
    else if (event.execution_id && this.#executing > 0 && this.#early.length < mostEarly) this.#early.push(event);
    // The end of these cells is among the events that are missing.
    if (event.type === "state" && event.state === "idle") {
      for (const [id, doubtful] of this.#cells) {
        if (!doubtful.isDoubtful) continue;
        this.#cells.delete(id);
        doubtful.reject(failure("EVENTS_LOST", "the events that tell how the cell ended are no longer kept"));
      }
    }
    if (event.type === "ended") {
      this.state = "ended";
      this._end(failure("SESSION_ENDED", `the session has ended: ${event.reason}`), event);
    }
  }

  #deliver(cell, event) {
    try {
      cell.take(event);
    } catch (error) {
      cell.reject(error);
    }
    if (event.type === "execution_finished") this.#cells.delete(event.execution_id);
  }
}

/** The sessions of one `Nestbox`; they share its WebSocket. */
export class Sessions {
  #nestbox;
  #live = new Map();
  #waiting = new Map();
  #refs = 0;
  #attempts = 0;
  #timer = null;

  constructor(nestbox) {
    this.#nestbox = nestbox;
  }

  /**
   * A new session. `request` has the fields of `POST /sessions`, such as `language`; `handlers` may be `event(event)`, `attached(answer)`, `lost()`
   * and `refused(error)`, for messages that have no answer.
   */
  async create(request, handlers = {}) {
    const session = new LiveSession(this, 1, handlers);
    return this.#first(session, { ...request, type: "create_session" });
  }

  /** Follows a session that exists, from an event on. With `takeOver` another client that controls it observes from then on. */
  async attach(id, { from = 1, mode = "control", takeOver = false } = {}, handlers = {}) {
    if (this.#live.has(id)) throw failure("INVALID_REQUEST", `this client follows the session ${id} already`);
    const session = new LiveSession(this, from, handlers);
    return this.#first(session, { type: "attach_session", session_id: id, from, mode, take_over: takeOver });
  }

  /** Summaries of sessions, the newest first. `filter` has the fields of the query: `state`, `tags`, `days_back`. */
  async list(filter = {}) {
    return (await this.#nestbox._json("/api/v1/sessions?" + new URLSearchParams(filter))).sessions;
  }
  get(id) {
    return this.#nestbox._json(`/api/v1/sessions/${id}`);
  }
  /** One session, with its events: `{session, history}`. */
  history(id) {
    return this.#nestbox._json(`/api/v1/sessions/${id}?history=1`);
  }

  async #first(session, message) {
    try {
      await this.#begin(session, message);
    } catch (error) {
      session._end(error);
      throw error;
    }
    return session;
  }

  /** Its first events come right behind the answer, so the answer is taken where it arrives. */
  #begin(session, message) {
    return this.ask(message, (answer) => {
      this.#attempts = 0;
      this.#live.set(answer.session_id, session);
      session._attached(answer);
    });
  }

  /** Sends a message; resolves with its answer. */
  async ask(message, first = () => {}) {
    const socket = await this.#nestbox._open();
    return new Promise((resolve, reject) => {
      const ref = `s${++this.#refs}`;
      this.#waiting.set(ref, { first, resolve, reject });
      socket.send(JSON.stringify({ ...message, ref }));
    });
  }
  tell(message) {
    this.#nestbox._open().then((socket) => socket.send(JSON.stringify(message)), () => {});
  }

  _forget(session) {
    if (this.#live.get(session.id) === session) this.#live.delete(session.id);
  }

  /** A message of the socket; returns whether it is about sessions. */
  _take(message) {
    const waiting = this.#waiting.get(message.ref);
    if (waiting) {
      this.#waiting.delete(message.ref);
      if (message.type === "error") waiting.reject(new NestboxError(message));
      else {
        waiting.first(message);
        waiting.resolve(message);
      }
      return true;
    }
    if (message.session_id === undefined) return false;
    const session = this.#live.get(message.session_id);
    if (message.type === "error" && message.seq === undefined) session?._refused(new NestboxError(message));
    else session?._take(message);
    return true;
  }

  /** The connection is lost. Sessions are attached to again, each from its next event on, for as long as the service does not say that it is gone. */
  _lost(isClosed) {
    const error = failure("CONNECTION_LOST", "the connection to the service was lost");
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (isClosed) for (const session of [...this.#live.values()]) session._end(error);
    for (const session of this.#live.values()) session._lost();
    if (this.#live.size > 0) this.#again();
  }

  #again() {
    clearTimeout(this.#timer);
    const delay = delays[Math.min(this.#attempts++, delays.length - 1)];
    // Clients that lost the same service do not come back all at once.
    this.#timer = setTimeout(() => this.#resume(), delay * (0.75 + Math.random() / 2));
  }

  async #resume() {
    this.#timer = null;
    for (const session of [...this.#live.values()]) {
      try {
        // The connection that was lost may still be in control.
        await this.#begin(session, {
          type: "attach_session", session_id: session.id, from: session.next, mode: session.mode, take_over: session.mode === "control" || undefined,
        });
      } catch (error) {
        if (error.code !== "CONNECTION_LOST") session._end(error);
        else return this.#timer === null && this.#live.size > 0 ? this.#again() : undefined;
      }
    }
  }
}

Object.defineProperty(Nestbox.prototype, "sessions", {
  get() {
    return (this._sessions ??= new Sessions(this));
  },
});
