"""Calls that come and go: how many people are busy at each instant when the rate changes (modified offered load).

m(t) = ∫ λ(t − u) P(S > u) du. Erlang A or C on m(t) instead of λ(t) × E[S] puts the peak of work after that of calls,
where it is. Rates are constant inside a slot; durations are exponential, or lognormal when a spread is given.
"""

import math
from collections.abc import Callable, Sequence
from itertools import count

from quinze.science.queueing.bounds import check

Area = Callable[[float], float]


def loads(
    calls_per_hour: Sequence[float], *, slot_s: float, handling_s: float, spread: float | None = None
) -> list[float]:
    """The mean load of each slot, in erlangs; the sequence goes round (after the last slot comes the first again).

    `spread`: coefficient of variation of a lognormal duration, 0 for a constant one; None: exponential.
    """
    check(slot_s=slot_s, handling_s=handling_s)
    for calls in calls_per_hour:
        check(calls_per_hour=calls)
    shares = _shares(_area(handling_s, spread), slot_s, handling_s)
    rates, size = [calls / 3600 for calls in calls_per_hour], len(calls_per_hour)
    return [
        handling_s * sum(share * rates[(slot - lag) % size] for lag, share in enumerate(shares)) for slot in range(size)
    ]


def _shares(area: Area, slot_s: float, handling_s: float) -> list[float]:
    """Which part of the work of a slot's calls is done in it, in the next one, … until nothing is left to speak of."""
    done, slopes = [0.0], [0.0]
    shares: list[float] = []
    for slot in count(1):
        done.append(area(slot * slot_s))
        slopes.append(done[-1] - done[-2])
        shares.append((slopes[-1] - slopes[-2]) / (slot_s * handling_s))
        if sum(shares) > 1 - 1e-9 or slot == 5_000:
            break
    return shares


def _area(handling_s: float, spread: float | None) -> Area:
    """u → ∫₀ᵘ E[min(S, v)] dv: the work done by u, for one call per second since 0."""
    if spread is None:
        return lambda u: handling_s * u + handling_s * handling_s * math.expm1(-u / handling_s)
    variance = math.log1p(spread * spread)
    if variance == 0:
        return lambda u: u * u / 2 if u < handling_s else handling_s * (u - handling_s / 2)
    return lambda u: _lognormal_area(u, handling_s, math.log(handling_s) - variance / 2, math.sqrt(variance))


def _lognormal_area(u: float, mean: float, centre: float, sigma: float) -> float:
    """u E[S; S<u] − E[S²; S<u]/2 + u²/2 P(S>u), each a partial moment of the lognormal law."""
    place = (math.log(u) - centre) / sigma
    square = mean * mean * math.exp(sigma * sigma)
    return u * mean * _normal(place - sigma) - square * _normal(place - 2 * sigma) / 2 + u * u / 2 * _normal(-place)


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))
