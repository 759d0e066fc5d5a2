"""What processes of a service there are, and the memory they take."""

import os
import re
from pathlib import Path


def read(path: str) -> str:
    """The text of a file under /proc; nothing when the process has gone."""
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def descendants(top: int) -> list[int]:
    """A process and all that come from it."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (found := re.search(r"\) \S (\d+) ", read(f"/proc/{name}/stat"))):
            children.setdefault(int(found.group(1)), []).append(int(name))
    found, waiting = [], [top]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def times(pid: int) -> tuple[float, float]:
    """Seconds of processor that a process has used, all its threads together: its own and the kernel's for it."""
    fields = read(f"/proc/{pid}/stat").rpartition(") ")[2].split()
    return tuple(int(value) / os.sysconf("SC_CLK_TCK") for value in fields[11:13])


def in_sandboxes(pids: list[int]) -> dict[str, list[int]]:
    """Those that live in a pid namespace of their own below the service's, by the namespace: its init and its programs."""
    depth = len(read(f"/proc/{pids[0]}/status").partition("NSpid:")[2].partition("\n")[0].split())
    found: dict[str, list[int]] = {}
    for pid in pids:
        numbers = read(f"/proc/{pid}/status").partition("NSpid:")[2].partition("\n")[0].split()
        if len(numbers) > depth:
            try:
                found.setdefault(os.readlink(f"/proc/{pid}/ns/pid"), []).append(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def memory(pids: list[int]) -> dict[str, float]:
    """Bytes of all of them: their share of what is shared (`pss`), and what is theirs alone (`private`)."""
    total = {"pss": 0.0, "private": 0.0}
    for pid in pids:
        for name, value in re.findall(r"(?m)^(Pss|Private_Clean|Private_Dirty):\s+(\d+) kB", read(f"/proc/{pid}/smaps_rollup")):
            total["pss" if name == "Pss" else "private"] += int(value) * 1024
    return total


def charged(pids: list[int]) -> float:
    """Bytes that the memory cgroups of these processes are charged with."""
    total = 0.0
    for pid in pids:
        groups = dict(line.split(":", 2)[1:] for line in read(f"/proc/{pid}/cgroup").splitlines())
        if "memory" in groups:
            total += float(read(f"/sys/fs/cgroup/memory{groups['memory']}/memory.usage_in_bytes") or 0)
        elif "" in groups:
            places = [f"/sys/fs/cgroup{part}{groups['']}/memory.current" for part in ("", "/unified")]
            total += float(next(filter(None, map(read, places)), 0))
    return total


def available() -> float:
    """Bytes the kernel says new programs could have."""
    return float(re.search(r"MemAvailable:\s+(\d+)", read("/proc/meminfo")).group(1)) * 1024
