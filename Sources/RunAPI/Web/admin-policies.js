// Policies on the page of administrators: what is in force, the history, and what differs between two generations.

import { Table, element } from "./admin-tables.js";

const when = (milliseconds) => new Date(milliseconds).toLocaleString();
// The first few of many names: a change of a policy that all others extend changes all of them.
const some = (names) => names.length > 8 ? `${names.slice(0, 6).join(", ")} and ${names.length - 6} more` : names.join(", ") || "none";
const titles = { new: "new", gone: "gone" };

export class Policies {
  /** @param ask asks for a path below /api/v1/admin and returns its JSON; @param tell shows a problem, or null */
  constructor(ask, tell) {
    Object.assign(this, { ask, tell, generation: null, wanted: null });
    this.state = document.getElementById("policies-state");
    this.errors = document.getElementById("policies-errors");
    this.heading = document.getElementById("diff-heading");
    this.changes = document.getElementById("diff");
    this.history = new Table(document.getElementById("generations"), [
      { title: "Generation", value: (row) => row.generation, kind: "number" },
      { title: "Since", value: (row) => row.loaded_at, text: (row) => when(row.loaded_at) },
      { title: "Because of", value: (row) => row.reason },
      { title: "Changed policies", value: (row) => (row.changed ?? []).join(", "), text: (row) => (row.changed ? some(row.changed) : "–"), kind: "long" },
      { title: "Digest", value: (row) => row.digest, text: (row) => row.digest.slice(0, 12), kind: "id" },
    ], {
      key: (row) => String(row.generation), sort: [0, true], empty: "No generation is kept.",
      action: { title: "Compare", label: () => "What changed", run: (row) => this.compare(row) },
    });
  }

  /** Shows the state; reads the history when there is another generation. */
  async show(policies) {
    const busy = { checking: "reading changed files", trying: "trying changed policies", warming: "preparing sandboxes" }[policies.state];
    const by = policies.last_by ? ` by ${policies.last_by}` : "";
    const last = policies.last_outcome ? `last attempt ${policies.last_outcome} ${new Date(policies.last_at).toLocaleTimeString()} (${policies.last_reason}${by})` : "";
    this.state.textContent = [
      `Generation ${policies.generation} is in force since ${when(policies.loaded_at)}`, busy, last,
      policies.history_error && `the history is not written: ${policies.history_error}`,
    ].filter(Boolean).join(" · ");
    this.errors.replaceChildren(...policies.errors.map((line) => element("li", { textContent: line })));
    if (this.generation === policies.generation) return;
    const answer = await this.ask("/policies/history");
    if (!answer) return;
    this.generation = policies.generation;
    this.kept = answer.generations.map((row) => row.generation);
    this.history.show(answer.generations);
  }

  /** What a generation has changed: against the one before it that is kept. */
  async compare(row) {
    const before = Math.max(...this.kept.filter((number) => number < row.generation));
    this.wanted = row.generation;
    if (!Number.isFinite(before)) return this.tell(`No generation before ${row.generation} is kept.`);
    const answer = await this.ask(`/policies/diff?from=${before}&to=${row.generation}`);
    // Another one may have been asked for meanwhile.
    if (!answer || this.wanted !== row.generation) return;
    this.tell(null);
    this.heading.textContent = `From ${before} to ${row.generation}`;
    this.heading.hidden = this.changes.hidden = false;
    const rows = answer.changes.map((change) => this.change(change));
    if (answer.omitted) rows.push(element("li", { className: "soft", textContent: `and ${answer.omitted} more` }));
    if (rows.length === 0) rows.push(element("li", { className: "soft", textContent: "No policy differs: an image, or a comment, has changed." }));
    this.changes.replaceChildren(...rows);
    this.changes.scrollIntoView({ block: "nearest" });
  }

  change(change) {
    const name = element("b", { textContent: change.policy });
    if (!change.key) return element("li", {}, name, ` ${titles[change.kind]}`);
    const made = element("li", {}, name, ` ${change.key} `);
    if (change.before) made.append(element("del", { textContent: change.before }), " ");
    if (change.after) made.append(element("ins", { textContent: change.after }));
    made.append(element("small", { textContent: `${change.source_before} → ${change.source_after}` }));
    return made;
  }
}
