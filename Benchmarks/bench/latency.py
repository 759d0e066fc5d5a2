"""From submitting to the first byte and to the end, over one open WebSocket, one run at a time."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from . import sample
from .programs import PROGRAMS, Program
from .setup import Bench, Setup

#: Ahead of a measurement every way is tried this often: files get into memory, pools learn how long a build takes.
REHEARSALS = 2
POOL = "min: 2, max: 32"

Way = Callable[[], tuple[float, float]]


class Warmth(Counter):
    """How warm the runs were; shown in the table where they were not all the same."""

    def text(self) -> str:
        if len(self) < 2:
            return next(iter(self), "")
        return ", ".join(f"{warmth} {count}" for warmth, count in self.most_common())


def submit(bench: Bench, submission: dict, warmth: Warmth) -> tuple[float, float]:
    """One run: seconds to the first byte and to `finished`."""
    found = bench.client.run(submission)
    if found["verdict"] != "ok" or found["output"] != "hello\n":
        raise SystemExit(f"{submission}: {found}")
    warmth["+".join(found["warm"].values())] += 1
    return found["times"]["output"], found["seconds"]


def turns(names: list[str], number: int) -> list[str]:
    """All of them, beginning with another one each time."""
    return names[number % len(names):] + names[:number % len(names)]


def rounds(ways: dict[str, Way], count: int, before: Callable[[], object], warmths: Iterable[Warmth]) -> dict[str, list]:
    """All ways in turns; which comes first changes from round to round. `before` is called ahead of every one."""
    samples: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for number in range(-REHEARSALS, count):
        if number == 0:
            for warmth in warmths:
                warmth.clear()
        for name in turns(list(ways), number):
            before()
            pair = ways[name]()
            if number >= 0:
                samples[name].append(pair)
    return samples


def others(setup: Setup, program: Program) -> dict[str, Way]:
    """The program bare, and in the sandboxes of others."""
    tree, root = setup.trees[program.language], setup.root(program)
    ways: dict[str, Way] = {"bare": lambda: root.run(program)}
    for peer in setup.peers:
        ways[peer.name] = lambda peer=peer: peer.run(program, tree)
    return ways


def pool(program: Program, warm: str | None = None) -> str:
    return f"{POOL}, warm: {warm or program.warm}"


def policy(program: Program, warm: str) -> str:
    """The language's own policy, or one that wants less. Equal pools would be one: of them the first name counts."""
    return program.language if warm == program.warm else f"{program.language}-{warm}"


def latency(setup: Setup) -> None:
    """Every language, as warm as its image allows; compiled each time."""
    # All of a language share its policy: the first one decides.
    pools = {program.language: pool(program) for program in reversed(setup.programs)}
    with setup.service(pools) as bench:
        for program in setup.programs:
            warmth, more = Warmth(), {"cache": "off"} if program.compiles else {}
            ways = {"nestbox": lambda: submit(bench, program.submission(**more), warmth)} | others(setup, program)
            samples = rounds(ways, program.runs(setup.options.runs), bench.settle, [warmth])
            label = f"{program.name} hello" + (", compile and run" if program.compiles else "")
            setup.report.quantiles("latency", program.name, f"{label} ({warmth.text()})", samples, warm=dict(warmth))


def again(setup: Setup) -> None:
    """What has been compiled before, submitted again."""
    chosen = [program for program in setup.programs if program.compiles]
    if not chosen:
        return
    with setup.service({program.language: pool(program) for program in chosen}) as bench:
        for program in chosen:
            warmth = Warmth()
            ways = {"nestbox": lambda: submit(bench, program.submission(), warmth)} | others(setup, program)
            before = {"nestbox": bench.settle}
            submit(bench, program.submission(), Warmth())
            samples = rounds(ways, program.runs(setup.options.runs), bench.settle, [warmth])
            label = f"{program.name}, the same again ({warmth.text()})"
            setup.report.quantiles("again", program.name, label, samples, warm=dict(warmth))


def lone(setup: Setup) -> None:
    """One run after a second in which nothing happened."""
    program = next(program for program in PROGRAMS if program.name == "python")
    with setup.service({program.language: pool(program)}) as bench:
        warmth = Warmth()
        ways = {"nestbox": lambda: submit(bench, program.submission(), warmth)} | others(setup, program)
        count = max(3, min(30, setup.options.runs // 4))
        samples = rounds(ways, count, lambda: (bench.settle(), time.sleep(1)), [warmth])
        label = f"python hello after 1 s of idleness ({warmth.text()})"
        setup.report.quantiles("lone", "python", label, samples, warm=dict(warmth))


def variants(setup: Setup) -> None:
    """The same programs as warm as they could be, and less: forked, booted, parked, and cold (no pools at all)."""
    chosen = [program for program in setup.programs if program.name in ("python", "node", "ruby", "java", "c")]
    levels = {"fork": ["none", "boot", "fork"], "boot": ["none", "boot"], "none": ["none"]}
    pools = {policy(program, warm): pool(program, warm) for program in chosen for warm in levels[program.warm]}
    with setup.service(pools) as bench, setup.service({}, "--pool-sandboxes", "0") as cold:
        for program in chosen:
            root, warmths, ways = setup.root(program), {}, {}
            more = {"cache": "off"} if program.compiles else {}

            def way(name: str, where: Bench, **fields: object) -> None:
                warmths[name] = Warmth()
                ways[name] = lambda: submit(where, program.submission(**more, **fields), warmths[name])

            way("cold", cold)
            for warm in levels[program.warm]:
                way("parked" if warm == "none" else warm, bench, policy=policy(program, warm))
            ways["bare"] = lambda: root.run(program)
            count = max(5, program.runs(setup.options.runs) // 2)
            samples = rounds(ways, count, bench.settle, warmths.values())
            for name in warmths:
                pair = {"nestbox": samples[name], "bare": samples["bare"]}
                key = f"{program.name} {name}"
                setup.report.quantiles("variants", key, f"{program.name}, {name} ({warmths[name].text()})", pair)
                if name == "cold":
                    differences = [(ours[1] - theirs[1]) * 1e3 for ours, theirs in zip(*pair.values(), strict=True)]
                    overhead(setup, key, differences)


def overhead(setup: Setup, key: str, differences: list[float]) -> None:
    """What a run costs over the bare program, in pairs."""
    middle = sample.point(differences, 0.5)
    setup.report.add(f"variants/{key}/overhead", f"{key}: over bare", "ms", {"nestbox": middle},
                     interval=sample.interval(differences))
