"""Quantiles of what was measured, and how far chance may have moved them."""

import random
import statistics
from collections.abc import Sequence

RESAMPLES = 400


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the others does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def point(values: Sequence[float], share: float) -> float:
    return statistics.median(values) if share == 0.5 else quantile(values, share)


def interval(values: Sequence[float], share: float = 0.5) -> tuple[float, float]:
    """95 % of the quantiles of samples drawn from this one (percentile bootstrap). The same sample gives the same one."""
    return spread([point(drawn, share) for drawn in draws(values)])


def ratio_interval(left: Sequence[float], right: Sequence[float], share: float = 0.5) -> tuple[float, float]:
    """The same for the ratio of two quantiles, drawn in pairs: what moved both of a pair cancels out."""
    pairs = list(zip(left, right, strict=True))
    return spread([
        point([pair[0] for pair in drawn], share) / point([pair[1] for pair in drawn], share) for drawn in draws(pairs)
    ])


def noise(values: Sequence[float]) -> float:
    """Half of what lies between the quartiles, as a share of the median: how unsteady the machine was."""
    return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / statistics.median(values)


def draws(values: Sequence) -> list[list]:
    chance = random.Random(len(values))
    return [chance.choices(values, k=len(values)) for _ in range(RESAMPLES)]


def spread(values: list[float]) -> tuple[float, float]:
    return quantile(values, 0.025), quantile(values, 0.975)


def summary(values: Sequence[float], digits: int = 3) -> dict[str, object]:
    """All that is reported of a sample of milliseconds, for JSON."""
    low, high = interval(values)
    found = {name: round(point(values, share), digits) for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))}
    return found | {
        "runs": len(values), "p50_interval": [round(low, digits), round(high, digits)], "noise": round(noise(values), 3),
        "least": round(min(values), digits), "most": round(max(values), digits),
    }
