"""How far past its limit a run gets, and how long a fork bomb takes to be gone."""

import time

from . import processes, sample
from .setup import Bench, Setup

LIMIT = 300  # milliseconds
LOOP = "while True: pass\n"
BOMB = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"


def execute(bench: Bench, code: str, limits: dict[str, str], cancel_after: float = 0) -> tuple[dict[str, float], dict]:
    """One run: when it was started, cancelled and finished, and its last event."""
    bench.client.send({"type": "execute", "language": "python", "code": code, "stdin": "", "limits": limits})
    times: dict[str, float] = {}
    while True:
        event = bench.client.message()
        times.setdefault(event["type"], time.monotonic())
        if event["type"] == "error":
            raise SystemExit(f"refused: {event}")
        if event["type"] == "started" and cancel_after:
            time.sleep(cancel_after)
            times["cancel"] = time.monotonic()
            bench.client.send({"type": "cancel", "run_id": event["run_id"]})
        if event["type"] == "finished":
            # A machine that is busy enough ends a run before it has begun.
            times.setdefault("started", times["accepted"])
            return times, event


def expect(event: dict, verdict: str) -> None:
    if event["verdict"] != verdict:
        raise SystemExit(f"{event['verdict']} instead of {verdict}: {event}")


def limits(setup: Setup) -> None:
    repeats = 3 if setup.options.quick else 20
    figures: dict[str, list[float]] = {"wall": [], "cpu": [], "told": [], "bomb": [], "bomb wall": []}
    # No pools: whatever lives in a sandbox is of these runs.
    with setup.service({}, "--pool-sandboxes", "0") as bench:
        for _ in range(repeats):
            times, event = execute(bench, LOOP, {"wall": f"{LIMIT}ms"})
            expect(event, "wall_limit")
            figures["wall"].append((times["finished"] - times["started"]) * 1e3 - LIMIT)
            figures["told"].append(event["limit"]["used"] - LIMIT)
            _, event = execute(bench, LOOP, {"cpu": f"{LIMIT}ms"})
            expect(event, "cpu_limit")
            figures["cpu"].append(event["usage"]["cpu_ms"] - LIMIT)
            times, event = execute(bench, BOMB, {}, cancel_after=LIMIT / 1e3)
            expect(event, "cancelled")
            figures["bomb"].append((times["finished"] - times["cancel"]) * 1e3)
            peak = event["usage"]["processes_peak"]
            alone(bench)
            times, event = execute(bench, BOMB, {"wall": f"{LIMIT}ms"})
            expect(event, "wall_limit")
            figures["bomb wall"].append((times["finished"] - times["started"]) * 1e3 - LIMIT)
            alone(bench)
    texts = {
        "wall": f"endless loop, wall {LIMIT} ms: finished at the client so much later",
        "told": "the same: past its limit when it was stopped, by Nestbox's account",
        "cpu": f"endless loop, cpu {LIMIT} ms: used more, by the account of the cgroup",
        "bomb": f"fork bomb ({peak:.0f} processes): from cancel to finished",
        "bomb wall": f"fork bomb, wall {LIMIT} ms: finished at the client so much later",
    }
    for name, values in figures.items():
        details = {"interval": sample.interval(values), "times": values}
        setup.report.add(f"limits/{name}", f"{texts[name]}, p50", "ms", {"nestbox": sample.point(values, 0.5)}, **details)
        setup.report.add(f"limits/{name}/worst", "… worst", "ms", {"nestbox": max(values)})


def alone(bench: Bench) -> None:
    """`finished` has to mean that nothing is left."""
    left = processes.in_sandboxes(processes.descendants(bench.server.process.pid))
    if left:
        raise SystemExit(f"processes were left after finished: {left}")
