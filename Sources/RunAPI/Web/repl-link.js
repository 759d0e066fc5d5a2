// The connection of the page to its session: one WebSocket, opened again when it is lost.

const delays = [250, 500, 1000, 2000, 5000];

export class Link {
  #key;
  #choice;
  #socket = null;
  #refs = 0;
  #waiting = new Map();
  #attempts = 0;
  #isClosed = false;
  /** The newest event that was received; a new connection goes on behind it. */
  #last = 0;
  id = null;
  mode = "control";

  /**
   * @param choice `{language}` for a new session, `{id, observes}` for one that exists.
   * @param handlers `event(event)`, `attached(answer)`, `failed(error)`, `lost()`.
   */
  constructor(choice, key, handlers) {
    [this.#choice, this.#key, this.handlers] = [choice, key, handlers];
    this.#open();
  }

  #open() {
    const url = new URL("/api/v1/ws", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const protocols = ["nestbox.v1.json"];
    if (this.#key) protocols.push(`nestbox.key.${this.#key}`);
    const socket = new WebSocket(url, protocols);
    let isOpen = false;
    this.#socket = socket;
    socket.onopen = () => {
      isOpen = true;
      const { id, observes, language } = this.#choice;
      const known = this.id ?? id;
      this.ask(known
        ? { type: "attach_session", session_id: known, from: this.#last + 1, mode: observes ? "observe" : "control", take_over: true }
        : { type: "create_session", language, on_disconnect: "keep" })
        .then((answer) => {
          this.#attempts = 0;
          [this.id, this.mode] = [answer.session_id, answer.mode];
          this.handlers.attached(answer);
        }, (error) => {
          this.close();
          this.handlers.failed(error);
        });
    };
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject({ code: "CONNECTION_LOST", message: "the connection was lost" });
      this.#waiting.clear();
      if (this.#isClosed) return;
      this.handlers.lost(isOpen);
      setTimeout(() => this.#isClosed || this.#open(), delays[Math.min(this.#attempts++, delays.length - 1)]);
    };
  }

  #take(message) {
    if (message.seq !== undefined) {
      if (message.seq <= this.#last) return;
      this.#last = message.seq;
      this.handlers.event(message);
      return;
    }
    const waiting = this.#waiting.get(message.ref);
    this.#waiting.delete(message.ref);
    if (message.type === "error") (waiting?.reject ?? this.handlers.failed)(message);
    else waiting?.resolve(message);
  }

  /** Sends a message; resolves with its answer. */
  ask(message) {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== 1) return reject({ code: "CONNECTION_LOST", message: "there is no connection" });
      const ref = `p${++this.#refs}`;
      this.#waiting.set(ref, { resolve, reject });
      this.#socket.send(JSON.stringify({ session_id: message.type === "create_session" ? undefined : this.id, ...message, ref }));
    });
  }

  /** Sends a message that has no answer unless it fails. */
  tell(message) {
    if (this.#socket.readyState === 1) this.#socket.send(JSON.stringify({ session_id: this.id, ...message }));
  }

  close() {
    this.#isClosed = true;
    this.#socket.close();
  }
}
