"""Programs started by posix_spawn and waited for, one at a time or many together."""

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


def start(command: Command, environment: dict[str, str], stdin: str = "/dev/null") -> tuple[int, int]:
    """Starts a program that reads a file: its pid, and where its output comes from."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0)]
    try:
        pid = os.posix_spawnp(command[0], list(command), environment, file_actions=actions)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return pid, reading


def finish(pid: int, output: bytes, expected: bytes | None) -> None:
    """Waits for a program; what it printed does not matter where nothing is expected."""
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0 or expected is not None and output != expected:
        raise WrongOutcome(f"status {status}, output {output[:200]!r}")


def run(
    commands: Sequence[Command], environment: dict[str, str], expected: bytes, stdin: str = "/dev/null",
) -> tuple[float, float]:
    """Runs commands one after the other, the last of which reads and prints: seconds to its first byte, and to its end."""
    began, first = time.monotonic(), 0.0
    for number, command in enumerate(commands, 1):
        is_last = number == len(commands)
        pid, reading = start(command, environment, stdin if is_last else "/dev/null")
        output = b""
        while data := os.read(reading, 65536):
            if is_last:
                first = first or time.monotonic()
            output += data
        os.close(reading)
        finish(pid, output, expected if is_last else None)
    return first - began, time.monotonic() - began


def crowd(
    command: Callable[[int], Command], environment: dict[str, str], expected: bytes, width: int, seconds: float = 0,
    count: int = 0,
) -> tuple[int, float]:
    """Keeps `width` programs running until some time has passed or there were `count`: how many, and in how long.

    The last ones are waited for, and counted: what is slow is not left out. `command` makes the nth command.
    """
    poll, alive, started = select.poll(), {}, 0
    began = time.monotonic()

    def wanted() -> bool:
        return started < count if count else time.monotonic() - began < seconds

    def more() -> None:
        nonlocal started
        pid, reading = start(command(started), environment)
        started += 1
        handle = os.pidfd_open(pid)
        alive[handle] = (pid, reading)
        poll.register(handle, select.POLLIN)

    while len(alive) < width and wanted():
        more()
    while alive:
        for handle, _ in poll.poll():
            poll.unregister(handle)
            pid, reading = alive.pop(handle)
            os.close(handle)
            finish(pid, os.read(reading, 65536), expected)
            os.close(reading)
            if wanted():
                more()
    return started, time.monotonic() - began
