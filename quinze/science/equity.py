"""How evenly solicitations fall on those who offer time: Lorenz curve, Gini coefficient, and what chance alone gives.

A share is (weight, value): hours offered, solicitations received. Perfect equity is "each is asked in proportion to the
hours offered", whatever the hours; the coefficient is then 0. It tends to 1 when one person receives everything.
"""

import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Share = tuple[float, float]
MOST_DRAWS, LEAST_DRAWS, WORK = 40, 4, 20_000


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the Lorenz curve: `value` is the part of all solicitations received by those who, together, offered
    the part `weight` of all hours, the least solicited first.
    """

    weight: float
    value: float


def rate(value: float, weight: float) -> float | None:
    """Solicitations per hour offered; None without any hour (asked outside of every opening, or not at all)."""
    return value / weight if weight > 0 else None


def lorenz(shares: Iterable[Share]) -> tuple[Point, ...]:
    """From (0, 0) to (1, 1), below the diagonal. Empty when nobody was asked, or nobody offered an hour.

    Those asked without having offered anything come last, on the vertical of 1. Raises ValueError for a negative share.
    """
    kept = sorted((share for share in shares if _counts(share)), key=_steepness)
    hours, asked = sum(weight for weight, _ in kept), sum(value for _, value in kept)
    if hours <= 0 or asked <= 0:
        return ()
    weights = accumulate(weight for weight, _ in kept)
    values = accumulate(value for _, value in kept)
    return (Point(0.0, 0.0), *(Point(w / hours, v / asked) for w, v in zip(weights, values, strict=True)))


def _counts(share: Share) -> bool:
    weight, value = share
    if weight < 0 or value < 0:
        raise ValueError("une part d'heures ou de sollicitations ne peut pas être négative")
    return weight > 0 or value > 0


def _steepness(share: Share) -> float:
    weight, value = share
    return value / weight if weight > 0 else float("inf")


def received_by(curve: Sequence[Point], weight: float) -> float:
    """What part of the solicitations goes to the least solicited `weight` (0 to 1) of the hours, between two points."""
    for before, after in pairwise(curve):
        if after.weight >= weight:
            wide = after.weight - before.weight
            part = (weight - before.weight) / wide if wide > 0 else 0.0
            return before.value + part * (after.value - before.value)
    return 1.0


def gini(shares: Iterable[Share]) -> float | None:
    """Twice the area between the diagonal and the Lorenz curve, in [0, 1]; None when there is nothing to compare."""
    curve = lorenz(shares)
    if not curve:
        return None
    pairs = pairwise(curve)
    below = sum((after.weight - before.weight) * (after.value + before.value) for before, after in pairs)
    return min(1.0, max(0.0, 1.0 - below))


def gini_by_chance(weights: Sequence[float], total: int, *, seed: int = 0) -> float | None:
    """The coefficient that would be seen if `total` solicitations fell at random, in proportion to the hours.

    A few solicitations cannot be spread evenly over many people: a week of 10 calls among 50 doctors has a high
    coefficient without any injustice. The mean of a fixed number of draws from a fixed seed, so the same figures always
    give the same answer; the standard error is about 0.01.
    """
    offered = [weight for weight in weights if weight > 0]
    if not offered or total <= 0:
        return None
    chance, heights = random.Random(seed), list(accumulate(offered))  # noqa: S311  (statistics, not a secret)
    draws = max(LEAST_DRAWS, min(MOST_DRAWS, WORK // (len(offered) + total)))
    found = [gini(_drawn(offered, heights, total, chance)) or 0.0 for _ in range(draws)]
    return sum(found) / draws


def _drawn(weights: list[float], heights: list[float], total: int, chance: random.Random) -> list[Share]:
    last = len(weights) - 1
    hits = Counter(min(last, bisect(heights, chance.random() * heights[-1])) for _ in range(total))
    return [(weight, hits[index]) for index, weight in enumerate(weights)]


def median(values: Iterable[float]) -> float | None:
    """The middle value, the mean of the two middle ones; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
