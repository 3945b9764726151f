"""The crisis that a room drills: the day, what strikes it, what is answered. No database here; numpy and numba are read
when it is played.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from quinze.base.errors import Refusal
from quinze.science.queueing.capacity import Line, Study, plan
from quinze.science.queueing.week import WeekNeed, needs_of_week

if TYPE_CHECKING:
    from quinze.science.callcentre.crisis import Cover, Crisis, People, Response
    from quinze.science.callcentre.model import Level, Scenario
    from quinze.science.callcentre.tracks import Played

QUARTERS_OF_DAY, SLOTS = 96, 120
"""A day, and the six hours after it: a crisis of the evening ends in the night."""
LINES = ("n1", "n2_amu", "n2_snp", "n3_amu", "n3_snp")
MOST_CALLS = 20_000
"""A day, its crisis included. Above, a page would answer too late."""
CALLS_PLAYED, FEWEST, MOST = 40_000, 8, 40
"""Calls of all the replications of one variant."""
REDIALS, REDIAL_S = 3, 60
PLANNED, ALONE, ANSWERED, SIZED = "prévue", "sans réponse", "avec réponse", "effectif calculé"


@dataclass(frozen=True, slots=True)
class Change:
    """People of a line, missing or called back, from a quarter-hour to another (excluded)."""

    line: str
    people: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Drill:
    """`calls` and `posts` (by line of the study) by quarter-hour, SLOTS of them. The crowd multiplies calls by `factor`
    in [crowd_start, crowd_end), reached over `crowd_ramp` quarter-hours. `outage`: minutes of the day. `neighbour`:
    calls of a neighbour SAS ÷ ours, and after how many seconds both share the first answer. `told`: where the day comes
    from, in French.
    """

    study: Study
    calls: tuple[float, ...]
    posts: tuple[tuple[str, tuple[int, ...]], ...]
    told: tuple[str, ...] = ()
    redial: float = 0.0
    trunks: int | None = None
    factor: float = 1
    crowd_start: int = 0
    crowd_end: int = 0
    crowd_ramp: int = 0
    outage: tuple[int, int] | None = None
    absent: tuple[Change, ...] = ()
    recalled: tuple[Change, ...] = ()
    help_after: float | None = None
    neighbour: tuple[float, float] | None = None
    call_back: bool = False
    reserve: int = 0

    @property
    def crowded(self) -> bool:
        return self.factor > 1 and self.crowd_end > self.crowd_start

    @property
    def incident(self) -> range | None:
        """Quarter-hours from the first thing that strikes to the end of the last."""
        struck = [range(self.crowd_start, self.crowd_end)] if self.crowded else []
        struck += [range(one.start, one.end) for one in self.absent]
        if self.outage:
            struck.append(range(self.outage[0] // 15, -(-self.outage[1] // 15)))
        if not struck:
            return None
        return range(min(one.start for one in struck), max(one.stop for one in struck))

    @property
    def is_answered(self) -> bool:
        kept = (self.recalled, self.neighbour, self.call_back, self.reserve)
        return any(kept) or self.help_after is not None

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(need.line for need in plan(self.study))


@dataclass(frozen=True, slots=True)
class Lacking:
    """People to call back on a line: held and needed at the worst quarter-hour, and from when to when."""

    line: Line
    held: int
    needed: int
    start: int
    end: int

    @property
    def people(self) -> int:
        return self.needed - self.held


@dataclass(frozen=True, slots=True)
class Outcome:
    """Variants of the day by name: PLANNED, ALONE, ANSWERED, and SIZED when people are lacking."""

    drill: Drill
    played: Mapping[str, "Played"]
    lacking: tuple[Lacking, ...]
    replications: int


@lru_cache(maxsize=6)
def drilled(drill: Drill) -> Outcome:
    """Kept: the drawings and the files of a page ask it again. Refusal for what cannot be played."""
    from quinze.science.callcentre.errors import ScenarioError  # noqa: PLC0415  (numpy)
    from quinze.science.callcentre.tracks import follow  # noqa: PLC0415  (numba)

    try:
        calls = sum(_struck_calls(drill))
        if calls > MOST_CALLS:
            raise Refusal(
                f"{calls:.0f} appels dans la journée, afflux compris : au-dessus de {MOST_CALLS}, écrivez un scénario"
                " et lancez « quinze simulate ».", code="too_many_calls",
            )  # fmt: skip
        lacking = lacking_of(drill)
        count = int(min(MOST, max(FEWEST, CALLS_PLAYED // max(1, calls))))
        variants = _variants(drill, lacking, count)
        within = {level_of(line.key): line.goal.within_s for line in drill.lines}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            played = follow(variants, within_s=within, replications=count, spread=pool.map)
    except ScenarioError as wrong:
        raise Refusal(f"Cet exercice ne se joue pas. {wrong}", code="scenario") from wrong
    return Outcome(drill, played, lacking, count)


def level_of(line: str) -> "Level":
    from quinze.science.callcentre.model import Level  # noqa: PLC0415

    return Level.N1 if line == "arm" else Level[line.upper()]


# ---- the scenarios


def _variants(drill: Drill, lacking: Sequence[Lacking], count: int) -> "dict[str, Scenario]":
    from quinze.science.callcentre.crisis import covered, responded, struck  # noqa: PLC0415

    planned = _day(drill, count)
    alone = struck(planned, _crisis(drill))
    found = {PLANNED: planned, ALONE: alone, ANSWERED: responded(alone, _response(drill))}
    if lacking:
        called = tuple(Change(one.line.key, one.people, one.start, one.end) for one in lacking)
        found[SIZED] = responded(alone, _response(Drill(drill.study, drill.calls, drill.posts, recalled=called)))
    return {name: covered(scenario, _covers()) for name, scenario in found.items()}


def _covers() -> "tuple[Cover, ...]":
    """A room at night: who takes the calls of a post that nobody holds."""
    from quinze.science.callcentre.model import Level  # noqa: PLC0415

    return (
        (Level.N2_AMU, (Level.N1,)),
        (Level.N2_SNP, (Level.N2_AMU, Level.N1)),
        (Level.N3_SNP, (Level.N3_AMU,)),
    )


def _day(drill: Drill, count: int) -> "Scenario":
    from quinze.science.callcentre.durations import Exponential  # noqa: PLC0415
    from quinze.science.callcentre.model import Redial  # noqa: PLC0415
    from quinze.science.callcentre.studied import scenario_of  # noqa: PLC0415

    day = scenario_of(drill.study, posts=dict(drill.posts), name="notre SAS", replications=count, calls=drill.calls)
    ours = replace(day.centres[0], trunks=drill.trunks)
    redial = Redial(after_abandon=drill.redial, after_busy=drill.redial, delay=Exponential(REDIAL_S), attempts=REDIALS)
    others = (_neighbour(drill, count),) if drill.neighbour else ()
    return replace(day, centres=(ours, *(other.centres[0] for other in others)), redial=redial)


def _neighbour(drill: Drill, count: int) -> "Scenario":
    """A SAS that receives so many times our calls on an ordinary day, with the posts that our study gives it."""
    from quinze.science.callcentre.studied import scenario_of  # noqa: PLC0415

    size = drill.neighbour[0] if drill.neighbour else 1
    study = replace(drill.study, calls_by_hour=tuple(size * rate for rate in drill.study.calls_by_hour))
    posts = {need.line.key: round_the_clock([one.posts for one in need.hours]) for need in plan(study)}
    calls = [size * one for one in drill.calls]
    return scenario_of(study, posts=posts, name="le voisin", replications=count, calls=calls)


def round_the_clock(by_hour: Sequence[float]) -> tuple[int, ...]:
    return tuple(int(by_hour[slot // 4 % 24]) for slot in range(SLOTS))


def _crisis(drill: Drill) -> "Crisis":
    from quinze.science.callcentre.crisis import Crisis, Crowd  # noqa: PLC0415

    crowd = Crowd(factor=drill.factor, start=drill.crowd_start, end=drill.crowd_end, ramp=drill.crowd_ramp)
    outage = (60.0 * drill.outage[0], 60.0 * drill.outage[1]) if drill.outage else None
    return Crisis(crowd=crowd if drill.crowded else None, outage=outage, absent=tuple(map(_people, drill.absent)))


def _response(drill: Drill) -> "Response":
    from quinze.science.callcentre.crisis import Response  # noqa: PLC0415

    return Response(
        recalled=tuple(map(_people, drill.recalled)),
        help_after=drill.help_after,
        help_from=drill.incident.start if drill.incident else 0,
        pooled_after=drill.neighbour[1] if drill.neighbour else None,
        call_back=drill.call_back,
        reserve=drill.reserve,
    )


def _people(change: Change) -> "People":
    from quinze.science.callcentre.crisis import People  # noqa: PLC0415

    return People(level=level_of(change.line), agents=change.people, start=change.start, end=change.end)


# ---- who is lacking


def _struck_calls(drill: Drill) -> list[float]:
    calls = list(drill.calls)
    crowd = _crisis(drill).crowd
    for surge in crowd.surges if crowd else ():
        for slot in range(surge.start_slot, surge.end_slot):
            calls[slot] *= surge.factor
    return calls


def lacking_of(drill: Drill) -> tuple[Lacking, ...]:
    """By the formulas of the capacity study, at each quarter-hour of the crisis and the hour after it; what lacks on an
    ordinary day too is not its doing."""
    if drill.incident is None:
        return ()
    struck = range(drill.incident.start, min(SLOTS, drill.incident.stop + 4))
    ordinary, posts, found = _needs(drill, drill.calls), dict(drill.posts), []
    for usual, need in zip(ordinary, _needs(drill, _struck_calls(drill)), strict=True):
        held = _held(drill, need.line.key)
        worse = [
            slot for slot in struck if need.posts[slot] > usual.posts[slot] or held[slot] < posts[need.line.key][slot]
        ]
        short = [slot for slot in worse if need.posts[slot] > held[slot]]
        if short:
            worst = max(short, key=lambda slot: need.posts[slot] - held[slot])
            found.append(Lacking(need.line, held[worst], need.posts[worst], short[0], short[-1] + 1))
    return tuple(found)


def _needs(drill: Drill, calls: Sequence[float]) -> tuple[WeekNeed, ...]:
    hourly = [4 * each for each in calls]
    return needs_of_week(drill.study, hourly + [0.0] * (2 * QUARTERS_OF_DAY - len(hourly)))  # whole days are asked


def _held(drill: Drill, line: str) -> list[int]:
    """Those of the day less those who are missing."""
    held = list(dict(drill.posts)[line])
    for one in drill.absent:
        if one.line == line:
            for slot in range(one.start, one.end):
                held[slot] = max(0, held[slot] - one.people)
    return held
