"""A client of nestbox-warden in Python, standard library only: enough of WardenProtocol to make sandboxes and run jobs.

The encoding is that of Sources/WardenProtocol (`*+Wire.swift`): one SOCK_SEQPACKET packet per message; a tag byte,
the sandbox's number, little-endian integers, strings as a 16-bit byte count and UTF-8, lists as a 16-bit count.
Descriptors ride along by SCM_RIGHTS. For benchmarks and for trying things; it trusts the warden it has started.
"""

import array
import fcntl
import os
import re
import socket
import struct
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

VERSION = 8
LIMITS = [
    "cpu", "wall", "idle", "memory", "stack", "processes", "output", "disk", "inodes", "file_size", "open_files", "cpus",
]
VERDICTS = [
    "ok", "nonzero_exit", "signaled", "compile_error", "cpu_limit", "wall_limit", "idle_limit", "memory_limit",
    "output_limit", "disk_limit", "syscall_denied", "cancelled", "internal_error",
]
SECOND = 10**9
# Those of policies/default.yaml, but for `cpus`: all processors, since the bare program has them too.
DEFAULT_LIMITS = {
    "cpu": 30 * SECOND, "wall": 60 * SECOND, "idle": 30 * SECOND, "memory": 512 << 20, "stack": 448 << 20, "processes": 128,
    "output": 1 << 20, "disk": 64 << 20, "inodes": 8192, "file_size": 64 << 20, "open_files": 512,
    "cpus": 1000 * (os.cpu_count() or 1),
}
ENVIRONMENT = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/box", "USER=nestbox", "LANG=C.UTF-8"]


class WardenError(Exception):
    """The warden refused something, went away, or said what is not in its protocol."""


@dataclass
class Interpreter:
    """What is started before there is a job: forked from a zygote of `language`, or booted in the sandbox without one."""

    command: list[str]
    script: str
    language: str = ""
    modules: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=lambda: list(ENVIRONMENT))

    def encoded(self) -> bytes:
        kind = b"\2" + text(self.language) if self.language else b"\1"
        return kind + texts(self.command) + texts(self.environment) + text(self.script) + texts(self.modules)


@dataclass
class Outcome:
    """How a run ended, and when things happened, in nanoseconds of the monotonic clock."""

    verdict: str = ""
    status: int | None = None  #: exit status, or minus the signal
    cpu: int = 0  #: nanoseconds
    memory_peak: int = 0  #: bytes
    stdout: bytes = b""
    stderr: bytes = b""
    times: dict[str, int] = field(default_factory=dict)  #: asked, parked, launched, started, first_byte, closed, finished


def default_syscalls(policies: Path) -> list[str]:
    """The calls of the group @default, sorted: all groups in `policies`/syscalls, which it includes."""
    files = sorted((policies / "syscalls").glob("*.yaml"))
    text = "".join(file.read_text() for file in files)
    names = sorted(set(re.findall(r"\{call: ([a-z0-9_]+)", text)))
    if not names:
        raise WardenError(f"no system calls found under {policies}/syscalls")
    return names


