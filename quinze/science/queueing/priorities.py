"""Several priorities in one queue, same mean handling time, nobody hangs up, no interruption (Cobham 1954)."""

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise

from quinze.science.queueing.bounds import check
from quinze.science.queueing.erlang import waiting


def mean_waits_s(calls_per_hour: Sequence[float], *, handling_s: float, agents: int) -> tuple[float, ...]:
    """The mean wait of each class, first class served first; infinite from the class that overloads the agents on.

    More agents or fewer calls of a lower class never lengthen a wait *here*. This is false in general (calls of two
    levels, reserved agents): nothing may be concluded from it about them.
    """
    for calls in calls_per_hour:
        check(calls_per_hour=calls)
    check(handling_s=handling_s, staffed=agents)
    loads = [calls * handling_s / 3600 for calls in calls_per_hour]
    total = sum(loads)
    used = [0.0, *(load / agents for load in accumulate(loads))]
    if total >= agents:
        return tuple(_overloaded(used, index, handling_s, agents) for index in range(len(loads)))
    ahead = waiting(agents, load=total) * handling_s / agents
    return tuple(ahead / ((1 - before) * (1 - after)) for before, after in pairwise(used))


def _overloaded(used: Sequence[float], index: int, handling_s: float, agents: int) -> float:
    """With everybody always busy, a class above the overload waits for one end of service, then for its own."""
    before, after = used[index], used[index + 1]
    return handling_s / agents / ((1 - before) * (1 - after)) if after < 1 else math.inf
