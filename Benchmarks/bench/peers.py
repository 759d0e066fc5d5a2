"""The same programs in the sandboxes of others: bubblewrap and runc, as Debian packages them, on the root of the image."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from . import spawning
from .programs import ENVIRONMENT, HELLO, Program


class Peer:
    """A program that makes one sandbox for one command, and is gone with it."""

    name: str
    executable: str

    def __init__(self, folder: Path):
        self.folder = folder / self.name
        self.last = 0

    def place(self, program: Program) -> Path:
        """A folder of the program's own with its file in it: the sandbox's /tmp."""
        place = self.folder / program.name.replace(" ", "-") / "work"
        spawning.empty(place)
        place.mkdir(parents=True, exist_ok=True)
        (place / program.file).write_text(program.code)
        return place

    def command(self, program: Program, root: Path, place: Path) -> list[str]:
        raise NotImplementedError

    def run(self, program: Program, root: Path) -> tuple[float, float]:
        place = self.place(program)
        return spawning.run([self.command(program, root, place)], dict(os.environ), HELLO)

    def crowd(self, program: Program, root: Path, width: int, seconds: float = 0, count: int = 0) -> tuple[int, float]:
        place = self.place(program)
        return spawning.crowd(
            lambda _: self.command(program, root, place), dict(os.environ), HELLO, width, seconds, count)

    def close(self) -> None:
        """Ends what may be left after an interruption."""


class Bubblewrap(Peer):
    """All namespaces, a read-only root. It has no cgroups, and no filter of its own."""

    name, executable = "bwrap", "bwrap"

    def command(self, program: Program, root: Path, place: Path) -> list[str]:
        words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
        for key, value in ENVIRONMENT.items():
            words += ["--setenv", key, value]
        words += ["--ro-bind", str(root), "/", "--dev", "/dev", "--proc", "/proc", "--bind", str(place), "/tmp"]
        return [*words, "--chdir", "/tmp", "--", *program.script()]


class Runc(Peer):
    """What `runc spec` proposes, with limits of memory and processes. No filter: the proposal has none."""

    name, executable = "runc", "runc"

    def command(self, program: Program, root: Path, place: Path) -> list[str]:
        bundle = place.parent
        if not (bundle / "config.json").exists():
            subprocess.run(["runc", "spec", "--bundle", bundle], check=True)
            settings = json.loads((bundle / "config.json").read_text())
            self.adapt(settings, program, root, place)
            (bundle / "config.json").write_text(json.dumps(settings))
        self.last += 1
        name = f"nestbox-bench-{os.getpid()}-{self.last}"
        return ["runc", "--root", str(self.folder / "state"), "run", "--bundle", str(bundle), name]

    @staticmethod
    def adapt(settings: dict, program: Program, root: Path, place: Path) -> None:
        settings["root"] = {"path": str(root), "readonly": True}
        settings["process"].update(
            terminal=False, cwd="/tmp", args=program.script(), rlimits=[],
            env=[f"{key}={value}" for key, value in ENVIRONMENT.items()])
        kept = [mount for mount in settings["mounts"] if mount["type"] not in ("cgroup", "sysfs")]
        options = ["rbind", "rw", "nosuid", "nodev"]
        own = {"destination": "/tmp", "type": "bind", "source": str(place), "options": options}
        settings["mounts"] = [*kept, own]
        settings["linux"]["resources"] |= {"memory": {"limit": 512 << 20}, "pids": {"limit": 64}}

    def close(self) -> None:
        state = self.folder / "state"
        for left in state.iterdir() if state.exists() else []:
            subprocess.run(["runc", "--root", state, "delete", "--force", left.name], check=False)


PEERS = [Bubblewrap, Runc]


def installed(folder: Path) -> tuple[list[Peer], list[str]]:
    """Those that are there, and the names of those that are not."""
    here = [kind(folder) for kind in PEERS if shutil.which(kind.executable)]
    return here, [kind.executable for kind in PEERS if not shutil.which(kind.executable)]