def sealed(contents: bytes) -> int:
    """A memfd with these contents that cannot be changed any more."""
    file = os.memfd_create("upload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(file, "wb", closefd=False) as stream:
        stream.write(contents)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    return file


def text(value: str) -> bytes:
    """A string on the wire."""
    data = value.encode()
    return struct.pack("<H", len(data)) + data


def texts(values: list[str]) -> bytes:
    """A list of strings on the wire."""
    return struct.pack("<H", len(values)) + b"".join(map(text, values))


class Reader:
    """Takes a message apart."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, form: str) -> int:
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def text(self) -> str:
        count = self.take("H")
        self.at += count
        return self.data[self.at - count : self.at].decode()

    def failure(self) -> str:
        stage, index, error, thing = self.text(), self.take("q"), self.take("i"), self.text()
        return f"stage {stage}[{index}] failed for {thing or '-'}: {os.strerror(error)}"


class Warden:
    """A warden of our own; ends, and everything with it, when this is closed."""

    def __init__(self, executable: str, syscalls: list[str], *more: str):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        os.set_inheritable(number, True)
        self.process = subprocess.Popen([executable, "--socket-fd", str(number), *more], pass_fds=[number])
        theirs.close()
        self.socket, self.syscalls, self.last = ours, syscalls, 0
        ours.settimeout(30)
        ours.send(struct.pack("<BI", 1, VERSION))
        tag, reader, _ = self.receive()
        if tag != 65 or reader.take("I") != VERSION:
            raise WardenError("the warden speaks another version")

    def close(self) -> None:
        """Ends the warden and waits for it."""
        self.socket.close()
        self.process.wait(timeout=10)

    def __enter__(self) -> "Warden":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def receive(self) -> tuple[int, Reader, list[int]]:
        """The next event: tag, what follows, descriptors."""
        data, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(28), socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise WardenError("the warden has gone")
        numbers = array.array("i")
        for _, kind, content in ancillary:
            if kind == socket.SCM_RIGHTS:
                numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
        return data[0], Reader(data[1:]), list(numbers)

    def create(
        self, limits: dict[str, int], root: str = "", interpreter: Interpreter | None = None, channel: bool = False
    ) -> bytes:
        """The message that asks for a sandbox, with the host's root unless there is a tree, without network or terminal."""
        self.last += 1
        head = struct.pack("<BQ", 2, self.last) + (b"\1" + text(root) if root else b"\0")
        values = struct.pack(f"<{len(LIMITS)}q", *(limits[name] for name in LIMITS))
        return head + values + struct.pack("<BB", 80, 0) + texts(self.syscalls) + b"\0" + (
            interpreter.encoded() if interpreter else b"\0"
        ) + struct.pack("<???", channel, False, False)

    def park(
        self, root: str = "", interpreter: Interpreter | None = None, channel: bool = False, **limits: int
    ) -> tuple[int, list[int], Outcome]:
        """Makes a sandbox and waits until it is parked: its number, its streams (and channel), and when that was."""
        outcome = Outcome()
        message = self.create(DEFAULT_LIMITS | limits, root, interpreter, channel)
        outcome.times["asked"] = time.monotonic_ns()
        self.socket.send(message)
        streams = self.expect(66, self.last, outcome)
        outcome.times["parked"] = time.monotonic_ns()
        return self.last, streams, outcome

    def start(
        self, parked: tuple[int, list[int], Outcome], arguments: list[str], files: dict[str, bytes],
        environment: list[str] = ENVIRONMENT,
    ) -> None:
        """Lets a parked sandbox go, files and all in one message, and waits for nothing."""
        identifier, _, outcome = parked
        job = texts(arguments) + texts(environment) + texts([]) + struct.pack("<qqq", 0, 0, 1)
        job += struct.pack("<H", len(files))
        for name, content in files.items():
            job += text(name) + b"\0" + struct.pack("<H", len(content)) + content
        outcome.times["launched"] = time.monotonic_ns()
        self.socket.send(struct.pack("<BQ", 4, identifier) + job + b"\0")

    def kill(self, identifier: int) -> None:
        """Ends a sandbox, whatever it does; `finished` follows."""
        self.socket.send(struct.pack("<BQB", 5, identifier, 0))

    def launch(
        self, parked: tuple[int, list[int], Outcome], arguments: list[str], files: dict[str, bytes], stdin: bytes = b"",
        environment: list[str] = ENVIRONMENT,
    ) -> Outcome:
        """Lets a parked sandbox go, files and all in one message, and waits until nothing of it is left."""
        identifier, streams, outcome = parked
        self.start(parked, arguments, files, environment)
        try:
            os.write(streams[0], stdin)
        except BrokenPipeError:  # it has ended without reading
            pass
        os.close(streams[0])
        outcome.stdout = self.drain(streams[1], outcome, "first_byte")
        outcome.stderr = self.drain(streams[2], outcome, "first_error")
        outcome.times["closed"] = time.monotonic_ns()
        self.expect(68, identifier, outcome)
        outcome.times["started"] = time.monotonic_ns()
        self.expect(73, identifier, outcome)
        outcome.times["finished"] = time.monotonic_ns()
        return outcome

    def run(self, arguments: list[str], files: dict[str, tuple[bytes, bool]], **limits: int) -> Outcome:
        """Makes a sandbox, runs a job in it, and waits until nothing of it is left.

        `files` maps a path under /box to its contents and whether it is executable.
        """
        outcome, uploads = Outcome(), {name: sealed(data) for name, (data, _) in files.items()}
        message = self.create(DEFAULT_LIMITS | limits)
        identifier = self.last
        outcome.times["asked"] = time.monotonic_ns()
        self.socket.send(message)
        streams = self.expect(66, identifier, outcome)
        outcome.times["parked"] = time.monotonic_ns()
        for name, (_, executable) in files.items():
            body = struct.pack("<BQ", 3, identifier) + text(name) + struct.pack("<?", executable)
            socket.send_fds(self.socket, [body], [uploads[name]])
            os.close(uploads[name])
        job = texts(arguments) + texts(ENVIRONMENT) + texts([]) + struct.pack("<qqq", 0, 0, 1) + b"\0\0\0"
        self.socket.send(struct.pack("<BQ", 4, identifier) + job)
        os.close(streams[0])
        self.expect(68, identifier, outcome)
        outcome.times["started"] = time.monotonic_ns()
        outcome.stdout = self.drain(streams[1], outcome, "first_byte")
        outcome.stderr = self.drain(streams[2], outcome, "first_error")
        self.expect(73, identifier, outcome)
        outcome.times["finished"] = time.monotonic_ns()
        return outcome

    @staticmethod
    def drain(stream: int, outcome: Outcome, label: str) -> bytes:
        """Everything up to end of file. Good for little output: the two streams are read one after the other."""
        parts = []
        while data := os.read(stream, 65536):
            outcome.times.setdefault(label, time.monotonic_ns())
            parts.append(data)
        os.close(stream)
        return b"".join(parts)

    def expect(self, wanted: int, identifier: int, outcome: Outcome) -> list[int]:
        """Waits for an event about a sandbox; usage and warnings on the way are passed over."""
        while True:
            tag, reader, descriptors = self.receive()
            if reader.take("Q") != identifier or tag in (69, 70):
                continue
            if tag == 67:
                raise WardenError(reader.failure())
            if tag == 73:
                self.finish(reader, outcome)
            if tag == wanted:
                return descriptors
            raise WardenError(f"event {tag} instead of {wanted}: {outcome.verdict}")

    @staticmethod
    def finish(reader: Reader, outcome: Outcome) -> None:
        """Reads how a sandbox ended."""
        outcome.verdict = VERDICTS[reader.take("B")]
        kind = reader.take("B")
        if kind:
            outcome.status = reader.take("B") * (1 if kind == 1 else -1)
        if reader.take("B"):
            reader.take("B"), reader.take("q"), reader.take("q")
        usage = [reader.take("q") for _ in range(11)]
        outcome.cpu, outcome.memory_peak = usage[1], usage[5]
        if reader.take("B"):
            outcome.verdict += ": " + reader.failure()
