"""Where the time of a warm run goes: by what the client sees, by the service's clock, and in the warden alone."""

import os
import time

import warden

from . import sample
from .latency import Warmth, pool
from .memory import preloaded
from .programs import BY_NAME
from .setup import HOME, Bench, Setup, beside

CLIENT = ["submit", "accepted", "started", "output", "finished"]
SERVICE = ["accepted", "started", "output", "finished"]
WARDEN = ["launched", "first_byte", "closed", "finished"]


def observe(bench: Bench, submission: dict, warmth: Warmth) -> tuple[dict[str, float], dict[str, float]]:
    """One run: milliseconds at which each event was here, and at which the service says it happened."""
    here, there = {"submit": time.monotonic() * 1e3}, {}
    bench.client.send({"type": "execute", **submission})
    while True:
        event = bench.client.message()
        here.setdefault(event["type"], time.monotonic() * 1e3)
        there.setdefault(event["type"], event["at"] * 1e3)
        if event["type"] == "started":
            warmth[event["warm"]] += 1
        if event["type"] == "finished":
            return here, there


def ping(bench: Bench) -> float:
    began = time.monotonic()
    bench.client.send({"type": "ping"})
    while bench.client.message()["type"] != "pong":
        pass
    return (time.monotonic() - began) * 1e3


def launch(setup: Setup, count: int) -> list[dict[str, float]]:
    """The same program on a warden of our own, with one sandbox parked for each run: milliseconds of each event."""
    executable = beside(setup.options.nestboxd, "nestbox-warden")
    tree = str(setup.trees["python"])
    python = warden.Interpreter(
        ["python3", "main.py"], "main.py", "python", preloaded(), [*warden.ENVIRONMENT, "PYTHONDONTWRITEBYTECODE=1"])
    found, code = [], BY_NAME["python"].code.encode()
    syscalls = warden.default_syscalls(HOME / "policies")
    with warden.Warden(executable, syscalls, "--image-root", os.path.dirname(tree)) as server:
        for _ in range(count):
            parked = server.park(tree, python)
            time.sleep(0.01)
            outcome = server.launch(parked, ["python3", "main.py"], {"main.py": code}, environment=python.environment)
            if outcome.verdict != "ok" or outcome.stdout != b"hello\n":
                raise SystemExit(f"the warden alone: {outcome}")
            found.append({name: at / 1e6 for name, at in outcome.times.items()})
    return found


def differences(setup: Setup, group: str, label: str, names: list[str], times: list[dict[str, float]]) -> None:
    """A row for each step from one name to the next, and one for all of them."""
    for first, second in dict.fromkeys([*zip(names, names[1:], strict=False), (names[0], names[-1])]):
        values = [row[second] - row[first] for row in times]
        words = f"{label}: {first} → {second}".replace("_", " ")
        setup.report.add(f"stages/{group}/{first}-{second}", words, "ms", {"nestbox": sample.point(values, 0.5)},
                         **sample.summary(values))


def stages(setup: Setup) -> None:
    program, count = BY_NAME["python"], max(5, setup.options.runs // 2)
    warmth, here, there, pings = Warmth(), [], [], []
    with setup.service({program.language: pool(program)}) as bench:
        for number in range(count + 2):
            bench.settle()
            seen, told = observe(bench, program.submission(), warmth)
            if number >= 2:
                here.append(seen)
                there.append(told)
                pings.append(ping(bench))
    setup.report.add("stages/ping", "ping → pong over the same WebSocket, p50", "ms", {"nestbox": sample.point(pings, 0.5)})
    differences(setup, "client", f"python ({warmth.text()}), at the client", CLIENT, here)
    differences(setup, "service", "… by the service's clock", SERVICE, there)
    alone = launch(setup, count)
    differences(setup, "warden", "the warden alone", WARDEN, alone)
    differences(setup, "parking", "the warden alone", ["asked", "parked"], alone)
