"""The capacity study of a SAS for a typical day: calls and their flows in, posts by hour and people by year out.

Lines are solved apart, hour by hour, on the modified offered load; level 1 counts the time it holds vital calls. Days
are not alike: beside the mean day stand the one exceeded one day in ten and the one not reached one day in ten.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from quinze.science.queueing.bounds import Bound, Unacceptable, check, check_as
from quinze.science.queueing.fluid import BiLevel
from quinze.science.queueing.offered_load import loads
from quinze.science.queueing.priorities import mean_waits_s
from quinze.science.queueing.staffing import STATUTORY_HOURS, Goal, Shrinkage, Staff, posts, staff

ONE_DAY_IN_TEN = 1.2816
NIGHT = frozenset({21, 22, 23, 0, 1, 2, 3, 4, 5})
DAILY_SPREAD = Bound("Variation d’un jour à l’autre", 0, 0.5)


class Organisation(StrEnum):
    ONE_LEVEL = "un"
    TWO_LEVELS = "deux"


@dataclass(frozen=True, slots=True)
class Flows:
    """Parts of the calls answered; what is left opens no file (wrong number, repeated, administrative)."""

    vital: float = 0.05
    amu: float = 0.32
    snp: float = 0.30
    doctor_amu: float = 0.60
    """Part of the vital and AMU files that a doctor regulates."""
    doctor_snp: float = 0.95

    def __post_init__(self) -> None:
        for part in (self.vital, self.amu, self.snp, self.doctor_amu, self.doctor_snp):
            check(share=part)
        if self.vital + self.amu + self.snp > 1 + 1e-9:
            raise Unacceptable(
                "Somme des parts vitale, AMU et SNP", round(self.vital + self.amu + self.snp, 4), "au plus 1"
            )


@dataclass(frozen=True, slots=True)
class Durations:
    """Mean seconds, writing included."""

    answer_s: float = 45
    conference_s: float = 20
    vital_s: float = 240
    amu_s: float = 180
    snp_s: float = 150
    doctor_amu_s: float = 240
    doctor_snp_s: float = 300

    def __post_init__(self) -> None:
        check(duration_s=self.conference_s)
        for seconds in (self.answer_s, self.vital_s, self.amu_s, self.snp_s, self.doctor_amu_s, self.doctor_snp_s):
            check(handling_s=seconds)


@dataclass(frozen=True, slots=True)
class Study:
    calls_by_hour: tuple[float, ...]
    organisation: Organisation = Organisation.TWO_LEVELS
    flows: Flows = Flows()
    durations: Durations = Durations()
    front: Goal = Goal(target=0.90, within_s=30, occupancy=0.75, patience_s=300, least=1)  # noqa: RUF009
    behind: Goal = Goal(target=0.80, within_s=60, occupancy=0.85, least=1)  # noqa: RUF009
    doctors: Goal = Goal(target=0.80, within_s=180, occupancy=0.85, least=1)  # noqa: RUF009
    daily_spread: float = 0.12
    """Standard deviation ÷ mean of the calls of a day, for the same hour and season."""
    shrinkage: Shrinkage = Shrinkage()  # noqa: RUF009
    day_hours: float = STATUTORY_HOURS["repos variable"]
    night_hours: float = STATUTORY_HOURS["nuit"]

    def __post_init__(self) -> None:
        if len(self.calls_by_hour) != 24:
            raise Unacceptable("Nombre d’heures de la journée", len(self.calls_by_hour), "24 valeurs, de 0 h à 23 h")
        for calls in self.calls_by_hour:
            check(calls_per_hour=calls)
        check_as(DAILY_SPREAD, self.daily_spread)
        check(hours_per_fte=self.day_hours)
        check(hours_per_fte=self.night_hours)

    @property
    def model(self) -> BiLevel:
        """AMU and SNP together at level 2, at their mean duration."""
        passed = self.flows.amu + self.flows.snp
        work = self.flows.amu * self.durations.amu_s + self.flows.snp * self.durations.snp_s
        return BiLevel(
            vital=self.flows.vital,
            passed_on=passed,
            answer_s=self.durations.answer_s,
            conference_s=self.durations.conference_s,
            vital_s=self.durations.vital_s,
            passed_on_s=work / passed if passed else self.durations.amu_s,
        )


@dataclass(frozen=True, slots=True)
class Line:
    key: str
    label: str
    share: float
    """Of the calls answered."""
    handling_s: float
    goal: Goal


@dataclass(frozen=True, slots=True)
class Hour:
    hour: int
    calls: float
    """Per hour, of this line."""
    load: float
    posts: int
    low: int
    """Enough when the day is as light as one in ten."""
    high: int
    served: float

    @property
    def occupancy(self) -> float:
        return self.load / self.posts if self.posts else 0.0


@dataclass(frozen=True, slots=True)
class Need:
    line: Line
    hours: tuple[Hour, ...]
    staff: Staff
    staff_low: Staff
    staff_high: Staff

    @property
    def peak(self) -> int:
        return max(hour.posts for hour in self.hours)

    @property
    def served(self) -> float:
        """Over the day, weighted by calls."""
        calls = math.fsum(hour.calls for hour in self.hours)
        return math.fsum(hour.calls * hour.served for hour in self.hours) / calls if calls else 1.0


def plan(study: Study) -> tuple[Need, ...]:
    """One need per line: level 1 (or the only one), AMU and SNP at level 2, doctors AMU and SNP."""
    behind = [_need(study, line) for line in _behind(study)]
    return (_need(study, _front(study, behind)), *behind)


def _front(study: Study, behind: Sequence[Need]) -> Line:
    if study.organisation == Organisation.ONE_LEVEL:
        return Line("arm", "ARM, un niveau", 1.0, study.model.workload_s, study.front)
    hold = _hold_s(study, next(need for need in behind if need.line.key == "n2_amu"))
    return Line("n1", "N1 décroché", 1.0, study.model.level_1_s + study.flows.vital * hold, study.front)


def _hold_s(study: Study, amu: Need) -> float:
    """At the busiest hour of level 2 AMU: how long level 1 keeps a vital call."""
    busiest = max(amu.hours, key=lambda hour: hour.occupancy)
    if busiest.calls == 0:
        return 0.0
    part = study.flows.vital / amu.line.share
    vital, others = busiest.calls * part, busiest.calls * (1 - part)
    return mean_waits_s((vital, others), handling_s=amu.line.handling_s, agents=busiest.posts)[0]


def _behind(study: Study) -> list[Line]:
    flows, times = study.flows, study.durations
    regulated, seen = flows.doctor_amu * (flows.vital + flows.amu), flows.doctor_snp * flows.snp
    lines = [
        Line("n3_amu", "N3 médecin AMU", regulated, times.doctor_amu_s, study.doctors),
        Line("n3_snp", "N3 médecin SNP", seen, times.doctor_snp_s, study.doctors),
    ]
    if study.organisation == Organisation.TWO_LEVELS:
        amu = flows.vital + flows.amu
        work = flows.vital * (times.conference_s + times.vital_s) + flows.amu * times.amu_s
        lines[:0] = [
            Line("n2_amu", "N2 AMU", amu, work / amu if amu else times.amu_s, study.behind),
            Line("n2_snp", "N2 SNP", flows.snp, times.snp_s, study.behind),
        ]
    return lines


def _need(study: Study, line: Line) -> Need:
    calls = [line.share * rate for rate in study.calls_by_hour]
    busy = loads(calls, slot_s=3600, handling_s=line.handling_s)
    spread = ONE_DAY_IN_TEN * study.daily_spread
    hours = tuple(_hour(line, hour, calls[hour], busy[hour], spread) for hour in range(24))
    wanted = [[hour.posts for hour in hours], [hour.low for hour in hours], [hour.high for hour in hours]]
    return Need(line, hours, *(people(study, by_hour) for by_hour in wanted))


def _hour(line: Line, hour: int, calls: float, load: float, spread: float) -> Hour:
    goal, rate = line.goal, 3600 * load / line.handling_s
    found, low, high = (
        posts(rate * factor, handling_s=line.handling_s, goal=goal) if calls else 0
        for factor in (1, 1 - spread, 1 + spread)
    )
    served = goal.served(calls_per_hour=rate, handling_s=line.handling_s, agents=found)
    return Hour(hour, calls, load, found, low, high, served)


def people(study: Study, posts_by_hour: Sequence[float]) -> Staff:
    """Nights (21 h to 6 h) count with their own annual hours."""
    parts = [
        staff(
            [count if (hour in NIGHT) == night else 0 for hour, count in enumerate(posts_by_hour)],
            shrinkage=study.shrinkage,
            hours_per_fte=study.night_hours if night else study.day_hours,
        )
        for night in (False, True)
    ]
    return Staff(
        *(
            math.fsum(values)
            for values in zip(*((p.post_hours, p.round_the_clock, p.paid_hours, p.fte) for p in parts), strict=True)
        )
    )


@dataclass(frozen=True, slots=True)
class OneMore:
    hour: int
    posts: int
    served: float
    served_with_one_more: float
    calls_gained: float
    """Calls of that hour answered in time thanks to one person more."""


def one_more(need: Need, *, posts_by_hour: Sequence[int]) -> tuple[OneMore, ...]:
    """What one person more changes at each hour, the most useful hour first."""
    if len(posts_by_hour) != 24:
        raise Unacceptable("Postes tenus", len(posts_by_hour), "24 valeurs, de 0 h à 23 h")
    goal, handling = need.line.goal, need.line.handling_s
    found = []
    for hour, held in zip(need.hours, posts_by_hour, strict=True):
        rate = 3600 * hour.load / handling
        now, after = (goal.served(calls_per_hour=rate, handling_s=handling, agents=count) for count in (held, held + 1))
        found.append(OneMore(hour.hour, held, now, after, hour.calls * (after - now)))
    return tuple(sorted(found, key=lambda one: (-one.calls_gained, one.hour)))


@dataclass(frozen=True, slots=True)
class Phase:
    """A step of a ramp-up: which part of the calls, at which hours (first included, last not; the same: all day)."""

    name: str
    part: float
    first: int = 0
    last: int = 24

    def __post_init__(self) -> None:
        check(share=self.part)
        if not 0 <= self.first < self.last <= 24:
            raise Unacceptable(
                f"Heures de « {self.name} »", f"{self.first}–{self.last}", "un début avant la fin, de 0 à 24"
            )


@dataclass(frozen=True, slots=True)
class Step:
    phase: Phase
    needs: tuple[Need, ...]

    @property
    def fte(self) -> float:
        return math.fsum(need.staff.fte for need in self.needs)

    @property
    def peak(self) -> int:
        return max(sum(need.hours[hour].posts for need in self.needs) for hour in range(24))


def ramp_up(study: Study, phases: Sequence[Phase]) -> tuple[Step, ...]:
    """The needs of each phase in turn: a SAS opens by territories and by hours before it opens whole."""
    if not phases:
        raise Unacceptable("Étapes de la montée en charge", 0, "au moins une")
    return tuple(Step(phase, plan(_during(study, phase))) for phase in phases)


def _during(study: Study, phase: Phase) -> Study:
    open_at = [phase.first <= hour < phase.last for hour in range(24)]
    calls = tuple(rate * phase.part if open_at[hour] else 0.0 for hour, rate in enumerate(study.calls_by_hour))
    return replace(study, calls_by_hour=calls)
