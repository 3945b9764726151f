"""Several centres answering each other's calls: what one virtual queue gains over as many queues as centres.

Same handling time everywhere, anybody may take any call: the upper bound of mutual help. What help costs (unknown
geography, another directory, a transfer back) is not in a formula.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quinze.science.queueing.bounds import Unacceptable, check
from quinze.science.queueing.staffing import Goal, posts


@dataclass(frozen=True, slots=True)
class Centre:
    name: str
    calls_per_hour: float
    agents: int | None = None
    """None: the least that reaches the goal alone."""


@dataclass(frozen=True, slots=True)
class Alone:
    name: str
    calls_per_hour: float
    agents: int
    served: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Pool:
    centres: tuple[Alone, ...]
    together: float
    """Share of all calls answered in time by one queue, with the same people."""
    enough: int
    """People that give one queue what the centres reach apart."""

    @property
    def agents(self) -> int:
        return sum(centre.agents for centre in self.centres)

    @property
    def apart(self) -> float:
        """Share of all calls answered in time by centres that do not help each other."""
        calls = math.fsum(centre.calls_per_hour for centre in self.centres)
        if calls == 0:
            return 1.0
        return math.fsum(centre.calls_per_hour * centre.served for centre in self.centres) / calls

    @property
    def gain(self) -> float:
        return self.together - self.apart

    @property
    def saved(self) -> int:
        return self.agents - self.enough


def pool(centres: Sequence[Centre], *, handling_s: float, goal: Goal) -> Pool:
    """For one hour. At least two centres; raises Unacceptable for figures that no centre has."""
    if len(centres) < 2:
        raise Unacceptable("Nombre de centres", len(centres), "au moins deux")
    apart = tuple(_alone(centre, handling_s, goal) for centre in centres)
    calls, agents = math.fsum(one.calls_per_hour for one in apart), sum(one.agents for one in apart)
    together = goal.served(calls_per_hour=calls, handling_s=handling_s, agents=agents)
    found = Pool(apart, together, agents)
    same = Goal(target=min(found.apart, 0.9999), within_s=goal.within_s, occupancy=1.0, patience_s=goal.patience_s)
    return Pool(apart, together, min(agents, posts(calls, handling_s=handling_s, goal=same)))


def _alone(centre: Centre, handling_s: float, goal: Goal) -> Alone:
    check(calls_per_hour=centre.calls_per_hour)
    agents = centre.agents
    if agents is None:
        agents = posts(centre.calls_per_hour, handling_s=handling_s, goal=goal)
    served = goal.served(calls_per_hour=centre.calls_per_hour, handling_s=handling_s, agents=agents)
    load = centre.calls_per_hour * handling_s / 3600
    return Alone(centre.name, centre.calls_per_hour, agents, served, load / agents if agents else 0.0)


@dataclass(frozen=True, slots=True)
class Asynchrony:
    """KPI-04: how far the peaks of the centres are from falling together."""

    sum_of_peaks: float
    peak_of_sum: float

    @property
    def potential(self) -> float:
        """Part of the staff of peaks that only the difference of hours would spare; 0: all peaks at once."""
        return 1 - self.peak_of_sum / self.sum_of_peaks if self.sum_of_peaks else 0.0


def asynchrony(calls_by_hour: Sequence[Sequence[float]]) -> Asynchrony:
    """`calls_by_hour`: one sequence of the same hours for each centre."""
    totals = [math.fsum(hour) for hour in zip(*calls_by_hour, strict=True)]
    return Asynchrony(math.fsum(max(centre) for centre in calls_by_hour), max(totals, default=0.0))
