"""One level or two, hour by hour, with the same people and the same work: which answers sooner, and where others wait.

Erlang C on both sides, so that they are compared like with like; both are optimistic in the same way.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from quinze.science.queueing.bounds import Unacceptable, check
from quinze.science.queueing.erlang import ErlangC, erlang_c
from quinze.science.queueing.fluid import BiLevel
from quinze.science.queueing.tandem import TwoLevels, with_hold


@dataclass(frozen=True, slots=True)
class Compared:
    calls_per_hour: float
    agents: int
    level_1: int
    level_2: int
    one: ErlangC
    two: TwoLevels
    within_s: float

    @property
    def one_served(self) -> float:
        return self.one.served_within(self.within_s)

    @property
    def two_served(self) -> float:
        return self.two.answered_within(self.within_s)

    @property
    def gain(self) -> float:
        return self.two_served - self.one_served


def compare(
    model: BiLevel, *, calls_per_hour: float, agents: int, within_s: float = 30, level_1: int | None = None
) -> Compared:
    """At least two people. `level_1` None: the better of the two splits around the ratio of the work."""
    check(calls_per_hour=calls_per_hour, within_s=within_s)
    if agents < 2:
        raise Unacceptable("Nombre de personnes", agents, "au moins deux : une par niveau")
    if level_1 is not None and not 1 <= level_1 < agents:
        raise Unacceptable("Postes de niveau 1", level_1, f"un nombre entier de 1 à {agents - 1}")
    one = erlang_c(calls_per_hour=calls_per_hour, handling_s=model.workload_s, agents=agents)
    fronts = splits(model, agents) if level_1 is None else (level_1,)
    tried = [
        Compared(
            calls_per_hour, agents, front, agents - front, one, _two(model, calls_per_hour, front, agents), within_s
        )
        for front in fronts
    ]
    return max(tried, key=lambda found: (math.isfinite(found.two.passed_on_wait_s), found.two_served))


def _two(model: BiLevel, calls_per_hour: float, front: int, agents: int) -> TwoLevels:
    return with_hold(model, calls_per_hour=calls_per_hour, level_1=front, level_2=agents - front)


def splits(model: BiLevel, agents: int) -> tuple[int, ...]:
    """People at level 1 just under and just above the ratio of the work, at least one on each side."""
    exact = agents / (1 + model.fluid_ratio)
    return tuple(sorted({max(1, min(agents - 1, round_(exact))) for round_ in (math.floor, math.ceil)}))


def crossing(model: BiLevel, *, agents: int, within_s: float = 30, least: float = 0.005) -> Compared | None:
    """The first load at which two levels answer at least half a point more calls in time; None: nowhere.

    Near saturation the gain may vanish again: level 2 is then what does not follow.
    """
    top = 3600 * agents / model.workload_s
    rates = (top * step / 200 for step in range(1, 200))
    tried = (compare(model, calls_per_hour=rate, agents=agents, within_s=within_s) for rate in rates)
    return next((found for found in tried if found.gain >= least), None)


def by_hour(
    model: BiLevel, *, calls_by_hour: Sequence[float], agents_by_hour: Sequence[int], within_s: float = 30
) -> tuple[Compared, ...]:
    return tuple(
        compare(model, calls_per_hour=calls, agents=agents, within_s=within_s)
        for calls, agents in zip(calls_by_hour, agents_by_hour, strict=True)
    )
