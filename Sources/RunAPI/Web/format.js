// Numbers and verdicts as people read them.

export const milliseconds = (value) =>
  value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10000 ? 2 : 1)} s`;

export function bytes(value) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]])
    if (value >= size) return `${(value / size).toFixed(value >= 100 * size ? 0 : 1)} ${unit}`;
  return `${value} B`;
}

const verdicts = {
  ok: "Finished", nonzero_exit: "Ended with an error", signaled: "Ended by a signal", compile_error: "Does not compile",
  cpu_limit: "Stopped by the CPU limit", wall_limit: "Stopped by the time limit", idle_limit: "Stopped: nothing happened for too long",
  memory_limit: "Stopped by the memory limit", output_limit: "Stopped by the output limit", disk_limit: "Stopped by the disk limit",
  syscall_denied: "Stopped: forbidden system call", cancelled: "Stopped", internal_error: "The service failed",
};

export const verdict = (ending) =>
  ending.syntax_error === true && ending.verdict === "nonzero_exit" ? "Has a syntax error" : verdicts[ending.verdict] ?? ending.verdict;

const signals = {
  1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL, illegal instruction", 6: "SIGABRT, aborted", 7: "SIGBUS, bus error",
  8: "SIGFPE, arithmetic error", 9: "SIGKILL, killed", 11: "SIGSEGV, invalid memory access", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
};

function limit(report) {
  const unit = { bytes, ms: milliseconds }[report.unit] ?? String;
  return `${report.step === "compile" ? "compiler, " : ""}${report.name}: ${unit(report.allowed)} allowed`;
}

/** Details beside the verdict. */
export function details(ending) {
  const parts = [];
  if (ending.exit_code) parts.push(`exit status ${ending.exit_code}`);
  if (ending.signal) parts.push(`signal ${ending.signal}${signals[ending.signal] ? ` (${signals[ending.signal]})` : ""}`);
  if (ending.limit) parts.push(limit(ending.limit));
  // Keep a number and its unit on one line.
  parts.push(...[milliseconds(ending.usage.wall_ms), bytes(ending.usage.memory_peak_bytes)].map((text) => text.replace(" ", "\u00a0")));
  return parts.join(" · ");
}
