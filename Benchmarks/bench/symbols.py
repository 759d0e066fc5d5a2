"""The functions of our own that an executable has, by its symbols and debug information."""

import re
import shutil
import subprocess
from pathlib import Path

from .setup import HOME

#: Mangled names of functions and methods: not initializers, accessors, closures, thunks or operators.
SWIFT = re.compile(r"^\$s(\d+)(\w+?)FZ?$")
OTHERS = re.compile(r"o[ipP]FZ?$|__derived_|4hash4into")


def modules(path: Path) -> set[str]:
    """Modules whose sources are those of a package itself and not of what it depends on, by the paths in debug information."""
    data, found = path.read_bytes(), set()
    for match in re.finditer(rb"/Sources/([\w-]+)[/\0]", data):
        if b"/checkouts/" not in data[data.rfind(b"\0", 0, match.start()):match.start() + 1]:
            found.add(match.group(1).decode().replace("-", "_"))
    return found


def segments(path: Path) -> list[tuple[int, int, int]]:
    """Where in the file the executable's addresses lie: offset, address, size."""
    text = subprocess.run(["readelf", "-lW", path], capture_output=True, text=True, check=True).stdout
    return [tuple(int(part, 16) for part in found) for found in re.findall(r"LOAD\s+(0x\w+) (0x\w+) 0x\w+ (0x\w+)", text)]


def functions(path: Path, known: set[str]) -> list[tuple[str, str, int]]:
    """Module, name and file offset of each function of ours. Empty without symbols.

    Swift's are known by the module in their name, `known` and nothing else; C's by where their source is.
    """
    found, loads = {}, segments(path)
    swift = subprocess.run(["nm", "--defined-only", path], capture_output=True, text=True, check=False).stdout
    symbols = [line.split() for line in swift.splitlines()]
    for address, kind, name in (parts for parts in symbols if len(parts) == 3):
        if kind in "tT" and (match := SWIFT.match(name)) and not OTHERS.search(name):
            module = match.group(2)[:int(match.group(1))]
            if module in known:
                found[int(address, 16)] = (module, name)
    # addr2line for every symbol is slow where there are a hundred thousand: those executables have no C of ours on a run's way.
    if len(symbols) < 20_000:
        lines = subprocess.run(["nm", "-l", "--defined-only", path], capture_output=True, text=True, check=False).stdout
        for address, name, file in re.findall(r"(?m)^(\w+) [tT] (\w+)\t.*/Sources/(\S+\.[ch]):\d+$", lines):
            found[int(address, 16)] = (file.partition("/")[0], name)
    names = demangled([name for _, name in found.values()])
    return [
        (module, names.get(name, name), address - start + offset)
        for address, (module, name) in sorted(found.items())
        for offset, start, size in loads if start <= address < start + size
    ]


def demangled(names: list[str]) -> dict[str, str]:
    """Readable names, where a Swift toolchain is in PATH."""
    if not names or not shutil.which("swift"):
        return {}
    text = subprocess.run(["swift", "demangle", "-simplified"], input="\n".join(names), capture_output=True, text=True, check=True)
    return dict(zip(names, text.stdout.splitlines(), strict=True))
