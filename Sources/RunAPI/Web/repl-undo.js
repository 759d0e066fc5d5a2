// Undoing cells: the page makes a checkpoint before each cell, where the language can, and goes back to it.

import { isUndo } from "./repl-cells.js";

/** Checkpoints that the page keeps. A session may have 16, and other clients of it may want some. */
const most = 8;

export class Undo {
  #session = null;
  #cells;
  #canCheckpoint = false;
  /** The cells since the interpreter began, the newest last: `{id, name}`, with the checkpoint from before it, if there is one. */
  #done = [];
  #newest = null;
  #kept = [];
  #running = 0;

  constructor(cells) {
    this.#cells = cells;
  }

  async begin(session) {
    this.#session = session;
    const answer = await session.describe().catch(() => null);
    this.#canCheckpoint = answer?.features?.includes("checkpoint") === true;
  }

  /** The checkpoint to go back to: the newest from before a cell. Cells behind that one have none, and are undone with it. */
  get name() {
    return this.#done.findLast(({ name }) => this.#kept.includes(name))?.name ?? null;
  }

  /** Keeps the state from before the next cell. Where that cannot be, as with threads, the cell is executed nevertheless. */
  async prepare() {
    if (!this.#canCheckpoint || this.#running > 0) return;
    try {
      while (this.#kept.length >= most) await this.#patiently(() => this.#session.dropCheckpoint(this.#kept[0]));
      await this.#patiently(() => this.#session.checkpoint(`undo-${this.#session.next}`));
    } catch {
      // There is no way back from this cell alone.
    }
  }

  /** The session is busy for a moment after the end of a cell. */
  async #patiently(call) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (error.code !== "SESSION_BUSY" || attempt === 5) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }

  async back() {
    const { name } = this;
    if (!name) return;
    await this.#session.restore(name);
    await this.#session.dropCheckpoint(name);
  }

  /** Learns from the events, so that it works after a reload, too. */
  take(event) {
    switch (event.type) {
      case "state":
        // A driver says what it can do when it is ready.
        if (event.state === "idle" && this.#session && !this.#canCheckpoint && this.#done.length === 0) this.begin(this.#session);
        break;
      case "checkpoint":
        if (isUndo(event.name)) [this.#newest, this.#kept] = [event.name, [...this.#kept, event.name]];
        break;
      case "checkpoint_dropped":
        this.#kept = this.#kept.filter((name) => name !== event.name);
        break;
      case "execution_started":
        this.#done.push({ id: event.execution_id, name: this.#newest });
        this.#newest = null;
        this.#running += 1;
        break;
      case "execution_finished":
        this.#running = Math.max(0, this.#running - 1);
        break;
      case "restored": {
        const index = this.#done.findIndex(({ name }) => name === event.name);
        // A checkpoint that another client made may be from any time.
        if (index < 0) this.#done = [];
        else this.#cells.undo(this.#done.splice(index).map(({ id }) => id));
        this.#newest = null;
        break;
      }
      case "restarted":
        [this.#done, this.#kept, this.#newest, this.#running] = [[], [], null, 0];
        break;
    }
  }
}
