"""What a session costs at the client: the time until it is idle, opened from the pool and with its driver started for it, and a cell."""

import time

from . import sample
from .setup import Bench, Setup

CELL = "1+1"


def open_session(bench: Bench, environment: dict[str, str]) -> tuple[str, float]:
    """A new session of python, and the milliseconds from the message that asks for it until it is idle."""
    bench.client.breathe()
    message = {"type": "create_session", "language": "python"} | ({"env": environment} if environment else {})
    began, session = time.monotonic(), ""
    bench.client.send(message)
    while True:
        event = bench.client.message()
        session = event.get("session_id", session)
        if event["type"] in ("error", "ended"):
            raise SystemExit(f"no session: {event}")
        if event["type"] == "state" and event["state"] == "idle":
            return session, (time.monotonic() - began) * 1e3


def cell(bench: Bench, session: str, code: str = CELL) -> float:
    """Milliseconds from sending a cell to its end."""
    began = time.monotonic()
    bench.client.send({"type": "execute", "session_id": session, "code": code})
    while (event := bench.client.message())["type"] != "execution_finished":
        pass
    if event["status"] != "ok":
        raise SystemExit(f"a cell ended with {event['status']}")
    ended = time.monotonic()
    while event["type"] != "state" or event["state"] != "idle":
        event = bench.client.message()
    return (ended - began) * 1e3


def close(bench: Bench, session: str) -> None:
    bench.client.send({"type": "close_session", "session_id": session})
    while bench.client.message()["type"] != "ended":
        pass


def sessions(setup: Setup) -> None:
    """In turns, so that both are measured on the same machine."""
    figures: dict[str, list[float]] = {"open": [], "started for it": [], "cell": []}
    with setup.service({}) as bench:
        for number in range(setup.options.runs // 2 + 2):
            for name, environment in (("open", {}), ("started for it", {"NESTBOX_BENCHMARK": "1"})):
                if number:
                    # The first one makes the service keep another.
                    bench.server.await_parked("python", 1, "session")
                session, milliseconds = open_session(bench, environment)
                cells = [cell(bench, session) for _ in range(5)]
                close(bench, session)
                if number >= 2:
                    figures[name].append(milliseconds)
                    figures["cell"] += cells[1:]
    texts = {
        "open": "a python session from the pool, until it is idle",
        "started for it": "the same with a variable of its own: forked, and its driver started",
        "cell": f"a cell `{CELL}` of it, until it has finished",
    }
    for name, values in figures.items():
        details = {"interval": sample.interval(values), "times": values}
        setup.report.add(f"sessions/{name}", f"{texts[name]}, p50", "ms", {"nestbox": sample.point(values, 0.5)}, **details)
        setup.report.add(f"sessions/{name}/p90", "… p90", "ms", {"nestbox": sample.point(values, 0.9)})
