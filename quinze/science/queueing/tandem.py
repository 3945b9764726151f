"""Two levels one after the other. Without hold, level 2 is exactly Erlang C (Burke 1956); with hold, an approximation.

With hold there is no closed form: levels are solved apart, quickly enough for every hour of a week on a page.
"""

from dataclasses import dataclass

from quinze.science.queueing.bounds import check
from quinze.science.queueing.erlang import ErlangC, erlang_c
from quinze.science.queueing.fluid import BiLevel
from quinze.science.queueing.priorities import mean_waits_s


@dataclass(frozen=True, slots=True)
class Tandem:
    level_1: ErlangC
    level_2: ErlangC


def blind(
    *, calls_per_hour: float, answer_s: float, level_1: int, passed_on: float, passed_on_s: float, level_2: int
) -> Tandem:
    """Every transfer frees level 1 at once. Exact: what leaves a stable level 1 is again a Poisson process."""
    check(share=passed_on)
    first = erlang_c(calls_per_hour=calls_per_hour, handling_s=answer_s, agents=level_1)
    out = min(calls_per_hour, 3600 * level_1 / answer_s) * passed_on
    return Tandem(first, erlang_c(calls_per_hour=out, handling_s=passed_on_s, agents=level_2))


@dataclass(frozen=True, slots=True)
class TwoLevels:
    """Mean waits in seconds; infinite where a level is overloaded."""

    level_1: ErlangC
    vital_hold_s: float
    """How long level 1 keeps a vital call until level 2 takes it."""
    passed_on_wait_s: float

    def answered_within(self, within_s: float) -> float:
        return self.level_1.served_within(within_s)


def with_hold(model: BiLevel, *, calls_per_hour: float, level_1: int, level_2: int) -> TwoLevels:
    """Levels solved apart: level 2 as two priorities of one mean duration, level 1 busy for that hold as well.

    Against the exact Markov chain (`chain.py`, 9 agents, 120 and 150 calls/h) it is 0.1 point low on QS30, and within
    1 s on the waits of level 2. It takes the hold at its mean and level 2 as fed by a Poisson process.
    """
    check(calls_per_hour=calls_per_hour, staffed=level_1)
    check(staffed=level_2)
    vital, others = calls_per_hour * model.vital, calls_per_hour * model.passed_on
    if vital + others == 0:
        return TwoLevels(erlang_c(calls_per_hour=calls_per_hour, handling_s=model.answer_s, agents=level_1), 0.0, 0.0)
    mean_s = model.level_2_s / (model.vital + model.passed_on)
    hold, wait = mean_waits_s((vital, others), handling_s=mean_s, agents=level_2)
    busy_s = min(86_400.0, model.level_1_s + model.vital * hold)
    return TwoLevels(erlang_c(calls_per_hour=calls_per_hour, handling_s=busy_s, agents=level_1), hold, wait)
