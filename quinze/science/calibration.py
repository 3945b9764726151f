"""How much work a call really is, read backwards from what a SAMU declares: calls, ARM hours, answers within a minute.

Two unknowns, two figures: the seconds of ARM per call from the share answered within a minute, the patience from the
share never answered. By Erlang A, on a typical day, ARM hours spread evenly over it. The result is an *effective*
workload: far more than a talk, it holds the files, the second calls, the transfers, the irregularity of arrivals.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from quinze.science.national import Samu, anomalies
from quinze.science.queueing.abandonment import erlang_a
from quinze.science.queueing.day import TYPICAL

SHORTEST, LONGEST = 20.0, 1_500.0
HASTIEST, MOST_PATIENT = 15.0, 3_600.0
_BLOCKS = tuple((TYPICAL[hour] + TYPICAL[hour + 1]) / 2 for hour in range(0, 24, 2))


@dataclass(frozen=True, slots=True)
class Effective:
    handling_s: float
    """Seconds of ARM per call answered."""
    patience_s: float


@dataclass(frozen=True, slots=True)
class Declared:
    calls_per_hour: float
    """Presented, less those hung up in less than 15 s: they load nobody."""
    posts: float
    qs60: float
    unanswered: float


def effective(samu: Samu) -> Effective | None:
    """None where a figure is missing, doubtful, or explained by no duration."""
    declared = declared_by(samu)
    if declared is None:
        return None
    patience = _where(
        lambda tried: expected(declared, handling_s=_handling(declared, tried), patience_s=tried).unanswered,
        declared.unanswered, HASTIEST, MOST_PATIENT,
    )  # fmt: skip
    found = Effective(_handling(declared, patience), patience)
    again = expected(declared, handling_s=found.handling_s, patience_s=found.patience_s)
    explained = abs(again.qs60 - declared.qs60) < 0.01 and abs(again.unanswered - declared.unanswered) < 0.01
    return found if explained else None


def declared_by(samu: Samu) -> Declared | None:
    posts, qs60 = samu.arm_posts, samu.qs60
    if posts is None or posts < 1 or qs60 is None or not samu.presented or not samu.answered or anomalies(samu):
        return None
    stayed = samu.presented - (samu.hung_up_early or 0)
    return Declared(stayed / 8760, posts, qs60, max(0.0, 1 - samu.answered / stayed))


def _handling(declared: Declared, patience_s: float) -> float:
    """The duration that explains the QS60, or the nearest bound."""
    return _where(
        lambda tried: expected(declared, handling_s=tried, patience_s=patience_s).qs60, declared.qs60, SHORTEST, LONGEST
    )


def _where(function: Callable[[float], float], value: float, low: float, high: float) -> float:
    """Where a decreasing function takes this value, to 0.2 %, or the bound it would pass."""
    while high > 1.002 * low:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if function(middle) >= value else (low, middle)
    return math.sqrt(low * high)


def expected(declared: Declared, *, handling_s: float, patience_s: float) -> Declared:
    """What such calls and posts would declare; a part of a post is that part of the time."""
    served = answered = 0.0
    whole = int(declared.posts)
    for agents, weight in ((whole, whole + 1 - declared.posts), (whole + 1, declared.posts - whole)):
        if weight <= 0:
            continue
        for part in _BLOCKS:
            level = erlang_a(
                calls_per_hour=declared.calls_per_hour * part,
                handling_s=handling_s,
                agents=agents,
                patience_s=patience_s,
            )
            served += weight * part * level.served_within(60) / len(_BLOCKS)
            answered += weight * part * (1 - level.abandoned) / len(_BLOCKS)
    return Declared(declared.calls_per_hour, declared.posts, served / answered, 1 - answered)
