"""Programs started by posix_spawn and waited for, one at a time or many at once."""

import os
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Command = Sequence[str]


class WrongOutcome(Exception):
    """A program did not do what it should: nothing that was measured with it is worth anything."""


def empty(folder: Path) -> None:
    """Removes the files of the run before. Folders are not ours: a virtual machine keeps what it measures in one."""
    for left in folder.iterdir() if folder.exists() else []:
        if not left.is_dir():
            left.unlink()


def start(command: Command, environment: dict[str, str]) -> tuple[int, int]:
    """Starts a program with nothing to read: its pid, and where its output comes from."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
    try:
        pid = os.posix_spawnp(command[0], list(command), environment, file_actions=actions)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return pid, reading


def finish(pid: int, output: bytes, expected: bytes) -> None:
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0 or output != expected:
        raise WrongOutcome(f"status {status}, output {output[:200]!r}")


def run(commands: Sequence[Command], environment: dict[str, str], expected: bytes) -> tuple[float, float]:
    """Runs commands one after the other, only the last of which prints: seconds to its first byte, and to its end."""
    began, first = time.monotonic(), 0.0
    for number, command in enumerate(commands, 1):
        pid, reading = start(command, environment)
        output = b""
        while data := os.read(reading, 65536):
            first = first or time.monotonic()
            output += data
        os.close(reading)
        finish(pid, output, expected if number == len(commands) else b"")
    return first - began, time.monotonic() - began


def crowd(
    command: Callable[[int], Command], environment: dict[str, str], expected: bytes, width: int, seconds: float = 0,
    count: int = 0,
) -> tuple[int, float]:
    """Keeps `width` programs running, for some time or until there were `count`: how many ended, and in how long.

    What is still running when the time is over is waited for and not counted. `command` makes the nth command.
    """
    poll, alive, started, done = select.poll(), {}, 0, 0
    began = time.monotonic()
    until = began + seconds if seconds else float("inf")

    def more() -> None:
        nonlocal started
        pid, reading = start(command(started), environment)
        started += 1
        handle = os.pidfd_open(pid)
        alive[handle] = (pid, reading)
        poll.register(handle, select.POLLIN)

    while len(alive) < width and (not count or started < count):
        more()
    while alive:
        for handle, _ in poll.poll():
            poll.unregister(handle)
            pid, reading = alive.pop(handle)
            os.close(handle)
            finish(pid, os.read(reading, 65536), expected)
            os.close(reading)
            if (now := time.monotonic()) < until:
                done, ended = done + 1, now
                if not count or started < count:
                    more()
    return done, (ended if count else until) - began
