"""The hour that is going on: one person more or less on a line, a fifth of the calls more or less, a sudden crowd.

Each line alone, in the steady state of the hour: moving someone from one line to another is told on each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quinze.science.queueing.bounds import check
from quinze.science.queueing.capacity import Line, Need
from quinze.science.queueing.fluid import recovery_s

MORE, LESS = 1.2, 0.8


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Shares of the calls of the line taken in time; `posts` are those of now."""

    line: Line
    calls_per_hour: float
    posts: int
    now: float
    one_less: float
    one_more: float
    fewer_calls: float
    more_calls: float

    @property
    def calls_gained(self) -> float:
        """Per hour, taken in time thanks to one person more."""
        return self.calls_per_hour * (self.one_more - self.now)

    @property
    def at_goal(self) -> bool:
        return self.now >= self.line.goal.target


def what_if(needs: Sequence[Need], *, hour: int, factor: float = 1, posts: Mapping[str, int]) -> tuple[WhatIf, ...]:
    """`factor`: calls of now ÷ those expected at this hour; `posts` by key of the line, those of the plan otherwise."""
    check(calls_per_hour=factor)
    return tuple(_line(need, hour, factor, posts.get(need.line.key)) for need in needs)


def _line(need: Need, hour: int, factor: float, held: int | None) -> WhatIf:
    one, line = need.hours[hour], need.line
    count, rate = one.posts if held is None else held, 3600 * one.load / line.handling_s * factor

    def served(agents: int, calls: float) -> float:
        return line.goal.served(calls_per_hour=calls, handling_s=line.handling_s, agents=agents)

    return WhatIf(
        line,
        rate,
        count,
        served(count, rate),
        served(max(0, count - 1), rate),
        served(count + 1, rate),
        served(count, LESS * rate),
        served(count, MORE * rate),
    )


def crowd_melts_s(found: Sequence[WhatIf], *, times: float, minutes: float) -> float | None:
    """Seconds until the slowest line is rid of a crowd: calls `times` as many during `minutes`. None: never.

    As a flow: nobody hangs up, the crowd reaches every line in the proportions of ordinary calls.
    """
    slowest = 0.0
    for one in found:
        burst = (times - 1) * one.calls_per_hour * minutes / 60
        melted = recovery_s(burst, calls_per_hour=one.calls_per_hour, works_s=[one.line.handling_s], agents=[one.posts])
        if melted is None:
            return None
        slowest = max(slowest, melted)
    return slowest
