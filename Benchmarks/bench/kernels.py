"""Live sessions of a service beside kernels of Jupyter's gateway: what is measured, each in turns so that both are measured on the same machine."""

import time
from collections.abc import Callable

from service import Client

from . import processes, sample, sessions
from .gateway import Gateway, Kernel
from .setup import Bench

MEBIBYTE = 1 << 20
CELL = sessions.CELL
#: Sandboxes that are ended at a time, with a pause behind: the kernel takes their filters and namespaces apart later.
LOT, PAUSE = 32, 2.0
#: Sessions that one socket may follow.
EACH = 16
#: What a heap of 100 MB is made of: many small objects, not one large one.
HEAP = "heap = [bytes(1000) for _ in range(100_000)]"

Row = tuple[str, str, float, float | None, float | None]


def row(figure: str, unit: str, nestbox: float, jupyter: float | None = None, budget: float | None = None) -> Row:
    return figure, unit, nestbox, jupyter, budget


def quantiles(figure: str, values: dict[str, list[float]], budget: float | None = None) -> list[Row]:
    """The rows of p50 and p99; the budget is that of p50."""
    mine, theirs = values["nestbox"], values.get("jupyter")
    return [row(f"{figure}, {word}", "ms", sample.point(mine, share), sample.point(theirs, share) if theirs else None, most)
            for word, share, most in (("p50", 0.5, budget), ("p99", 0.99, None))]


def cells(bench: Bench, gateway: Gateway, runs: int) -> list[Row]:
    """A cell over a connection that is open: in Nestbox's protocol and in Jupyter's, which the gateway speaks, too. In turns, so that each comes
    after the tens of milliseconds of the gateway's; and one right after the other, as a program sends them."""
    own, _ = sessions.open_session(bench, {})
    ways: dict[str, Callable[[], float]] = {"own": lambda: sessions.cell(bench, own)}
    kernels = {}
    for name, port, acknowledges in (("nestbox", bench.server.port, False), ("jupyter", gateway.port, False), ("at once", gateway.port, True)):
        kernels[name] = Kernel(port, acknowledges)
        ways[name] = lambda kernel=kernels[name]: kernel.execute(CELL)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(runs + 10):
        bench.client.breathe()
        # Each is first in its turn: who comes after a pause finds cold caches.
        order = list(ways)[number % len(ways):] + list(ways)[:number % len(ways)]
        for name in order:
            value = ways[name]()
            if number >= 10:
                times[name].append(value)
    rows = {name: [ways[name]() for _ in range(runs + 10)][10:] for name in ways}
    for kernel in kernels.values():
        kernel.close()
    sessions.close(bench, own)
    return [
        *quantiles(f"cells `{CELL}`, one right after the other", {"nestbox": rows["own"], "jupyter": rows["jupyter"]}, 1.0),
        *quantiles("the same, to a client that acknowledges at once", {"nestbox": rows["nestbox"], "jupyter": rows["at once"]}),
        *quantiles(f"a cell `{CELL}` after a pause", {"nestbox": times["own"], "jupyter": times["jupyter"]}),
        *quantiles("the same, both in Jupyter's protocol", {"nestbox": times["nestbox"], "jupyter": times["jupyter"]}),
        *quantiles("the same, to a client that acknowledges at once", {"nestbox": times["nestbox"], "jupyter": times["at once"]}),
    ]


def ready(bench: Bench, gateway: Gateway, runs: int) -> list[Row]:
    """A session out of the pool, until it is idle; a kernel on both sides, until its first cell is answered."""
    times: dict[str, list[float]] = {"open": [], "nestbox": [], "jupyter": []}
    for _ in range(runs):
        bench.server.await_parked("python", 1, "session")
        session, milliseconds = sessions.open_session(bench, {})
        times["open"].append(milliseconds)
        sessions.close(bench, session)
        bench.server.await_parked("python", 1, "session")
        for name, port in (("nestbox", bench.server.port), ("jupyter", gateway.port)):
            kernel = Kernel(port)
            times[name].append(kernel.ready * 1e3)
            kernel.close()
    return [
        *quantiles("a session out of the pool, until it is idle", {"nestbox": times["open"], "jupyter": times["jupyter"]}, 5.0)[:1],
        *quantiles("a kernel, until its first cell is answered", {"nestbox": times["nestbox"], "jupyter": times["jupyter"]})[:1],
    ]


