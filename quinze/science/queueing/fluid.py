"""The two-level call centre as a flow: what limits it, which ratio of level 2 to level 1 suffices, how a burst melts.

Level 1 answers everybody, and keeps the line of a vital call until level 2 takes it over in conference. When calls are
plenty the flow has three phases (Allamigeon, Boeuf & Gaubert 2015): level 1 stuck holding vital calls; vital calls
served while urgent ones pile up; fluid. Waits by chance are not seen here: see `tandem`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from quinze.science.queueing.bounds import Unacceptable, check


class Phase(StrEnum):
    HOLDING = "holding"
    PILING = "piling"
    FLUID = "fluid"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Phase.HOLDING: "niveau 1 bloqué à garder les appels vitaux",
    Phase.PILING: "appels vitaux servis, les autres s’accumulent au niveau 2",
    Phase.FLUID: "fluide",
}


@dataclass(frozen=True, slots=True)
class BiLevel:
    """Shares of the calls answered at level 1, and mean seconds. The calls neither vital nor passed on end there."""

    vital: float
    passed_on: float
    answer_s: float
    """Level 1 alone with the caller."""
    conference_s: float
    """Both levels together on a vital call."""
    vital_s: float
    """Level 2 on a vital call, after the conference."""
    passed_on_s: float
    """Level 2 on another call."""

    def __post_init__(self) -> None:
        check(share=self.vital, handling_s=self.answer_s, duration_s=self.conference_s)
        check(share=self.passed_on, handling_s=self.vital_s)
        check(handling_s=self.passed_on_s)
        if self.vital + self.passed_on > 1 + 1e-12:
            raise Unacceptable("Part vitale plus part transmise", self.vital + self.passed_on, "au plus 1")

    @property
    def level_1_s(self) -> float:
        """Seconds of level 1 per call."""
        return self.answer_s + self.vital * self.conference_s

    @property
    def level_2_s(self) -> float:
        """Seconds of level 2 per call answered at level 1."""
        return self.level_2_vital_s + self.passed_on * self.passed_on_s

    @property
    def level_2_vital_s(self) -> float:
        return self.vital * (self.conference_s + self.vital_s)

    @property
    def workload_s(self) -> float:
        """Agent-seconds per call: the handling time of a one-level organisation that does the same work."""
        return self.level_1_s + self.level_2_s

    @property
    def holding_ratio(self) -> float:
        """Below this number of level 2 for one level 1, vital calls block level 1."""
        return self.level_2_vital_s / self.level_1_s

    @property
    def fluid_ratio(self) -> float:
        """From this number of level 2 for one level 1 on, nothing piles up between them."""
        return self.level_2_s / self.level_1_s

    def phase(self, *, level_1: int, level_2: int) -> Phase:
        check(level_1=level_1, level_2=level_2)
        if level_2 < self.holding_ratio * level_1:
            return Phase.HOLDING
        return Phase.PILING if level_2 < self.fluid_ratio * level_1 else Phase.FLUID


@dataclass(frozen=True, slots=True)
class Flow:
    """Calls per hour."""

    answered: float
    vital: float
    passed_on: float


def flow(model: BiLevel, *, level_1: int, level_2: int, calls_per_hour: float | None = None) -> Flow:
    """What goes through; without `calls_per_hour`, when there are always callers waiting."""
    check(level_1=level_1, level_2=level_2)
    answered = 3600 * level_1 / model.level_1_s
    if calls_per_hour is not None:
        check(calls_per_hour=calls_per_hour)
        answered = min(answered, calls_per_hour)
    if model.level_2_vital_s > 0:
        answered = min(answered, 3600 * level_2 / model.level_2_vital_s)
    left = max(0.0, 3600 * level_2 - model.level_2_vital_s * answered)
    return Flow(answered, model.vital * answered, min(model.passed_on * answered, left / model.passed_on_s))


def recovery_s(burst: float, *, calls_per_hour: float, works_s: Sequence[float], agents: Sequence[int]) -> float | None:
    """Seconds until a burst of calls has melted, all levels after one another: an upper bound of the flow.

    `works_s` and `agents` by level, seconds of the level per call. None when a level has no agent to spare: the queue
    never melts at this rate of calls. The slowest level alone is `max` of the same terms.
    """
    check(burst=burst, calls_per_hour=calls_per_hour)
    total = 0.0
    for work, staff in zip(works_s, agents, strict=True):
        check(handling_s=work, level_1=staff)
        spare = staff - calls_per_hour * work / 3600
        if spare <= 0:
            return None
        total += burst * work / spare
    return total
