"""What has to be reached, and what should be: the budgets of every figure that has one, by the figure's key."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Two bounds for a figure, or for its ratio to the bare program's."""

    must: float
    aim: float
    unit: str = "x"  #: `x` is the ratio; all others are the figure's own
    least: bool = False  #: the bounds are from below

    def reached(self, value: float, bound: float) -> bool:
        return value >= bound if self.least else value <= bound

    def text(self, bound: float) -> str:
        sign = "≥" if self.least else "≤"
        return f"{sign} {bound:g} ×" if self.unit == "x" else f"{sign} {bound:,g} {self.unit}".rstrip()

    def verdict(self, value: float, interval: tuple[float, float] | None = None) -> str:
        """`aim met`, `met` or `missed`; with `~` where the other verdict about `must` lies within the noise."""
        met = self.reached(value, self.must)
        word = "aim met" if self.reached(value, self.aim) else "met" if met else "missed"
        unsure = interval is not None and any(self.reached(end, self.must) != met for end in interval)
        return word + (" ~" if unsure else "")


AGAIN = Budget(4, 2, "ms")

BUDGETS = {
    "latency/python/p50": Budget(0.2, 0.11),
    "latency/python/p99": Budget(0.7, 0.4),
    "latency/node/p50": Budget(0.12, 0.08),
    "latency/ruby/p50": Budget(0.3, 0.15),
    "latency/php/p50": Budget(0.35, 0.2),
    "latency/java/p50": Budget(0.09, 0.05),
    "latency/c/p50": Budget(0.8, 0.6),
    "latency/c++ iostream/p50": Budget(0.25, 0.2),
    "latency/c++ bits/p50": Budget(0.25, 0.15),
    "again/java/p50": AGAIN,
    "again/c/p50": AGAIN,
    "again/c++ iostream/p50": AGAIN,
    "again/c++ bits/p50": AGAIN,
    "lone/python/p50": Budget(0.3, 0.2),
    "saturated/python/best": Budget(3, 4.5, least=True),
    "saturated/node/best": Budget(2, 4, least=True),
    "saturated/perl/best": Budget(0.9, 1, least=True),
    "saturated/lua/best": Budget(0.9, 1, least=True),
    "burst/python": Budget(0.5, 0.3),
    "memory/python/one more": Budget(1, 1, "MiB"),
    "memory/python/parked": Budget(1000, 5000, "", least=True),
    "variants/python cold/overhead": Budget(3.5, 2.5, "ms"),
    "stream/rate": Budget(0.75, 0.9, least=True),
    "sessions/open": Budget(5, 3, "ms"),
    "sessions/cell": Budget(1, 0.5, "ms"),
    "limits/wall": Budget(20, 5, "ms"),
    "limits/cpu": Budget(20, 5, "ms"),
    "limits/bomb": Budget(100, 30, "ms"),
}
