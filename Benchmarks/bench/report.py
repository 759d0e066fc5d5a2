"""The figures, as rows: one table for people, one JSON object with everything for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from . import sample
from .budgets import BUDGETS

COLUMNS = ["figure", "nestbox", "bare", "bwrap", "runc", "ratio", "must", "aim", "verdict"]
WAYS = ("nestbox", "bare", "bwrap", "runc")
#: With fewer runs these quantiles would be the worst run, and nothing else.
LEAST_RUNS = {"p90": 10, "p99": 50}


@dataclass
class Row:
    """One figure: its value in every way in which it was measured."""

    key: str
    figure: str
    unit: str
    values: dict[str, float]
    ratio: float | None = None
    interval: tuple[float, float] | None = None  #: of the ratio, or of nestbox where the budget is no ratio
    verdict: str = ""
    details: dict[str, object] = field(default_factory=dict)

    def cells(self) -> list[str]:
        budget = BUDGETS.get(self.key)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} ×"
        values = [number(self.values.get(way), self.unit) for way in WAYS]
        bounds = [budget.text(budget.must), budget.text(budget.aim)] if budget else ["", ""]
        return [self.figure, *values, ratio, *bounds, self.verdict]


def number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()


class Report:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.skipped: dict[str, str] = {}
        self.notes: list[str] = []

    def skip(self, what: str, why: str) -> None:
        self.skipped[what] = why

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def add(
        self, key: str, figure: str, unit: str, values: dict[str, float], ratio: float | None = None,
        interval: tuple[float, float] | None = None, **details: object,
    ) -> None:
        """A figure. Without a ratio of its own it is that of nestbox to bare; what a budget is about is judged."""
        if ratio is None and "nestbox" in values and values.get("bare"):
            ratio = values["nestbox"] / values["bare"]
        row = Row(key, figure, unit, values, ratio, interval, details=details)
        if budget := BUDGETS.get(key):
            subject = ratio if budget.unit == "x" else values["nestbox"]
            row.verdict = budget.verdict(subject, interval) if subject is not None else "not measured"
        self.rows.append(row)

    def quantiles(self, section: str, name: str, label: str, samples: dict[str, Sequence[tuple[float, float]]], **details) -> None:
        """Rows for p50, p90 and p99 of the end and p50 of the first byte. Samples are pairs (first byte, end), in seconds."""
        ends = {way: [end * 1e3 for _, end in pairs] for way, pairs in samples.items()}
        firsts = {way: [first * 1e3 for first, _ in pairs] for way, pairs in samples.items()}
        summaries = {way: sample.summary(values) for way, values in ends.items()}
        runs = len(ends["nestbox"])
        for word, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("first byte, p50", 0.5)):
            if runs < LEAST_RUNS.get(word, 1):
                continue
            chosen = firsts if word.startswith("first") else ends
            key = f"{section}/{name}/{word}"
            budget, interval = BUDGETS.get(key), None
            if budget and budget.unit != "x":
                interval = sample.interval(chosen["nestbox"], share)
            elif "bare" in chosen:
                interval = sample.ratio_interval(chosen["nestbox"], chosen["bare"], share)
            values = {way: sample.point(times, share) for way, times in chosen.items()}
            self.add(key, f"{label}: {word}", "ms", values, interval=interval, samples=summaries, **details)
            details, summaries = {}, {}

    def table(self) -> str:
        """Markdown, aligned for eyes too; empty columns are left out."""
        rows = [row.cells() for row in self.rows]
        used = [index for index in range(len(COLUMNS)) if index < 3 or any(row[index] for row in rows)]
        lines = [[COLUMNS[index] for index in used], *([row[index] for index in used] for row in rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(used))]
        # Names and verdicts to the left, numbers to the right.
        left = [COLUMNS[index] in ("figure", "verdict") for index in used]
        rule = ["-" * width if first else "-" * (width - 1) + ":" for width, first in zip(widths, left, strict=True)]
        text = []
        for line in [lines[0], rule, *lines[1:]]:
            cells = [cell.ljust(width) if first else cell.rjust(width)
                     for cell, width, first in zip(line, widths, left, strict=True)]
            text.append("| " + " | ".join(cells) + " |")
        return "\n".join(text)

    def json(self, **more: object) -> str:
        rows = []
        for row in self.rows:
            budget = BUDGETS.get(row.key)
            rows.append(asdict(row) | {"budget": asdict(budget) if budget else None})
        found = more | {"rows": rows, "skipped": self.skipped, "notes": self.notes}
        return json.dumps(found, indent=1, default=str, ensure_ascii=False)
