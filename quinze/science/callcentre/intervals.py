"""How sure a mean of independent replications is. Without scipy: half a second of import, in a process that answers
pages."""

from dataclasses import dataclass
from functools import cache
from math import cos, isnan, nan, pi, sin, sqrt, tan
from statistics import fmean, stdev


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Mean of the replications; the true mean is within `half_width` with 95 % confidence (Student). One replication
    has no interval: NaN."""

    mean: float
    half_width: float

    @property
    def bounds(self) -> tuple[float, float]:
        return self.mean - self.half_width, self.mean + self.half_width

    def holds(self, value: float) -> bool:
        return abs(value - self.mean) <= self.half_width


def interval(values: list[float], *, confidence: float = 0.95) -> Interval:
    """Of the values that are not NaN."""
    known = [float(value) for value in values if not isnan(value)]
    if not known:
        return Interval(mean=nan, half_width=nan)
    if len(known) == 1:
        return Interval(mean=known[0], half_width=nan)
    half_width = student(confidence, len(known) - 1) * stdev(known) / sqrt(len(known))
    return Interval(mean=fmean(known), half_width=half_width)


@cache
def student(confidence: float, freedom: int) -> float:
    """t such that |T| ≤ t with this probability, `freedom` a whole number of degrees: by halving (1e-12)."""
    low, high = 0.0, pi / 2
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return tan(low) * sqrt(freedom)


def _within(angle: float, freedom: int) -> float:
    """P(|T| ≤ √freedom · tan(angle)): Abramowitz and Stegun, 26.7.3 and 26.7.4, exact for whole degrees."""
    odd = freedom % 2
    term, total = (cos(angle) if odd else 1.0), 0.0
    for power in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cos(angle) ** 2 * (power - 1) / power
    if odd:
        return 2 / pi * (angle + sin(angle) * total)
    return sin(angle) * total
