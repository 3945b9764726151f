"""From calls to posts, from posts to people: for one slot, or for every hour of every centre at once.

A *post* is a seat held during a slot; a *head* is someone on the rota, present or not; an *FTE* is a year of somebody's
statutory hours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quinze.science.queueing.abandonment import erlang_a
from quinze.science.queueing.bounds import BOUNDS, MOST_AGENTS, Unacceptable, check
from quinze.science.queueing.erlang import erlang_c

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Goal:
    """What a slot must reach: `target` of the calls answered in `within_s`, and nobody busier than `occupancy`.

    Occupancy is that of the work offered (load ÷ posts): hanging up is not counted as rest. `patience_s` None: nobody
    hangs up (Erlang C), which asks for more people where callers would leave, and hides the calls lost.
    """

    target: float = 0.90
    within_s: float = 30
    occupancy: float = 0.85
    patience_s: float | None = None
    least: int = 0

    def __post_init__(self) -> None:
        check(target=self.target, within_s=self.within_s, occupancy=self.occupancy, least=self.least)
        if self.patience_s is not None:
            check(patience_s=self.patience_s)

    def served(self, *, calls_per_hour: float, handling_s: float, agents: int) -> float:
        """Share of the calls presented that are answered within the goal's delay; 0 without any agent."""
        if agents == 0:
            check(calls_per_hour=calls_per_hour, handling_s=handling_s)
            return 0.0 if calls_per_hour else 1.0
        if self.patience_s is None:
            level = erlang_c(calls_per_hour=calls_per_hour, handling_s=handling_s, agents=agents)
            return level.served_within(self.within_s)
        patient = erlang_a(
            calls_per_hour=calls_per_hour, handling_s=handling_s, agents=agents, patience_s=self.patience_s
        )
        return patient.served_within(self.within_s)


