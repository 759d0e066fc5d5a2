"""Every language whose root is built: its check program cold, as warm as it can be, and bare."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import sample
from .latency import REHEARSALS, Warmth, turns
from .programs import ENVIRONMENT, Program
from .report import Report
from .setup import HOME, Bench, Setup, beside


@dataclass
class Language:
    """What `nestbox image show` says about an image, and what was measured."""

    image: dict
    #: Seconds of each run, by the way it was run.
    times: dict[str, list[float]] = field(default_factory=lambda: {"cold": [], "warm": [], "bare": []})
    warmth: Warmth = field(default_factory=Warmth)
    failure: str = ""

    @property
    def name(self) -> str:
        return self.image["name"]

    def program(self) -> Program:
        """The check program, with the image's own commands."""
        compile_step, check = self.image.get("compile"), self.image["check"]
        commands = ([compile_step["run"]] if compile_step else []) + [self.image["run"]]
        environment = ENVIRONMENT | dict(entry.split("=", 1) for entry in self.image["env"])
        return Program(
            self.name, self.name, self.image["file"], check["code"], tuple(tuple(command) for command in commands),
            stdin=check["stdin"], stdout=check["stdout"], environment=environment)

    def milliseconds(self, way: str) -> float | None:
        return sample.point(self.times[way], 0.5) * 1e3 if self.times[way] else None


def built(setup: Setup, names: list[str]) -> list[Language]:
    """All languages, or those of these names, that can be run here."""
    nestbox = beside(setup.options.nestboxd, "nestbox", "../../bin/nestbox") or "nestbox"
    places = ["--images", HOME / "images", "--state", setup.options.state]
    found = subprocess.run(
        [nestbox, "image", "show", "--json", *(names or ["--all"]), *places], stdout=subprocess.PIPE, check=True)
    languages = []
    for image in json.loads(found.stdout):
        if image.get("path"):
            languages.append(Language(image))
        else:
            setup.report.skip(image["name"], f"{image['state']}: nestbox image build {image['name']}")
    return languages


def submit(bench: Bench, program: Program, warmth: Warmth) -> float:
    """One run, compiled again: seconds to `finished`."""
    found = bench.client.run({"language": program.name, "code": program.code, "stdin": program.stdin, "cache": "off"})
    if found["verdict"] != "ok" or found["output"] != program.stdout:
        raise RuntimeError(f"{program.name}: {found['verdict']}, {found['output'][:200]!r}")
    warmth["+".join(found["warm"].values())] += 1
    return found["seconds"]


def measure(setup: Setup, cold: Bench, language: Language) -> None:
    """All ways in turns; the pools are filled ahead of each warm one."""
    program = language.program()
    root = setup.enter_root(Path(language.image["path"]))
    # The policy that the language's runs get is named like the image, or like the language it is a version of.
    with setup.service({setup.policy_of(language.image): "min: 1, max: 2, warm: fork"}) as warm:
        ways = {
            "cold": lambda: submit(cold, program, Warmth()),
            "warm": lambda: submit(warm, program, language.warmth),
            "bare": lambda: root.run(program)[1],
        }
        for number in range(-REHEARSALS, setup.options.runs):
            if number == 0:
                language.warmth.clear()
            for way in turns(list(ways), number):
                warm.settle()
                seconds = ways[way]()
                if number >= 0:
                    language.times[way].append(seconds)


def table(languages: list[Language]) -> str:
    """Markdown, as docs/languages.md has it."""
    lines = [
        "| language | version | cold ms | warm ms | | bare ms | warm / bare | root MiB |",
        "| --- | --- | ---: | ---: | --- | ---: | ---: | ---: |",
    ]
    for language in languages:
        cells = [language.milliseconds(way) for way in ("cold", "warm", "bare")]
        cold, warm, bare = (f"{cell:.0f}" if cell and cell >= 10 else f"{cell:.1f}" if cell else "–" for cell in cells)
        ratio = f"{cells[1] / cells[2]:.2f}" if cells[1] and cells[2] else "–"
        size = f"{language.image['bytes'] / (1 << 20):.0f}" if language.image.get("bytes") else "–"
        version = language.image.get("version", "–")
        lines.append(
            f"| {language.name} | {version} | {cold} | {warm} | {language.warmth.text()} | {bare} "
            f"| {ratio} | {size} |")
    return "\n".join(lines)


def run(setup: Setup, names: list[str], report: Report, told) -> list[Language]:
    """Measures one language after the other. One that cannot be measured is no loss to the others."""
    languages = built(setup, names)
    with setup.service({}, "--pool-sandboxes", "0") as cold:
        for number, language in enumerate(languages, 1):
            try:
                measure(setup, cold, language)
            except (Exception, SystemExit) as error:
                language.failure = str(error) or type(error).__name__
                report.note(f"{language.name} failed: {language.failure}")
            told(f"[{number}/{len(languages)}] {language.name}: {language.failure or 'measured'}")
    return languages
