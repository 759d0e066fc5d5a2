"""The kernel's own trace of a run: which thread woke which, and which functions it entered. Needs root; leaves nothing behind."""

import os
import re
import subprocess
import tempfile
import time
from bisect import bisect_left
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

GROUP = f"nestbox_hops_{os.getpid()}"
LINE = re.compile(r"^\s*(.+)-(\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): (.*)$")
TARGET = re.compile(r"comm=(.*) pid=(\d+) prio=")


@dataclass
class Waking:
    """One thread made another one, which slept, ready to run."""

    time: float  #: seconds of the monotonic clock
    waker: int  #: thread ids
    woken: int


@dataclass
class Record:
    """What was traced of one run."""

    wakings: list[Waking] = field(default_factory=list)
    #: By thread: when it entered which function, in order of time.
    entries: dict[int, list[tuple[float, int]]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def entered(self, thread: int, start: float, end: float) -> list[int]:
        """The functions that a thread entered within a time, in order."""
        entries = self.entries.get(thread, [])
        times = [time for time, _ in entries]
        return [function for _, function in entries[bisect_left(times, start):bisect_left(times, end)]]


class Tracer:
    """Scheduler events, in a buffer of its own (an instance), by a mount of its own. A context: leaving it undoes both."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.probes: list[str] = []

    def __enter__(self) -> "Tracer":
        try:
            self.open()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def open(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="nestbox-tracefs-"))
        self.stack.callback(self.root.rmdir)
        if subprocess.run(["mount", "-t", "tracefs", "nodev", self.root], check=False).returncode != 0:
            raise SystemExit("tracefs cannot be mounted: the kernel needs CONFIG_EVENT_TRACING, and this needs CAP_SYS_ADMIN")
        self.stack.callback(subprocess.run, ["umount", self.root], check=False)
        self.instance = self.root / "instances" / GROUP
        self.instance.mkdir()
        self.stack.callback(self.instance.rmdir)
        self.write("trace_clock", "mono")
        self.write("buffer_size_kb", "16384")
        self.write("events/sched/sched_waking/enable", "1")
        self.stack.callback(self.write, "tracing_on", "0")

    def write(self, name: str, text: str) -> None:
        (self.instance / name).write_text(text)

    def probe(self, functions: list[tuple[str, int]]) -> None:
        """Counts entries of these functions, each a file and an offset in it. To be called once."""
        self.probes = [f"f{index}" for index in range(len(functions))]
        self.define([f"p:{GROUP}/{name} {path}:{offset:#x}" for name, (path, offset) in zip(self.probes, functions, strict=True)])
        self.stack.callback(self.unprobe)
        self.write(f"events/{GROUP}/enable", "1")

    def unprobe(self) -> None:
        """The kernel waits for all processors once for each probe: this takes a minute for a thousand."""
        self.write(f"events/{GROUP}/enable", "0")
        self.define([f"-:{GROUP}/{name}" for name in self.probes])

    def define(self, lines: list[str]) -> None:
        # Appended: the probes of others stay. The kernel takes one write as one command, and no seeking to the end.
        file = os.open(self.root / "uprobe_events", os.O_WRONLY | os.O_APPEND)
        try:
            for line in lines:
                os.write(file, f"{line}\n".encode())
        finally:
            os.close(file)

    def start(self) -> None:
        self.write("trace", "")
        self.write("tracing_on", "1")

    def stop(self) -> Record:
        self.write("tracing_on", "0")
        record = Record()
        with open(self.instance / "trace", errors="replace") as file:
            for line in file:
                if found := LINE.match(line):
                    self.add(record, found)
        record.wakings.sort(key=lambda waking: waking.time)
        for entries in record.entries.values():
            entries.sort()
        return record

    @staticmethod
    def add(record: Record, line: re.Match[str]) -> None:
        name, thread, when, event, rest = line.groups()
        record.names.setdefault(int(thread), name.strip())
        if event == "sched_waking":
            if found := TARGET.match(rest):
                record.names.setdefault(int(found.group(2)), found.group(1))
                record.wakings.append(Waking(float(when), int(thread), int(found.group(2))))
        elif event[0] == "f" and event[1:].isdigit():
            record.entries.setdefault(int(thread), []).append((float(when), int(event[1:])))


def monotonic() -> float:
    """The clock of the trace."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)
