// The page of administrators: reads the overview every two seconds, and ends what they want to have ended.

import { Policies } from "./admin-policies.js";
import { Table, bytes, element, time } from "./admin-tables.js";
import { session as stored } from "./storage.js";

const $ = (id) => document.getElementById(id);
const interval = 2000;
let draining = false;
let failures = 0;

const authorization = () => {
  const key = stored.get("nestbox-key");
  return key ? { authorization: `Bearer ${key}` } : {};
};

function tell(text) {
  $("notice").hidden = text === null;
  $("notice").textContent = text ?? "";
}

async function act(method, path, body) {
  const headers = { ...authorization(), ...(body ? { "content-type": "application/json" } : {}) };
  try {
    const answer = await fetch(`/api/v1/admin${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (answer.ok) tell(null);
    else tell((await answer.json()).error.message);
  } catch {
    tell("The service cannot be reached.");
  }
  await refresh();
}

const end = (kind, path) => (row) => {
  const id = row.run_id ?? row.session_id;
  if (confirm(`End this ${kind} of ${row.owner}?\n${row.language}, ${id}`)) act("DELETE", `/${path}/${id}`);
};

const short = (id) => id.slice(0, 12);
const who = (row) => row.owner + (row.address ? ` · ${row.address}` : "");
/** An amount, with the most that is allowed if that is bounded. */
const ofLimit = (value, limit, text) => (limit === undefined ? text(value) : `${text(value)} of ${text(limit)}`);
const number = (title, value, text) => ({ title, value, text, kind: "number" });

const tables = {
  runs: new Table($("runs"), [
    { title: "Run", value: (row) => row.run_id, text: (row) => short(row.run_id), kind: "id" },
    { title: "Language", value: (row) => row.language },
    { title: "Policy", value: (row) => row.policy },
    { title: "Stage", value: (row) => row.stage, text: (row) => `${row.stage}, ${time(row.stage_seconds)}` },
    number("Age", (row) => row.age_seconds, (row) => time(row.age_seconds)),
    number("CPU", (row) => row.usage?.cpu_ms ?? 0, (row) => (row.usage ? time(row.usage.cpu_ms / 1000) : "–")),
    number("Memory", (row) => row.usage?.memory_bytes ?? 0, (row) => (row.usage ? bytes(row.usage.memory_bytes) : "–")),
    number("Processes", (row) => row.usage?.processes ?? 0, (row) => row.usage?.processes ?? "–"),
    number("Output", (row) => row.output_bytes, (row) => bytes(row.output_bytes)),
    { title: "Who", value: who },
  ], { key: (row) => row.run_id, sort: [4, true], empty: "No run.", action: { title: "Kill", label: () => "Kill", run: end("run", "runs") } }),
  sessions: new Table($("sessions"), [
    { title: "Session", value: (row) => row.session_id, text: (row) => short(row.session_id), kind: "id" },
    { title: "Language", value: (row) => row.language },
    { title: "Policy", value: (row) => row.policy },
    { title: "State", value: (row) => row.state },
    number("Cells", (row) => row.cells),
    number("Age", (row) => row.age_seconds, (row) => time(row.age_seconds)),
    number("Idle", (row) => row.idle_seconds, (row) => time(row.idle_seconds)),
    number("CPU", (row) => row.usage.cpu_ms, (row) => time(row.usage.cpu_ms / 1000)),
    number("Memory", (row) => row.usage.memory_bytes, (row) => bytes(row.usage.memory_bytes)),
    { title: "Who", value: who },
  ], { key: (row) => row.session_id, sort: [5, true], empty: "No session.", action: { title: "End", label: () => "End", run: end("session", "sessions") } }),
  clients: new Table($("clients"), [
    { title: "Client", value: (row) => row.client },
    number("Running", (row) => row.running),
    number("Waiting", (row) => row.queued),
  ], { sort: [1, true], empty: "Nobody has a run." }),
  tenants: new Table($("tenants"), [
    { title: "Tenant", value: (row) => row.tenant },
    number("Weight", (row) => row.weight),
    number("Running", (row) => row.running),
    number("Waiting", (row) => row.queued),
    number("Runs today", (row) => row.used.runs, (row) => ofLimit(row.used.runs, row.limits.runs, String)),
    number("CPU today", (row) => row.used.cpu_ms, (row) => ofLimit(row.used.cpu_ms, row.limits.cpu_ms, (value) => time(value / 1000))),
    number("Bytes today", (row) => row.used.bytes, (row) => ofLimit(row.used.bytes, row.limits.bytes, bytes)),
  ], { sort: [0, false], empty: "No tenant." }),
  recent: new Table($("recent"), [
    { title: "Ended", value: (row) => row.ended_at, text: (row) => new Date(row.ended_at).toLocaleTimeString() },
    { title: "Run", value: (row) => row.run_id, text: (row) => short(row.run_id), kind: "id" },
    { title: "Language", value: (row) => row.language },
    { title: "Policy", value: (row) => row.policy },
    { title: "Verdict", value: (row) => row.verdict, bad: (row) => row.verdict === "internal_error" },
    { title: "Error", value: (row) => row.error ?? "", text: (row) => row.error ?? "" },
    number("Time", (row) => row.wall_seconds, (row) => time(row.wall_seconds)),
    { title: "Owner", value: (row) => row.owner },
  ], { sort: [0, true], empty: "No run has ended yet." }),
  pools: new Table($("pools"), [
    { title: "Language", value: (row) => row.image },
    { title: "Policy", value: (row) => row.policy },
    { title: "Step", value: (row) => row.step },
    { title: "Warm", value: (row) => row.warm, text: (row) => (row.warming ? `${row.warm}, warming` : row.warm) },
    number("Parked", (row) => row.parked, (row) => `${row.parked} of ${row.target}`),
    number("Building", (row) => row.building),
    number("Leased", (row) => row.leased),
    number("Found ready", (row) => row.hits / Math.max(row.hits + row.misses, 1), (row) => (row.hits + row.misses ? `${Math.round((100 * row.hits) / (row.hits + row.misses))} %` : "–")),
    number("Build", (row) => row.build_ms, (row) => `${row.build_ms} ms`),
    { title: "Last error", value: (row) => row.last_error ?? "", text: (row) => row.last_error ?? "", kind: "long", bad: (row) => Boolean(row.last_error) },
  ], { empty: "There are no pools." }),
  images: new Table($("images"), [
    { title: "Language", value: (row) => row.name },
    { title: "Built", value: (row) => (row.built ? "yes" : "no") },
    { title: "Last error", value: (row) => row.last_error ?? "", text: (row) => row.last_error ?? "", kind: "long", bad: (row) => Boolean(row.last_error) },
  ], { sort: [1, true], empty: "There are no languages." }),
};

function tile(title, value, part, isBad = false) {
  const made = element("div", { className: isBad ? "tile bad" : "tile" }, element("small", { textContent: title }), element("b", { textContent: value }));
  if (part !== undefined) {
    made.append(element("meter", { min: 0, max: 1, high: 0.8, optimum: 0, value: Math.min(part, 1), title: `${Math.round(part * 100)} %` }));
  }
  return made;
}

function policiesNow({ state, generation, last_outcome: outcome }) {
  if (state !== "idle") return `generation ${generation}, ${state}`;
  return `generation ${generation}${outcome === "refused" ? ", change refused" : ""}`;
}

const policies = new Policies(async (path) => {
  const answer = await fetch(`/api/v1/admin${path}`, { headers: authorization(), signal: AbortSignal.timeout(10_000) });
  const json = await answer.json();
  if (answer.ok) return json;
  tell(json.error.message);
  return null;
}, tell);

function tiles({ load, warden, host, audit, policies: rules }) {
  const pressure = (resource, kind) => host.pressure.find((row) => row.resource === resource && row.kind === kind)?.avg10;
  const used = 1 - host.memory_available_bytes / Math.max(host.memory_bytes, 1);
  const waited = [["cpu", "some"], ["memory", "full"], ["io", "full"]].filter(([resource, kind]) => pressure(resource, kind) !== undefined);
  return [
    tile("Runs", `${load.running} of ${load.max_running}`, load.running / load.max_running),
    tile("Waiting", load.queued ? `${load.queued}, oldest ${time(load.oldest_queued_seconds)}` : "none", load.queued / Math.max(load.max_queued, 1)),
    tile("Sessions", `${load.sessions} of ${load.max_sessions}`, load.sessions / Math.max(load.max_sessions, 1)),
    tile("Warden", warden.ready ? `${warden.sandboxes ?? 0} sandboxes` : (warden.last_error ?? "none"), undefined, !warden.ready),
    tile("Quarantined", String(warden.quarantined), undefined, warden.quarantined > 0),
    tile("Wardens replaced", String(warden.restarts)),
    tile("Memory", `${bytes(host.memory_bytes - host.memory_available_bytes)} of ${bytes(host.memory_bytes)}`, used),
    ...waited.map(([resource, kind]) => tile(`Waiting for ${resource}`, `${pressure(resource, kind).toFixed(0)} %`, pressure(resource, kind) / 100)),
    tile("Policies", policiesNow(rules), undefined, rules.last_outcome === "refused"),
    tile("Audit log", audit.enabled ? (audit.last_error ?? `record ${audit.seq}`) : "off", undefined, Boolean(audit.last_error)),
  ];
}

async function show(overview) {
  $("content").hidden = $("drain").disabled = false;
  $("key-form").hidden = true;
  $("health").textContent = overview.draining ? `${overview.health.status}, draining` : overview.health.status;
  $("health").dataset.status = overview.health.status;
  $("version").textContent = `${overview.version} · up ${time((Date.parse(overview.now) - Date.parse(overview.started_at)) / 1000)}`;
  draining = overview.draining;
  $("drain").textContent = draining ? "Accept again" : "Drain";
  $("drain").title = draining ? "Accept runs and sessions again" : "Accept no more runs and sessions; those that are there continue";
  $("reasons").replaceChildren(...overview.health.reasons.map((reason) => element("li", { textContent: reason })));
  $("tiles").replaceChildren(...tiles(overview));
  $("runs-count").textContent = overview.runs.length || "";
  $("sessions-count").textContent = overview.sessions.length || "";
  for (const [name, table] of Object.entries(tables)) table.show(overview[name]);
  await policies.show(overview.policies);
}

async function refresh() {
  try {
    const answer = await fetch("/api/v1/admin/overview", { headers: authorization(), signal: AbortSignal.timeout(10_000) });
    if ([401, 404].includes(answer.status)) {
      $("content").hidden = true;
      $("key-form").hidden = false;
      $("health").textContent = "not signed in";
      if (stored.get("nestbox-key")) tell("This key is not that of an administrator.");
      return;
    }
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    await show(await answer.json());
    if (failures > 0) tell(null);
    failures = 0;
  } catch (error) {
    failures += 1;
    $("health").textContent = "not reached";
    $("health").dataset.status = "lost";
    tell(error.name === "TypeError" || error.name === "TimeoutError" ? "The service cannot be reached; trying again." : error.message);
  }
}

$("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  stored.set("nestbox-key", $("key").value.trim() || null);
  $("key").value = "";
  tell(null);
  refresh();
});
$("drain").addEventListener("click", () => {
  if (draining || confirm("Accept no more runs and sessions? Those that are there continue.")) act("POST", "/drain", { draining: !draining });
});
setInterval(() => {
  if ($("live").checked && !document.hidden && $("key-form").hidden) refresh();
}, interval);
refresh();
