"""What was measured on, with what, and how busy it was: figures mean nothing without it."""

import os
import platform
import re
import subprocess
from argparse import Namespace
from datetime import datetime, timezone
from pathlib import Path

from .programs import PROGRAMS
from .report import Report
from .setup import Setup


def first_line(*command: str) -> str:
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return (found.stdout or found.stderr).strip().partition("\n")[0]


def cgroups() -> str:
    kinds = {line.split()[2] for line in Path("/proc/mounts").read_text().splitlines() if " cgroup" in line}
    return {frozenset({"cgroup2"}): "v2", frozenset({"cgroup"}): "v1"}.get(frozenset(kinds), "hybrid")


def processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else platform.machine()


def load() -> dict[str, float]:
    """How busy the machine is: load, and the share of time in which some process waits for a processor."""
    found = {"load1": os.getloadavg()[0]}
    pressure = Path("/proc/pressure/cpu")
    if pressure.exists():
        found["pressure10"] = float(re.search(r"some avg10=(\S+)", pressure.read_text()).group(1))
    return found


#: How each language's executables tell their version.
VERSIONS = {
    "python": "python3 --version", "node": "node --version", "ruby": "ruby --version", "perl": "perl -e print$^V",
    "php": "php --version", "lua": "lua5.4 -v", "java": "java -version", "c": "gcc --version", "cpp": "g++ --version",
}


def versions(setup: Setup) -> dict[str, str]:
    """What the roots have: both the sandboxes and the bare programs run it."""
    return {
        language: setup.roots[tree].told_by(VERSIONS[language].split()).strip().partition("\n")[0]
        for language, tree in setup.trees.items()
    }


def facts(options: Namespace) -> dict[str, object]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    debian = Path("/etc/debian_version")
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": {
            "processor": processor(), "processors": os.cpu_count(), "memory_bytes": memory, "kernel": platform.release(),
            "cgroups": cgroups(), "debian": debian.read_text().strip() if debian.exists() else "",
        },
        "versions": {
            "python": platform.python_version(), "bwrap": first_line("bwrap", "--version"),
            "runc": first_line("runc", "--version"),
        },
        "options": {key: value for key, value in vars(options).items() if key != "nestboxd"},
        "bare": {program.name: [" ".join(command) for command in program.bare] for program in PROGRAMS},
    }


def headline(found: dict) -> str:
    machine, before, after = found["machine"], found["load_before"], found["load_after"]
    busy = f"load {before['load1']:.2f} before, {after['load1']:.2f} after"
    if "pressure10" in before:
        busy += f"; a process waited for a processor in {before['pressure10']:.0f} % of the seconds before"
    return (
        f"{found['date']}: {machine['processors']} × {machine['processor']}, {machine['memory_bytes'] / (1 << 30):.0f} GiB, "
        f"Linux {machine['kernel']}, cgroups {machine['cgroups']}\n{busy}\n"
    )


def legend(report: Report, found: dict) -> list[str]:
    """What a reader of the table has to know."""
    lines = [
        "Ratios are of the same quantile, nestbox over bare; for rates more is better. `~`: the other verdict about `must` lies",
        "within the 95 % interval. Bare programs are the root's own executables, started there without any sandbox:",
    ]
    told = {row.key.split("/")[1] for row in report.rows}
    for program in PROGRAMS:
        if not any(name == program.name or name.startswith(program.name + " ") for name in told):
            continue
        commands = " && ".join(" ".join(command) for command in program.bare)
        lines.append(f"  {program.name}: {commands} ({found['roots'].get(program.language, '')})")
    noisy = [
        f"{row.figure.partition(' hello')[0]} {summary['noise']:.0%}" for row in report.rows if row.key.startswith("latency/")
        for summary in [row.details.get("samples", {}).get("bare")] if summary
    ]
    if noisy:
        lines.append(f"Noise (half the distance of the quartiles of bare, of its median): {', '.join(noisy)}.")
    lines += [f"{what} skipped: {why}." for what, why in report.skipped.items()]
    return lines + report.notes
