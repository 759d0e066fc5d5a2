"""How many runs a second, with some always in flight, and how long a burst of runs takes."""

import select
import statistics
import time
from collections.abc import Callable, Iterator

import service

from . import sample
from .latency import Warmth, pool, turns
from .programs import BY_NAME, Program
from .setup import Bench, Setup

WIDTHS = (1, 2, 4, 8, 32)
BURST = 200
#: The service follows 64 runs for one socket.
PER_SOCKET = 64


class Flight:
    """Runs over one WebSocket, or over several where that carries too few; some of them concurrently."""

    def __init__(self, bench: Bench, program: Program, warmth: Warmth, width: int):
        # Where there is a crowd a run may wait for long.
        self.submission = {"type": "execute", **program.submission(limits={"wall": "60s"})}
        self.warmth, self.started, self.finished = warmth, 0, 0
        more = range((width - 1) // PER_SOCKET)
        self.clients = [bench.client, *(service.Client(bench.server.port) for _ in more)]

    def close(self) -> None:
        for client in self.clients[1:]:
            client.close()

    def submit(self, client: service.Client | None = None) -> None:
        (client or self.clients[self.started % len(self.clients)]).send(self.submission)
        self.started += 1

    def events(self) -> Iterator[tuple[service.Client, dict]]:
        """What comes next, from whichever socket."""
        by_socket = {client.socket: client for client in self.clients}
        while True:
            for ready in select.select(list(by_socket), [], [])[0]:
                client = by_socket[ready]
                client.fill()
                while (event := client.take()) is not None:
                    yield client, event

    def check(self, event: dict) -> bool:
        """Whether the event ended a run, as it should."""
        if event["type"] == "error" or event.get("verdict", "ok") != "ok" or event.get("data", "hello\n") != "hello\n":
            raise SystemExit(f"{self.started} submitted: {event}")
        if event["type"] == "started":
            self.warmth[event["warm"]] += 1
        self.finished += event["type"] == "finished"
        return event["type"] == "finished"

    def crowd(self, width: int, seconds: float = 0, count: int = 0) -> tuple[int, float]:
        """As `spawning.crowd`: how many, and in how long."""
        began = time.monotonic()
        self.started = self.finished = 0

        def wanted() -> bool:
            return self.started < count if count else time.monotonic() - began < seconds

        while self.started < width and wanted():
            self.submit()
        events = self.events()
        while self.finished < self.started:
            client, event = next(events)
            if self.check(event) and wanted():
                self.submit(client)
        return self.finished, time.monotonic() - began


Crowd = Callable[..., tuple[int, float]]


def ways(setup: Setup, program: Program, flight: Flight) -> dict[str, Crowd]:
    tree, root = setup.trees[program.language], setup.root(program)
    found: dict[str, Crowd] = {"nestbox": flight.crowd}
    found["bare"] = lambda width, **amount: root.crowd(program, width, **amount)
    for peer in setup.peers:
        found[peer.name] = lambda width, peer=peer, **amount: peer.crowd(program, tree, width, **amount)
    return found


def windows(setup: Setup, bench: Bench, crowds: dict[str, Crowd], warmth: Warmth, width: int) -> dict[str, list[float]]:
    """Runs per second of every way at one width, window by window."""
    repeats = 1 if setup.options.quick else 3
    window = setup.options.seconds / repeats
    measured: dict[str, list[float]] = {way: [] for way in crowds}
    for repeat in range(repeats):
        for way in turns(list(crowds), repeat):
            if way == "nestbox":
                # The pool follows demand, and begins full: what counts is how it goes on.
                counted = Warmth(warmth)
                crowds[way](width, seconds=window / 2)
                warmth.clear()
                warmth.update(counted)
            done, elapsed = crowds[way](width, seconds=window)
            measured[way].append(done / elapsed)
            if way == "nestbox":
                bench.settle()
    return measured


def saturated(setup: Setup) -> None:
    """Runs per second at several widths, and the best of each way."""
    for program in (program for program in setup.programs if program.name in ("python", "node", "perl", "lua")):
        with setup.service({program.language: pool(program)}) as bench:
            warmth = Warmth()
            flight, label = Flight(bench, program, warmth, max(WIDTHS)), f"{program.name} hello"
            crowds = ways(setup, program, flight)
            rates = {width: windows(setup, bench, crowds, warmth, width) for width in WIDTHS}
        for width, measured in rates.items():
            middle = {way: sample.point(values, 0.5) for way, values in measured.items()}
            setup.report.add(f"saturated/{program.name}/{width}", f"{label}, {width} in flight", "/s", middle, windows=measured)
        best = {way: max((measured[way] for measured in rates.values()), key=statistics.median) for way in crowds}
        interval = min(best["nestbox"]) / max(best["bare"]), max(best["nestbox"]) / min(best["bare"])
        setup.report.add(f"saturated/{program.name}/best", f"{label}, best of {WIDTHS[0]} to {WIDTHS[-1]} in flight", "/s",
                         {way: statistics.median(values) for way, values in best.items()}, interval=interval, warm=dict(warmth))
        setup.report.note(f"{program.name}, saturated: {warmth.text()}")


def burst(setup: Setup) -> None:
    """Many runs submitted at the same moment, until the last one has ended."""
    program, repeats = BY_NAME["python"], 2 if setup.options.quick else 7
    count = 50 if setup.options.quick else BURST
    with setup.service({program.language: pool(program)}) as bench:
        warmth = Warmth()
        flight, seconds = Flight(bench, program, warmth, count), {}
        crowds = ways(setup, program, flight)
        for repeat in range(repeats):
            for way in turns(list(crowds), repeat):
                bench.settle()
                seconds.setdefault(way, []).append(crowds[way](count, count=count)[1] * 1e3)
        sockets = len(flight.clients)
        flight.close()
    interval = sample.ratio_interval(seconds["nestbox"], seconds["bare"])
    middle = {way: sample.point(values, 0.5) for way, values in seconds.items()}
    setup.report.add("burst/python", f"burst of {count} python hellos, all finished", "ms", middle, interval=interval,
                     times=seconds, warm=dict(warmth))
    setup.report.note(f"burst, over {sockets} WebSockets: {warmth.text()}")
