// Types of the JavaScript client: /nestbox.d.ts beside /nestbox.js, /nestbox.d.mts beside /nestbox.mjs.

export interface Submission {
  language: string;
  code?: string;
  main?: string;
  files?: { name: string; content: string; encoding?: "utf8" | "base64" }[];
  args?: string[];
  env?: Record<string, string>;
  stdin?: string;
  stdin_encoding?: "utf8" | "base64";
  compiler_options?: string[];
  limits?: Record<string, string | number>;
  artifacts?: string[];
  policy?: string;
  tty?: { rows: number; cols: number };
  on_disconnect?: "cancel" | "detach";
  /** Fields of later versions; the contract, /docs, has all. */
  [field: string]: unknown;
}

export interface Artifact {
  path: string;
  bytes: number;
  content_type: string;
}

export interface Usage {
  wall_ms: number;
  cpu_ms: number;
  memory_peak_bytes: number;
  processes_peak: number;
  [field: string]: unknown;
}

export type Verdict =
  | "ok" | "nonzero_exit" | "signaled" | "compile_error" | "cpu_limit" | "wall_limit" | "idle_limit" | "memory_limit"
  | "output_limit" | "disk_limit" | "syscall_denied" | "cancelled" | "internal_error";

export interface RunOutcome {
  verdict: Verdict;
  exit_code: number | null;
  signal: number | null;
  limit: { name: string; allowed: number; unit: string; [field: string]: unknown } | null;
  usage: Usage;
  artifacts: Artifact[];
  truncated: boolean;
  [field: string]: unknown;
}

export interface Result extends RunOutcome {
  run_id: string;
  stdout: string;
  stderr: string;
}

interface Numbered {
  run_id: string;
  seq: number;
}

export type Event =
  | (Numbered & { type: "accepted" | "queued" | "started"; [field: string]: unknown })
  | (Numbered & { type: "output"; stream: "stdout" | "stderr"; data: string; encoding?: "base64" })
  | (Numbered & { type: "input_request"; token: string; prompt: string })
  | (Numbered & { type: "resource"; wall_ms: number; cpu_ms: number; memory_bytes: number; processes: number })
  | (Numbered & { type: "warning"; limit: string; [field: string]: unknown })
  | (Numbered & { type: "error"; code: string; message: string })
  | (Numbered & { type: "finished" } & RunOutcome)
  | { type: "lagged"; run_id: string; from: number; to: number }
  | { type: "attached"; run_id: string; state: string; next_seq: number; mode: "control" | "observe" }
  | { type: "refused"; run_id: string; code: string; message: string };

export interface Language {
  name: string;
  aliases: string[];
  description: string | null;
  language: string;
  version: string | null;
  file: string;
  chooses_main: boolean;
  extensions: string[];
  editor: string | null;
  policy: string | null;
  steps: ("compile" | "run")[];
  compiler_options: string[];
  sessions: boolean;
  warm: "none" | "boot" | "fork";
  artifacts: string[];
  sample: string;
  sample_stdin: string;
  available: boolean;
  reason: string | null;
  [field: string]: unknown;
}

/** An error that the service answered with, or `CONNECTION_LOST`. */
export class NestboxError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: Record<string, string>;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
}

/** The bytes of an output event. */
export function outputBytes(event: { data: string; encoding?: string }): Uint8Array;

/** One run: iterate over it for its events. */
export class Run implements AsyncIterable<Event> {
  readonly id: string | null;
  /** The number of output events that were dropped because they were not read. */
  readonly dropped: number;
  /** The sequence number of the next event. */
  readonly next: number;
  readonly ended: boolean;
  /** The last event; rejects when the run was refused or lost. */
  readonly finished: Promise<Extract<Event, { type: "finished" }>>;
  stdin(text: string): void;
  closeStdin(): void;
  /** Answers an `input_request`. A line ends with "\n". */
  respond(token: string, text: string): void;
  signal(signal: string | number): void;
  resize(rows: number, cols: number): void;
  cancel(): void;
  [Symbol.asyncIterator](): AsyncIterator<Event>;
}

/** An event of a session; docs/sessions.md lists the types and their fields. */
export interface SessionEvent {
  type: string;
  session_id: string;
  seq: number;
  epoch: number;
  time: number;
  execution_id?: string;
  [field: string]: any;
}

/** How a cell ended, whether well or not. */
export interface CellOutcome {
  execution_id: string;
  status: "ok" | "error" | "interrupted" | "limit" | "aborted";
  result: (SessionEvent & { repr: string; value?: unknown; data?: Record<string, string> }) | null;
  error: (SessionEvent & { exception: string; message: string; traceback: string[] }) | null;
  execution_time: number;
  usage: Record<string, number>;
  limit: { name: string; [field: string]: unknown } | null;
}

