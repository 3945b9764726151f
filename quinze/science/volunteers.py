"""How many more volunteers would cover the requests that found nobody.

The published rule, in three steps, each on the careful side:
1. requests without a seat are counted by week; a count is one draw of a Poisson law, whose mean is known within an
   exact interval (Garwood 1936), wide when the figures are small;
2. seats to open a week: as few as hold nine weeks in ten of such a law (not the mean: every other week would lack);
3. a volunteer more gives the hours that a participant owes, no more, and a seat lasts what seats last there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil, exp, lgamma, log

COVERED = 0.9  # of the weeks
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of whole things: from the low end of the interval, from what was observed, from its high end."""

    low: int
    seen: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """`seats` and `volunteers` to add; `hours` a week that the seats of `seen` last."""

    a_week: float
    seats: Bounds
    hours: float
    volunteers: Bounds


def need(*, unmet: int, weeks: float, seat_minutes: float, hours_each: float) -> Need:
    """`unmet` requests without a seat over `weeks` (a part of a week counts as such). ValueError when a figure makes no
    sense: fewer than no request, no time observed, seats or volunteers that last nothing.
    """
    if unmet < 0 or weeks <= 0 or seat_minutes <= 0 or hours_each <= 0:
        raise ValueError("il faut une durée observée, des places et des heures positives, et zéro demande au moins")
    low, high = poisson_interval(unmet)
    seats = Bounds(low=covering(low / weeks), seen=covering(unmet / weeks), high=covering(high / weeks))

    def people(of: int) -> int:
        return ceil(of * seat_minutes / 60 / hours_each - 1e-9)

    return Need(
        a_week=unmet / weeks,
        seats=seats,
        hours=seats.seen * seat_minutes / 60,
        volunteers=Bounds(low=people(seats.low), seen=people(seats.seen), high=people(seats.high)),
    )


def covering(mean: float, *, part: float = COVERED) -> int:
    """The fewest seats that hold a Poisson number of requests of this mean in that part of the weeks."""
    seats = int(mean)
    if mean <= 0:
        return 0
    while seats > 0 and at_most(seats - 1, mean) >= part:
        seats -= 1
    while at_most(seats, mean) < part:
        seats += 1
    return seats


@cache
def poisson_interval(count: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Means that do not make `count` surprising, on either side: exact, by halving (relative error under 1e-9)."""
    tail = (1 - confidence) / 2
    top = count + 10 + 10 * (count + 1) ** 0.5
    high = _solve(lambda mean: at_most(count, mean) > tail, 0.0, top)
    if count == 0:
        return 0.0, high
    return _solve(lambda mean: 1 - at_most(count - 1, mean) < tail, 0.0, float(count)), high


def _solve(too_low: Callable[[float], bool], low: float, high: float) -> float:
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return (low + high) / 2


def at_most(count: int, mean: float) -> float:
    """P(N ≤ count) for a Poisson number of this mean, from its largest term down: no overflow, whatever the mean."""
    if mean <= 0:
        return 1.0
    start = min(count, int(mean))
    top = exp(start * log(mean) - mean - lgamma(start + 1))
    total, term = 0.0, top
    for k in range(start, -1, -1):
        total += term
        term *= k / mean
        if term < total * 1e-17:
            break
    term = top
    for k in range(start + 1, count + 1):
        term *= mean / k
        total += term
    return min(1.0, total)
