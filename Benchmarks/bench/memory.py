"""What parked sandboxes cost in memory, by four accounts that are wrong in different ways."""

import re
import subprocess
import time

from . import processes
from .programs import BY_NAME
from .setup import HOME, Bench, Setup

MEBIBYTE = 1 << 20
#: Interpreters started bare, with the same modules, to compare with.
BARE = 10


def preloaded() -> list[str]:
    """The modules that the image of python loads ahead."""
    text = (HOME / "images/python/image.yaml").read_text()
    return re.findall(r"(?m)^    - (\S+)$", text.partition("preload:")[2])


def bare(setup: Setup) -> float:
    """Bytes (PSS) of a python that was started bare, has loaded the same modules, and waits."""
    command = ["chroot", str(setup.trees["python"]), "/usr/bin/python3", "-c",
               f"import {', '.join(preloaded())}\nprint(flush=True)\nsys.stdin.read()"]
    alive = []
    try:
        for _ in range(BARE):
            alive.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            alive[-1].stdout.readline()
        return processes.memory([one.pid for one in alive])["pss"] / BARE
    finally:
        for one in alive:
            one.communicate()


def await_parked(bench: Bench, wanted: int) -> int:
    """How many are parked when it stays that way; enough, or as many as there will be."""
    before, since = -1, time.monotonic()
    while True:
        parked = int(sum(pool["parked"] for pool in bench.server.pool_gauges() if pool["image"] == "python"))
        if parked >= wanted or time.monotonic() - since > 20:
            return parked
        if parked != before:
            before, since = parked, time.monotonic()
        time.sleep(0.1)


def park(setup: Setup, count: int) -> dict[str, float]:
    """A service with that many parked: bytes by each account."""
    # No more than is needed: the service wants a descriptor limit for all that it may park.
    room = ["--pool-sandboxes", str(count + 64), "--pool-memory", "64GiB"]
    available, began = processes.available(), time.monotonic()
    with setup.service({"python": f"min: {count}, max: {max(count, 32)}, warm: fork"}, *room) as bench:
        parked, seconds = await_parked(bench, count), time.monotonic() - began
        time.sleep(1)
        tree = processes.descendants(bench.server.process.pid)
        # Other pools of the service may keep something, too.
        sandboxes = [pids for pids in processes.in_sandboxes(tree).values() if is_python(pids)]
        inside = [pid for pids in sandboxes for pid in pids]
        found = processes.memory(inside) | {"cgroup": processes.charged([pids[0] for pids in sandboxes])}
        return found | {
            "count": len(sandboxes), "parked": parked, "seconds": seconds, "tree": processes.memory(tree)["pss"],
            "taken": available - processes.available(),
        }


def is_python(pids: list[int]) -> bool:
    return any(processes.read(f"/proc/{pid}/cmdline").startswith("python3") for pid in pids)


def memory(setup: Setup) -> None:
    """Parked python sandboxes, more and more of them; one service for each number."""
    program, alone, found = BY_NAME["python"], bare(setup), []
    for count in setup.options.parked:
        found.append(park(setup, count))
        here, each = found[-1], max(found[-1]["count"], 1)
        label = f"{program.name} parked, {here['count']:.0f}"
        values = {"nestbox": here["pss"] / each / MEBIBYTE, "bare": alone / MEBIBYTE}
        setup.report.add(f"memory/python/{count}", f"{label}: PSS of each", "MiB", values, all=here)
        for key, what in (("private", "private of each"), ("cgroup", "charged to the cgroup of each")):
            setup.report.add(f"memory/python/{count}/{key}", f"{label}: {what}", "MiB", {"nestbox": here[key] / each / MEBIBYTE})
        setup.report.add(f"memory/python/{count}/rate", f"{label}: parked per second, from the service's start", "/s",
                         {"nestbox": here["parked"] / here["seconds"]})
    if len(found) > 1:
        first, last = found[0], found[-1]
        more = max(last["count"] - first["count"], 1)
        label = f"one more parked python, from {first['count']:.0f} to {last['count']:.0f}"
        values = {"nestbox": (last["tree"] - first["tree"]) / more / MEBIBYTE, "bare": alone / MEBIBYTE}
        setup.report.add("memory/python/one more", f"{label}: PSS of all processes", "MiB", values)
        setup.report.add("memory/python/one more/available", f"{label}: of MemAvailable", "MiB",
                         {"nestbox": (last["taken"] - first["taken"]) / more / MEBIBYTE})
    setup.report.add("memory/python/parked", "python sandboxes parked together", "", {"nestbox": max(row["parked"] for row in found)})
