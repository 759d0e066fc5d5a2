"""Programs run bare, in the root of their image: the executables and files that the sandbox has, and nothing around them."""

import ctypes
import json
import os
import signal
import socket
import subprocess
from pathlib import Path

from . import spawning
from .programs import ENVIRONMENT, Program

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 1, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG = 1


def check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0) -> None:
    words = [word.encode() if word else None for word in (source, target, kind)]
    check(LIBC.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), None), f"mount of {target}")


def enter(tree: str) -> None:
    """Makes a tree our root, read-only, with a /box and a /tmp that are gone when we are. The mounts are those of this process."""
    check(LIBC.unshare(CLONE_NEWNS), "unshare")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    below = os.open(tree, os.O_PATH | os.O_DIRECTORY)
    entries = list(os.scandir(tree))
    # What is mounted over the tree has its folders and, besides, the one in which programs run: some know it by name.
    mount("tmpfs", tree, "tmpfs")
    for entry in entries:
        place = f"{tree}/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.name, dir_fd=below), place)
        elif entry.name in ("box", "tmp", "dev", "proc"):
            continue
        elif entry.is_dir():
            os.mkdir(place)
            mount(f"/proc/self/fd/{below}/{entry.name}", place, flags=MS_BIND)
            mount("none", place, flags=MS_REMOUNT | MS_BIND | MS_RDONLY)
    os.close(below)
    for name in ("box", "tmp", "dev", "proc"):
        os.mkdir(f"{tree}/{name}")
    mount("/dev", f"{tree}/dev", flags=MS_BIND | MS_REC)
    mount("/proc", f"{tree}/proc", flags=MS_BIND | MS_REC)
    os.chmod(f"{tree}/tmp", 0o1777)
    os.chroot(tree)
    os.chdir("/box")


class Root:
    """A process of ours that lives in the root of an image and starts programs there when told."""

    def __init__(self, tree: Path):
        self.socket, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                self.socket.close()
                self.serve(str(tree), theirs.makefile("rw"))
                status = 0
            finally:
                os._exit(status)
        theirs.close()
        self.stream = self.socket.makefile("rw")

    @staticmethod
    def serve(tree: str, stream: "socket.SocketIO") -> None:
        """The process itself, in a session of its own: keys pressed at the terminal are not for it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        check(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")
        enter(tree)
        # posix_spawnp looks for programs by our own PATH.
        os.environ.update(ENVIRONMENT)
        for line in stream:
            request = json.loads(line)
            if "told by" in request:
                found = subprocess.run(request["told by"], capture_output=True, text=True, check=False)
                print(json.dumps(found.stdout or found.stderr), file=stream, flush=True)
                continue
            try:
                answer = perform(request)
            except (OSError, spawning.WrongOutcome) as error:
                answer = {"error": f"{request['commands']}: {error}"}
            print(json.dumps(answer), file=stream, flush=True)

    def ask(self, program: Program, **request: object) -> list[float]:
        names = {"commands": program.bare, "file": program.file, "code": program.code, "stdin": program.stdin,
                 "stdout": program.stdout, "environment": program.environment}
        print(json.dumps(names | request), file=self.stream, flush=True)
        answer = json.loads(self.stream.readline() or '{"error": "the process in the root has ended"}')
        if "error" in answer:
            raise SystemExit(f"bare: {answer['error']}")
        return answer["result"]

    def told_by(self, command: list[str]) -> str:
        """What a command of the root prints."""
        print(json.dumps({"told by": command}), file=self.stream, flush=True)
        return json.loads(self.stream.readline() or '""')

    def run(self, program: Program) -> tuple[float, float]:
        """Seconds to the first byte and to the end."""
        first, end = self.ask(program)
        return first, end

    def crowd(self, program: Program, width: int, seconds: float = 0, count: int = 0) -> tuple[int, float]:
        done, elapsed = self.ask(program, width=width, seconds=seconds, count=count)
        return int(done), elapsed

    def close(self) -> None:
        self.stream.close()
        self.socket.close()
        # It may be in the midst of something; later processes may hold a copy of our end, too.
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def perform(request: dict) -> dict[str, object]:
    """One request, in the process of a root."""
    spawning.empty(Path())
    Path(request["file"]).write_text(request["code"])
    commands, environment, expected = request["commands"], request["environment"], request["stdout"].encode()
    if "width" not in request:
        Path(".stdin").write_text(request["stdin"])
        return {"result": spawning.run(commands, environment, expected, ".stdin" if request["stdin"] else "/dev/null")}
    amount = {"width": request["width"], "seconds": request["seconds"], "count": request["count"]}
    return {"result": spawning.crowd(lambda _: commands[0], environment, expected, **amount)}
