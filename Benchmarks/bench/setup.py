"""Everything a measurement stands on: executables, roots, policies of the benchmark's own, services; and their end."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import service

from . import peers
from .bare import Root
from .programs import PROGRAMS, Program
from .report import Report

HOME = Path(service.ROOT)


def beside(nestboxd: str, *names: str) -> str | None:
    """Another executable of the same installation."""
    places = [Path(nestboxd).resolve().parent / name for name in names]
    return next((str(place.resolve()) for place in places if os.access(place, os.X_OK)), None)


class Setup:
    """One run of the benchmark. To be used as a context: leaving it ends everything that it started."""

    def __init__(self, options: Namespace, report: Report):
        self.options, self.report, self.stack = options, report, ExitStack()

    def __enter__(self) -> "Setup":
        self.folder = Path(tempfile.mkdtemp(prefix="nestbox-warm-"))
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self.prepare()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def prepare(self) -> None:
        # nestboxd reads policies as the user it becomes.
        self.folder.chmod(0o755)
        self.trees = self.find_trees()
        self.roots: dict[Path, Root] = {}
        for tree in set(self.trees.values()):
            self.enter_root(tree)
        self.peers, missing = peers.installed(self.folder)
        for name in missing:
            self.report.skip(name, "not installed")
        for peer in self.peers:
            self.stack.callback(peer.close)
        wanted = self.options.programs.split(",") if self.options.programs else [program.name for program in PROGRAMS]
        self.programs = [program for program in PROGRAMS if program.language in self.trees and program.name in wanted]

    def find_trees(self) -> dict[str, Path]:
        """The built roots, by language."""
        nestbox = beside(self.options.nestboxd, "nestbox", "../../bin/nestbox") or "nestbox"
        places = ["--images", HOME / "images", "--state", self.options.state]
        found = subprocess.run([nestbox, "image", "list", "--json", *places], capture_output=True, text=True, check=True)
        images = {image["name"]: image for image in json.loads(found.stdout)}
        trees = {}
        for language in dict.fromkeys(program.language for program in PROGRAMS):
            if images.get(language, {}).get("state") == "built":
                trees[language] = Path(images[language]["path"])
            else:
                self.report.skip(language, f"no root: nestbox image build {language}")
        if "python" not in trees:
            raise SystemExit("the root of the image python is not built")
        return trees

    def enter_root(self, tree: Path) -> Root:
        """A process in this tree, which lives as long as the benchmark."""
        if tree not in self.roots:
            self.roots[tree] = self.stack.enter_context(closing(Root(tree)))
        return self.roots[tree]

    @staticmethod
    def policy_of(image: dict) -> str:
        """The policy that runs of an image get: that of its name, or of the language it is a version of."""
        return image["name"] if (HOME / "policies" / f"{image['name']}.yaml").exists() else image["language"]

    @staticmethod
    def base(policy: str) -> str:
        """The language of a policy: its own name, or what stands before the warmth."""
        return policy if (HOME / "policies" / f"{policy}.yaml").exists() else policy.rpartition("-")[0]

    def root(self, program: Program) -> Root:
        return self.roots[self.trees[program.language]]

    def policies(self, pools: dict[str, str], name: str) -> str:
        """A folder of policies: those that come with Nestbox, with pools of the benchmark's.

        `pools` has the pool's values by policy; `LANGUAGE-WARMTH` is a policy of its own for that language.
        """
        folder = self.folder / "policies" / name
        shutil.copytree(HOME / "policies", folder)
        # Policies that ask for the same sandboxes share a pool, and the first one's size: no others may join.
        kept = {"default", "python", *pools, *(self.base(policy) for policy in pools)}
        for file in folder.glob("*.yaml") if pools else []:
            if file.stem not in kept:
                file.unlink()
        for policy, values in pools.items():
            language = self.base(policy)
            text = f"version: 1\nname: {policy}\nextends: {language}\nimage: {language}\n"
            if policy == language:
                text = re.sub(r"(?m)^pool:.*\n", "", (folder / f"{language}.yaml").read_text())
            (folder / f"{policy}.yaml").write_text(f"{text}pool: {{{values}}}\n")
        large = "limits: {output: 1GiB, cpu: 30s, wall: 60s, idle: 30s}\nceiling: {output: 1GiB}\npool: {min: 0}\n"
        (folder / "large.yaml").write_text(f"version: 1\nname: large\nextends: python\nimage: python\n{large}")
        return str(folder)

    @contextmanager
    def service(self, pools: dict[str, str], *more: str) -> Iterator["Bench"]:
        """A service, one WebSocket to it, and its end."""
        name = f"{len(list((self.folder / 'policies').glob('*')))}"
        policies = self.policies(pools, name)
        server = service.Service(self.options.nestboxd, self.options.state, *more, policies=policies)
        try:
            client = service.Client(server.port)
            try:
                bench = Bench(server, client)
                yield bench
                if bench.timeouts:
                    self.report.note(f"{bench.timeouts} times the pools were still being filled when something was measured "
                                     f"with {', '.join(pools)}")
            finally:
                client.close()
        finally:
            server.stop()


@contextmanager
def closing(root: Root) -> Iterator[Root]:
    try:
        yield root
    finally:
        root.close()


class Bench:
    """A service with one open WebSocket."""

    def __init__(self, server: service.Service, client: service.Client):
        self.server, self.client = server, client
        self.timeouts = 0

    def settle(self, timeout: float = 30) -> bool:
        """Waits until all pools have what they want: refills are no part of the next measurement.

        Pools whose sandboxes cannot be prepared are not waited for. False when it takes too long: what is measured then
        says itself how warm it was.
        """
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            self.client.breathe()
            pools = [pool for pool in self.server.pool_gauges() if pool["healthy"]]
            if all(pool["parked"] >= pool["target"] and not pool["building"] for pool in pools):
                return True
            time.sleep(0.005)
        self.timeouts += 1
        return False
