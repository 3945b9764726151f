"""Posts for a whole array of slots, compiled. Imported only when an array is computed: numba costs 60 MB and a second.

Each slot is solved alone, from its own rate and duration: nothing is assumed about neighbours. Posts are tried upwards
from the least that the occupancy allows; inverse blocking is carried from one number of posts to the next.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

from quinze.science.queueing import abandonment

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Kept on disk (NUMBA_CACHE_DIR): compiled once for an installation."""
    made: F = numba.njit(cache=True, error_model="numpy")(function)
    return made


UNREACHED = -1
_log_series = compiled(abandonment.log_series)


@compiled
def erlang_c_posts(  # noqa: PLR0917  (compiled functions take no keywords)
    calls_per_hour: Floats, handling_s: Floats, target: float, within_s: float, occupancy: float, least: int, most: int
) -> Counts:
    """One entry per slot; UNREACHED where even `most` posts do not reach the target."""
    found = np.empty(calls_per_hour.size, np.int32)
    for slot in range(calls_per_hour.size):
        load = calls_per_hour[slot] * handling_s[slot] / 3600.0
        if load > 0.0:
            start = max(least, math.ceil(load / occupancy - 1e-9), int(load) + 1)
            found[slot] = _erlang_c_from(start, load, target, within_s / handling_s[slot], most)
        else:
            found[slot] = least
    return found


@compiled
def _erlang_c_from(agents: int, load: float, target: float, within: float, most: int) -> int:
    inverse = _inverse_blocking(agents, load)
    melt, decay = math.exp(-within), math.exp(-(agents - load) * within)
    while agents <= most:
        used = load / agents
        if decay <= (1.0 - target) * (inverse * (1.0 - used) + used):
            return agents
        agents += 1
        inverse = 1.0 + inverse * (agents / load)
        decay *= melt
    return -1


@compiled
def _inverse_blocking(agents: int, load: float) -> float:
    """1 / ErlangB; infinite rather than wrong when blocking is below 1e-308."""
    per_erlang, inverse = 1.0 / load, 1.0
    for busy in range(1, agents + 1):
        inverse = 1.0 + inverse * (busy * per_erlang)
    return inverse


@compiled
def erlang_a_posts(  # noqa: PLR0917  (compiled functions take no keywords)
    calls_per_hour: Floats,
    handling_s: Floats,
    patience_s: float,
    target: float,
    within_s: float,
    occupancy: float,
    least: int,
    most: int,
) -> Counts:
    """As `erlang_c_posts`, where callers hang up; the target is a share of the calls presented."""
    found = np.empty(calls_per_hour.size, np.int32)
    gone = within_s / patience_s
    kept = math.exp(-gone)
    for slot in range(calls_per_hour.size):
        load = calls_per_hour[slot] * handling_s[slot] / 3600.0
        if load > 0.0:
            start = max(least, 1, math.ceil(load / occupancy - 1e-9))
            found[slot] = _erlang_a_from(start, load, patience_s / handling_s[slot], target, gone, kept, most)
        else:
            found[slot] = least
    return found


@compiled
def _erlang_a_from(  # noqa: PLR0917
    agents: int, load: float, ratio: float, target: float, gone: float, kept: float, most: int
) -> int:
    """`ratio`: patience ÷ handling; `gone`: delay ÷ patience; `kept`: exp(−gone)."""
    x = load * ratio
    inverse = _inverse_blocking(agents - 1, load)
    while agents <= most:
        if inverse > 1e290:
            return agents
        whole = _log_series(agents * ratio, x)
        after = _log_series(agents * ratio, x * kept) + x * (1.0 - kept) - agents * ratio * gone
        top = max(whole, after, 0.0)
        one, answered, late, free = (
            math.exp(-top),
            math.exp(whole - top),
            math.exp(after - top),
            inverse * math.exp(-top),
        )
        if free + answered - late >= target * (free + load / agents * (one + answered)):
            return agents
        inverse = 1.0 + inverse * (agents / load)
        agents += 1
    return -1


@compiled
def erlang_a_most_calls(  # noqa: PLR0917  (compiled functions take no keywords)
    last: int, handling_s: float, patience_s: float, target: float, within_s: float, occupancy: float
) -> Floats:
    """Calls per hour that 1, 2, … `last` posts serve at most within the goal: by halving, with the same test."""
    limits = np.empty(last)
    gone = within_s / patience_s
    kept, ratio = math.exp(-gone), patience_s / handling_s
    for agents in range(1, last + 1):
        low, high = 0.0, occupancy * (agents + 1e-9)
        if _erlang_a_from(agents, high, ratio, target, gone, kept, agents) < 0:
            for _ in range(60):
                middle = (low + high) / 2.0
                if _erlang_a_from(agents, middle, ratio, target, gone, kept, agents) < 0:
                    high = middle
                else:
                    low = middle
            high = low
        limits[agents - 1] = high * 3600.0 / handling_s
    return limits