export interface CellOptions {
  silent?: boolean;
  stop_on_error?: boolean;
  limits?: Record<string, string | number>;
  on_limit?: "interrupt" | "kill";
  transaction_policy?: "commit_always" | "rollback_on_failure" | "explicit";
  onOutput?(text: string, event: SessionEvent): void;
  /** Media types to content; `event.update` is true when it takes the place of what has the same `event.display_id`. */
  onDisplay?(data: Record<string, string>, event: SessionEvent): void;
  onClear?(event: SessionEvent): void;
  onResult?(event: SessionEvent): void;
  onError?(event: SessionEvent): void;
  /** May return the answer, or a promise of it; otherwise call `input`. */
  onInput?(event: SessionEvent & { token: string; prompt: string; password: boolean }): string | null | void | Promise<string | null | void>;
  onEvent?(event: SessionEvent): void;
}

export interface SessionHandlers {
  event?(event: SessionEvent): void;
  /** After each connection, the first one included. */
  attached?(answer: Record<string, unknown>): void;
  lost?(): void;
  /** A message that has no answer was refused. */
  refused?(error: NestboxError): void;
}

/** A session that this client controls or observes. */
export class LiveSession {
  readonly id: string;
  readonly mode: "control" | "observe";
  /** "connecting" while there is no connection. */
  readonly state: "connecting" | "starting" | "idle" | "busy" | "waiting" | "interrupting" | "checkpointing" | "ended";
  readonly epoch: number;
  readonly next: number;
  /** The last event; rejects when the session is gone or the client was closed. */
  readonly ended: Promise<SessionEvent>;
  execute(code: string, options?: CellOptions): Promise<CellOutcome>;
  input(token: string, text: string): void;
  interrupt(): Promise<boolean>;
  complete(code: string, cursor?: number): Promise<{ matches: { text: string; type?: string }[]; start: number; end: number }>;
  inspect(code: string, cursor?: number, detail?: 0 | 1): Promise<{ found: boolean; data: Record<string, string> }>;
  isComplete(code: string): Promise<{ status: "complete" | "incomplete" | "invalid" | "unknown"; indent: string }>;
  variables(): Promise<{ name: string; type: string; repr: string; size: number | null }[]>;
  describe(): Promise<Record<string, unknown>>;
  checkpoint(name: string): Promise<{ method: "fork" | "replay" | "saved"; files: number; skipped?: number }>;
  restore(name: string): Promise<{ method: "fork" | "replay" | "saved"; lost: { name: string; reason: string }[]; replayed?: number }>;
  dropCheckpoint(name: string): Promise<void>;
  restart(): void;
  close(): void;
  detach(): Promise<void>;
}

export interface Sessions {
  create(request: { language: string; [field: string]: unknown }, handlers?: SessionHandlers): Promise<LiveSession>;
  attach(id: string, options?: { from?: number; mode?: "control" | "observe"; takeOver?: boolean }, handlers?: SessionHandlers): Promise<LiveSession>;
  list(filter?: Record<string, string>): Promise<Record<string, unknown>[]>;
  get(id: string): Promise<Record<string, unknown>>;
  history(id: string): Promise<{ session: Record<string, unknown>; history: SessionEvent[] }>;
}

/** A connection to one service. Runs and sessions share one WebSocket, which is opened when it is needed. */
export class Nestbox {
  constructor(options?: { url?: string; key?: string | null; WebSocket?: unknown });
  set key(key: string | null);
  readonly sessions: Sessions;
  /** Runs a program and waits for its result. */
  execute(submission: Submission, options?: { signal?: AbortSignal }): Promise<Result>;
  /** Starts a run that continues without a connection. */
  submit(submission: Submission): Promise<{ run_id: string; [field: string]: unknown }>;
  languages(): Promise<Language[]>;
  policies(): Promise<Record<string, unknown>[]>;
  status(): Promise<Record<string, unknown>>;
  /** The summary of a run, with its result once it has ended. */
  get(id: string): Promise<{ run_id: string; state: "queued" | "running" | "finished"; result?: Result | null; [field: string]: unknown }>;
  artifact(id: string, path: string): Promise<Blob>;
  /** The events of a new run as server-sent events. */
  stream(submission: Submission, options?: { signal?: AbortSignal }): AsyncGenerator<Event>;
  /** The events of a run that exists, from a sequence number on. */
  events(id: string, options?: { from?: number; signal?: AbortSignal }): AsyncGenerator<Event>;
  /** Runs a program over the WebSocket; attaches again after a lost connection. */
  run(submission: Submission): Run;
  /** Follows an existing run. */
  attach(id: string, options?: { from?: number; mode?: "control" | "observe" }): Run;
  /** Ends the connection; runs that were not detached end with it. */
  close(): void;
}
