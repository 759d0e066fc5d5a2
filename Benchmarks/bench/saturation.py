"""How many runs a second, with some always in flight, and how long a burst of runs takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from . import sample
from .latency import Warmth, pool
from .programs import BY_NAME, Program
from .setup import Bench, Setup

WIDTHS = (1, 2, 4, 8, 32)
BURST = 200


@dataclass
class Flight:
    """Runs over one WebSocket, some of them at once."""

    bench: Bench
    program: Program
    warmth: Warmth
    started: int = 0
    finished: int = 0

    def submit(self) -> None:
        self.bench.client.send({"type": "execute", **self.program.submission()})
        self.started += 1

    def take(self) -> bool:
        """The next event; whether it ended a run, as it should."""
        event = self.bench.client.message()
        if event["type"] == "error" or event.get("verdict", "ok") != "ok" or event.get("data", "hello\n") != "hello\n":
            raise SystemExit(f"{self.program.name}, {self.started} submitted: {event}")
        if event["type"] == "started":
            self.warmth[event["warm"]] += 1
        self.finished += event["type"] == "finished"
        return event["type"] == "finished"

    def crowd(self, width: int, seconds: float = 0, count: int = 0) -> tuple[int, float]:
        """As `spawning.crowd`: how many ended, and in how long."""
        began, done = time.monotonic(), 0
        until, ended = began + seconds if seconds else float("inf"), began
        self.started = self.finished = 0
        while self.started < width and (not count or self.started < count):
            self.submit()
        while self.finished < self.started:
            if self.take() and (now := time.monotonic()) < until:
                done, ended = done + 1, now
                if not count or self.started < count:
                    self.submit()
        return done, (ended if count else until) - began


Crowd = Callable[..., tuple[int, float]]


def ways(setup: Setup, bench: Bench, program: Program, warmth: Warmth) -> dict[str, Crowd]:
    tree, root = setup.trees[program.language], setup.root(program)
    flight = Flight(bench, program, warmth)
    found: dict[str, Crowd] = {"nestbox": flight.crowd}
    found["bare"] = lambda width, **amount: root.crowd(program, width, **amount)
    for peer in setup.peers:
        found[peer.name] = lambda width, peer=peer, **amount: peer.crowd(program, tree, width, **amount)
    return found


def saturated(setup: Setup) -> None:
    """Runs per second at several widths, and the best of each way."""
    repeats = 1 if setup.options.quick else 3
    window = setup.options.seconds / repeats
    for program in (BY_NAME[name] for name in ("python", "node") if BY_NAME[name] in setup.programs):
        with setup.service({program.language: pool(program)}) as bench:
            warmth, rates = Warmth(), {}
            crowds = ways(setup, bench, program, warmth)
            for width in WIDTHS:
                measured: dict[str, list[float]] = {way: [] for way in crowds}
                for repeat in range(repeats):
                    names = list(crowds)
                    for way in names[repeat % len(names):] + names[:repeat % len(names)]:
                        if way == "nestbox":
                            # The pool follows demand: what counts is how it goes on, not how it begins.
                            counted = Warmth(warmth)
                            crowds[way](width, seconds=window / 2)
                            warmth.clear()
                            warmth.update(counted)
                        done, elapsed = crowds[way](width, seconds=window)
                        measured[way].append(done / elapsed)
                        if way == "nestbox":
                            bench.settle()
                rates[width] = {way: sample.point(values, 0.5) for way, values in measured.items()}
                setup.report.add(f"saturated/{program.name}/{width}", f"{program.name} hello, {width} in flight", "/s",
                                 rates[width], windows=measured)
            best = {way: max(rates[width][way] for width in WIDTHS) for way in crowds}
            where = {way: max(WIDTHS, key=lambda width, way=way: rates[width][way]) for way in crowds}
            setup.report.add(f"saturated/{program.name}/best", f"{program.name} hello, best of 1 to 32 in flight", "/s", best,
                             at=where, warm=dict(warmth))
            setup.report.note(f"{program.name}, saturated: {warmth.text()}")


def burst(setup: Setup) -> None:
    """Many runs submitted at the same moment, until the last one has ended."""
    program, repeats = BY_NAME["python"], 2 if setup.options.quick else 7
    count = 50 if setup.options.quick else BURST
    with setup.service({program.language: pool(program)}) as bench:
        warmth = Warmth()
        crowds, seconds = ways(setup, bench, program, warmth), {}
        for repeat in range(repeats):
            names = list(crowds)
            for way in names[repeat % len(names):] + names[:repeat % len(names)]:
                bench.settle()
                seconds.setdefault(way, []).append(crowds[way](count, count=count)[1] * 1e3)
    interval = sample.ratio_interval(seconds["nestbox"], seconds["bare"])
    middle = {way: sample.point(values, 0.5) for way, values in seconds.items()}
    setup.report.add("burst/python", f"burst of {count} python hellos, all finished", "ms", middle, interval=interval,
                     times=seconds, warm=dict(warmth))
    setup.report.note(f"burst: {warmth.text()}")
