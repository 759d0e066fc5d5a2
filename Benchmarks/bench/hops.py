"""The causal way of one run: which thread woke which, from the request to the last byte of the answer."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from .tracing import Record

@dataclass
class Segment:
    """What one thread did for the run, from the moment it was woken until it woke the next one."""

    thread: int
    start: float
    end: float


def way(record: Record, client: int, ours: Container[int], start: float, end: float) -> list[Segment]:
    """From the client's request to its last waking, backwards: who woke this thread, and who had woken that one before.

    Only threads in `ours` and the client count. A thread that anything else woke (a timer, an interrupt, a thread of the kernel)
    has waited for time or for the kernel: what woke it before that counts. Empty when the trail is lost.
    """
    found: list[Segment] = []
    thread, moment = client, end
    for waking in reversed(record.wakings):
        if waking.woken != thread or not start <= waking.time <= moment or waking.waker not in ours and waking.waker != client:
            continue
        if thread != client:
            found.append(Segment(thread, waking.time, moment))
        thread, moment = waking.waker, waking.time
        if thread == client:
            return list(reversed(found))
    return []


def processes(root: int) -> dict[int, tuple[int, str]]:
    """Process and its name, by thread, of a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (parent := status(folder, "PPid")):
            children.setdefault(int(parent), []).append(int(folder.name))
    found: dict[int, tuple[int, str]] = {}
    for process in descend(root, children):
        folder = Path(f"/proc/{process}")
        name = status(folder, "Name")
        # The first process of a pid namespace.
        if (status(folder, "NSpid") or "").split()[1:2] == ["1"]:
            name = "pid 1"
        try:
            for thread in (folder / "task").iterdir():
                found[int(thread.name)] = (process, name)
        except OSError:
            pass
    return found


def descend(root: int, children: dict[int, list[int]]) -> Iterator[int]:
    yield root
    for child in children.get(root, []):
        yield from descend(child, children)


def status(folder: Path, key: str) -> str:
    try:
        for line in (folder / "status").read_text().splitlines():
            if line.startswith(key + ":"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return ""