def posts(calls_per_hour: float, *, handling_s: float, goal: Goal) -> int:
    """The least number of posts that reaches the goal, without numpy. Refuses what 10,000 posts do not reach."""
    check(calls_per_hour=calls_per_hour, handling_s=handling_s)
    load = calls_per_hour * handling_s / 3600
    if load == 0:
        return goal.least
    least = max(goal.least, 1, math.ceil(load / goal.occupancy - 1e-9))
    high = least
    while not _reaches(calls_per_hour, handling_s, high, goal):
        least, high = high + 1, high + max(1, high // 8)
    while least < high:
        middle = (least + high) // 2
        least, high = (least, middle) if _reaches(calls_per_hour, handling_s, middle, goal) else (middle + 1, high)
    return least


def _reaches(calls_per_hour: float, handling_s: float, agents: int, goal: Goal) -> bool:
    if agents > MOST_AGENTS:
        raise _unreached(calls_per_hour)
    return goal.served(calls_per_hour=calls_per_hour, handling_s=handling_s, agents=agents) >= goal.target


def posts_of_all(calls_per_hour: "ArrayLike", *, handling_s: "ArrayLike", goal: Goal) -> "NDArray[np.int32]":
    """`posts` of every slot, in the shape of both arrays broadcast. Compiled: 858,480 slots in part of a second.

    Refuses the whole array for its first figure that is none, negative, or out of bounds, and says where it stands.
    """
    import numpy as np  # noqa: PLC0415  (formulas of a page do without)

    rates, durations = np.broadcast_arrays(np.asarray(calls_per_hour, float), np.asarray(handling_s, float))
    _check_all("calls_per_hour", rates)
    _check_all("handling_s", durations)
    calls, times = np.array(rates).ravel(), np.array(durations).ravel()
    shared = goal.patience_s is not None and calls.size >= MANY and times.min() == times.max()
    return (_by_limits if shared else _one_by_one)(calls, times, goal).reshape(rates.shape)


MANY, MOST_LIMITS = 4_000, 500


def _one_by_one(calls: "NDArray[np.float64]", times: "NDArray[np.float64]", goal: Goal) -> "NDArray[np.int32]":
    from quinze.science.queueing import kernels  # noqa: PLC0415

    within, cap = float(goal.within_s), float(goal.occupancy)
    if goal.patience_s is None:
        found = kernels.erlang_c_posts(calls, times, goal.target, within, cap, goal.least, MOST_AGENTS)
    else:
        patience = float(goal.patience_s)
        found = kernels.erlang_a_posts(calls, times, patience, goal.target, within, cap, goal.least, MOST_AGENTS)
    unreached = found == kernels.UNREACHED
    if unreached.any():
        raise _unreached(float(calls[int(unreached.argmax())]))
    return found


def _by_limits(calls: "NDArray[np.float64]", times: "NDArray[np.float64]", goal: Goal) -> "NDArray[np.int32]":
    """One duration for all: the calls that each number of posts can serve are found once, then looked up."""
    import numpy as np  # noqa: PLC0415

    from quinze.science.queueing import kernels  # noqa: PLC0415

    busiest = int(_one_by_one(calls[[int(calls.argmax())]], times[:1], goal)[0])
    if busiest > MOST_LIMITS:
        return _one_by_one(calls, times, goal)
    patience, within, cap = float(goal.patience_s or 0), float(goal.within_s), float(goal.occupancy)
    limits = kernels.erlang_a_most_calls(busiest, float(times[0]), patience, goal.target, within, cap)
    found: NDArray[np.int32] = (np.searchsorted(limits, calls) + 1).astype(np.int32)
    found[calls == 0] = 0
    found[found < goal.least] = goal.least
    return found


def _check_all(name: str, values: "NDArray[np.float64]") -> None:
    bound = BOUNDS[name]
    wrong = ~((values >= bound.least) & (values <= bound.most))
    if wrong.any():
        first = int(wrong.argmax())
        raise Unacceptable(f"{bound.label} (rang {first + 1})", float(values.flat[first]), bound.accepted)


def _unreached(calls_per_hour: float) -> Unacceptable:
    return Unacceptable(
        BOUNDS["calls_per_hour"].label, calls_per_hour, "une charge que 10 000 postes suffisent à servir"
    )


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """Parts of the paid time when a person holds no post. Each is a part of what the ones before it leave."""

    absence: float = 0.08
    leave: float = 0.0
    training: float = 0.03
    breaks: float = 0.05

    def __post_init__(self) -> None:
        check(absence=self.absence, leave=self.leave, training=self.training, breaks=self.breaks)

    @property
    def factors(self) -> tuple[tuple[str, float], ...]:
        return (
            ("Absences", self.absence),
            ("Congés", self.leave),
            ("Formation", self.training),
            ("Pauses", self.breaks),
        )

    @property
    def whole(self) -> float:
        return 1 - math.prod(1 - part for _, part in self.factors)

    def heads(self, posts: float) -> float:
        """People on the rota for so many posts held."""
        return posts / (1 - self.whole)


STATUTORY_HOURS = {"repos fixe": 1607.0, "repos variable": 1582.0, "nuit": 1476.0}
"""Annual hours of a full-time public hospital agent (code général de la fonction publique, décret 2002-9, art. 1–3).
From these hours statutory leave is already taken out: `leave` above is what comes on top of it."""


@dataclass(frozen=True, slots=True)
class Staff:
    post_hours: float
    """Hours of posts to hold in a year."""
    round_the_clock: float
    """The same as posts held all day, all year."""
    paid_hours: float
    fte: float


def staff(posts_by_slot: Sequence[float], *, shrinkage: Shrinkage, hours_per_fte: float) -> Staff:
    """`posts_by_slot`: one period (a day, a week, a year) that repeats over the 8,760 hours of a year."""
    check(hours_per_fte=hours_per_fte)
    if not posts_by_slot:
        raise Unacceptable("Nombre de créneaux", 0, "au moins un créneau")
    mean = math.fsum(posts_by_slot) / len(posts_by_slot)
    hours = mean * 8760
    paid = shrinkage.heads(hours)
    return Staff(hours, mean, paid, paid / hours_per_fte)