def share(pid: int) -> float:
    """PSS of a process and all that come from it, in MiB."""
    time.sleep(1)
    return processes.memory(processes.descendants(pid))["pss"] / MEBIBYTE


def memory(bench: Bench, gateway: Gateway, count: int) -> list[Row]:
    """What one more idle session adds, one that has run a cell, and an idle kernel of ipykernel."""
    opened = Crowd(bench)
    opened.grow(4)
    few = share(bench.server.process.pid)
    opened.grow(count)
    idle = (share(bench.server.process.pid) - few) / count
    opened.cells()
    used = (share(bench.server.process.pid) - few) / count
    opened.end()
    kernels = [Kernel(gateway.port) for _ in range(2)]
    few = share(gateway.process.pid)
    kernels += [Kernel(gateway.port) for _ in range(4)]
    theirs = (share(gateway.process.pid) - few) / 4
    for kernel in kernels:
        kernel.close()
    return [
        row("memory of one more idle session (PSS of all processes)", "MiB", idle, theirs, 2.0),
        row("the same after a cell", "MiB", used, theirs),
    ]


class Crowd:
    """Sessions over as many sockets as they need."""

    def __init__(self, bench: Bench):
        self.server = bench.server
        self.benches: list[Bench] = []
        self.opened: list[tuple[Bench, str]] = []

    def grow(self, count: int) -> None:
        for _ in range(count):
            if len(self.opened) % EACH == 0:
                self.benches.append(Bench(self.server, Client(self.server.port)))
                for bench in self.benches:
                    bench.client.breathe()
            self.opened.append((self.benches[-1], sessions.open_session(self.benches[-1], {})[0]))

    def cells(self) -> list[float]:
        """One cell of each."""
        return [sessions.cell(bench, session) for bench, session in self.opened]

    def end(self) -> None:
        while self.opened:
            lot, self.opened = self.opened[:LOT], self.opened[LOT:]
            for bench, session in lot:
                sessions.close(bench, session)
            time.sleep(PAUSE if self.opened else 0)
        for bench in self.benches:
            bench.client.close()


def ask(bench: Bench, message: dict, until: str) -> float:
    """Milliseconds from a message until the session says so and is idle again."""
    began, seen = time.monotonic(), False
    bench.client.send(message)
    while True:
        event = bench.client.message()
        if event["type"] == "error" and "execution_id" not in event:
            raise SystemExit(f"refused: {event}")
        seen = seen or event["type"] == until
        if seen and event["type"] == "state" and event["state"] == "idle":
            return (time.monotonic() - began) * 1e3


def undo(bench: Bench, runs: int) -> list[Row]:
    """A checkpoint of a heap of 100 MB, and back to it."""
    session, _ = sessions.open_session(bench, {})
    sessions.cell(bench, session, HEAP)
    made, restored = [], []
    for number in range(runs):
        made.append(ask(bench, {"type": "checkpoint", "session_id": session, "name": "before"}, "checkpoint"))
        sessions.cell(bench, session, f"x = {number}; heap[{number}] = b''")
        restored.append(ask(bench, {"type": "restore", "session_id": session, "name": "before"}, "restored"))
        ask(bench, {"type": "drop_checkpoint", "session_id": session, "name": "before"}, "checkpoint_dropped")
    sessions.close(bench, session)
    return [
        row("a checkpoint of a heap of 100 MB, p50", "ms", sample.point(made, 0.5)),
        row("undo, back to it, p50", "ms", sample.point(restored, 0.5), None, 5.0),
    ]


def crowd(bench: Bench, count: int) -> list[Row]:
    """Many idle sessions at a time: their memory, a cell beside them, and whether each still answers."""
    before, opened, began = share(bench.server.process.pid), Crowd(bench), time.monotonic()
    try:
        opened.grow(count)
        seconds = time.monotonic() - began
        each = (share(bench.server.process.pid) - before) / count
        times = opened.cells()
    finally:
        opened.end()
    return [
        row(f"{count} idle sessions: opened", "/s", count / seconds),
        row(f"{count} idle sessions: memory of each (PSS)", "MiB", each),
        row(f"{count} idle sessions: the first cell of each, p50", "ms", sample.point(times, 0.5)),
        row(f"{count} idle sessions: … p99", "ms", sample.point(times, 0.99)),
    ]
