"""Every rule of a roster, checked plainly, one person at a time: the judge of solvers, of swaps and of what people
type.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from quinze.science.rosters.problem import Assignment, Period, Person, Problem, Shift, ordered

WEEK = timedelta(days=7)


class Rule(StrEnum):
    SKILL = "skill"
    AWAY = "away"
    BARRED = "barred"
    OVERLAP = "overlap"
    DAILY_REST = "daily_rest"
    STRETCH = "stretch"
    EXCLUSIVE = "exclusive"
    WEEKLY_REST = "weekly_rest"
    WEEKLY_HOURS = "weekly_hours"
    CONTRACT = "contract"
    NO_NIGHT = "no_night"
    NIGHTS_IN_A_ROW = "nights_in_a_row"
    WEEKENDS = "weekends"
    TRAINEE = "trainee"
    TOO_MANY = "too_many"
    ON_SITE = "on_site"


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """`said` is French. `person` empty: about the shift itself."""

    person: str
    rule: Rule
    shifts: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A fault of the roster (« défaut de planning »): people lacking on a shift."""

    shift: Shift
    lacking: int


def breaches(problem: Problem, assignments: Iterable[Assignment]) -> list[Breach]:
    """Those that a shift of the period has a part in, in a fixed order. Empty: the roster keeps every rule (it may
    still have gaps).
    """
    by_person, by_shift = defaultdict[str, list[Assignment]](list), defaultdict[str, list[str]](list)
    for each in assignments:
        by_person[each.person].append(each)
        by_shift[each.shift].append(each.person)
    found = [breach for key, held in by_person.items() for breach in _of_person(problem, problem.person[key], held)]
    found += [breach for key, people in by_shift.items() for breach in _of_shift(problem, problem.shift[key], people)]
    return sorted(each for each in found if any(key in problem.shift for key in each.shifts))


def gaps(problem: Problem, assignments: Iterable[Assignment]) -> list[Gap]:
    """Trainees come in addition: they fill nothing."""
    held = defaultdict[str, int](int)
    for each in assignments:
        held[each.shift] += not problem.person[each.person].trainee
    lacking = ((shift, shift.needed - held[shift.key]) for shift in ordered(problem.shifts))
    return [Gap(shift, count) for shift, count in lacking if count > 0]


def _of_shift(problem: Problem, shift: Shift, people: Sequence[str]) -> Iterator[Breach]:
    trainees = [key for key in people if problem.person[key].trainee]
    others = len(people) - len(trainees)
    if others > shift.needed:
        yield Breach("", Rule.TOO_MANY, (shift.key,), f"{others} personnes pour {shift.needed} places.")
    if len(trainees) > others:
        said = f"{len(trainees)} en formation pour {others} titulaire(s) : un titulaire pour chacun."
        yield Breach("", Rule.TRAINEE, (shift.key,), said)


def _of_person(problem: Problem, person: Person, held: Sequence[Assignment]) -> Iterator[Breach]:
    new = ordered(problem.shift[each.shift] for each in held)
    known = ordered([*person.past, *new])
    yield from _alone(problem, person, new)
    yield from _between(problem, person, known)
    yield from _weeks(problem, person, known)
    yield from _nights(problem, person, known)
    yield from _weekends(problem, person, known)
    yield from _contract(person, new)
    yield from _on_site(problem, person, held)


def _alone(problem: Problem, person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    for shift in shifts:
        if shift.post not in person.posts:
            yield Breach(person.key, Rule.SKILL, (shift.key,), f"N’a pas la compétence {shift.post}.")
        if any(shift.period.meets(away) for away in person.away):
            yield Breach(person.key, Rule.AWAY, (shift.key,), "Absence déclarée sur ces heures.")
        for bar in person.barred:
            if bar.meets(shift):
                yield Breach(person.key, Rule.BARRED, (shift.key,), bar.said)
        if not person.nights and problem.is_night(shift):
            yield Breach(person.key, Rule.NO_NIGHT, (shift.key,), "Ne fait pas de nuit.")


def _between(problem: Problem, person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    rules = problem.rules
    for stretch in stretches(shifts, rest=rules.daily_rest):
        keys = tuple(shift.key for shift in stretch)
        for before, after in pairwise(stretch):
            if after.period.start < before.period.end:
                yield Breach(person.key, Rule.OVERLAP, (before.key, after.key), "À deux postes en même temps.")
        if any(pair <= {shift.post for shift in stretch} for pair in rules.exclusive):
            yield Breach(person.key, Rule.EXCLUSIVE, keys, "ARM et OSNP dans la même vacation.")
        lasted = problem.amplitude(stretch[0].period.start, max(shift.period.end for shift in stretch))
        if len(stretch) > 1 and lasted > rules.longest_stretch:
            said = f"Repos de moins de {_hours(rules.daily_rest)} dans {_hours(lasted)} d’amplitude."
            yield Breach(person.key, Rule.DAILY_REST, keys, said)
        elif lasted > rules.longest_stretch:
            said = f"Amplitude de {_hours(lasted)}, {_hours(rules.longest_stretch)} au plus."
            yield Breach(person.key, Rule.STRETCH, keys, said)


def stretches(shifts: Sequence[Shift], *, rest: timedelta) -> list[list[Shift]]:
    """Ordered shifts, cut where somebody rests."""
    found: list[list[Shift]] = []
    end: datetime | None = None
    for shift in shifts:
        if end is None or shift.period.start - end >= rest:
            found.append([])
        found[-1].append(shift)
        end = max(end, shift.period.end) if end else shift.period.end
    return found


def _weeks(problem: Problem, person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    """By local calendar week: hours of the shifts that begin in it, and the longest rest inside it."""
    rules = problem.rules
    edges = {problem.week(edge) for shift in shifts for edge in (shift.period.start, _last(shift))}
    for week in sorted(edges, key=lambda period: period.start):
        inside = [shift for shift in shifts if shift.period.meets(week)]
        begun = [shift for shift in inside if week.start <= shift.period.start < week.end]
        worked = sum((shift.period.length for shift in begun), timedelta())
        if worked > rules.weekly_hours:
            said = f"{_hours(worked)} dans la semaine, {_hours(rules.weekly_hours)} au plus."
            yield Breach(person.key, Rule.WEEKLY_HOURS, tuple(shift.key for shift in begun), said)
        if longest_rest(inside, week) < rules.weekly_rest:
            said = f"Pas de repos de {_hours(rules.weekly_rest)} d’affilée dans la semaine."
            yield Breach(person.key, Rule.WEEKLY_REST, tuple(shift.key for shift in inside), said)


def _last(shift: Shift) -> datetime:
    return shift.period.end - timedelta(microseconds=1)


def longest_rest(shifts: Sequence[Shift], week: Period) -> timedelta:
    free, longest = week.start, timedelta(0)
    for shift in shifts:
        longest = max(longest, shift.period.start - free)
        free = max(free, shift.period.end)
    return max(longest, week.end - free)


def _nights(problem: Problem, person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    most = problem.rules.nights_in_a_row
    nights = {problem.night_of(shift): shift.key for shift in shifts if problem.is_night(shift)}
    for night in sorted(nights):
        row = [nights.get(night + index) for index in range(most + 1)]
        if all(row):
            keys = tuple(key for key in row if key)
            yield Breach(person.key, Rule.NIGHTS_IN_A_ROW, keys, f"Plus de {most} nuits de suite.")


def _weekends(problem: Problem, person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    most = problem.rules.weekends_in_four
    worked = defaultdict[datetime, list[str]](list)
    for shift in shifts:
        if monday := problem.weekend(shift):
            worked[monday].append(shift.key)
    for monday in sorted(worked):
        four = [other for other in sorted(worked) if _weeks_apart(monday, other) in range(4)]
        if len(four) > most:
            keys = tuple(key for other in four for key in worked[other])
            yield Breach(person.key, Rule.WEEKENDS, keys, f"{len(four)} week-ends sur quatre, {most} au plus.")


def _weeks_apart(monday: datetime, other: datetime) -> int:
    """Whole weeks, an hour of daylight saving more or less."""
    return round((other - monday) / WEEK)


def _contract(person: Person, shifts: Sequence[Shift]) -> Iterator[Breach]:
    if person.most_hours is None:
        return
    worked = sum((shift.period.length for shift in shifts), timedelta())
    if worked > timedelta(hours=person.most_hours):
        said = f"{_hours(worked)} sur la période, {person.most_hours:g} h au contrat."
        yield Breach(person.key, Rule.CONTRACT, tuple(shift.key for shift in shifts), said)


def _on_site(problem: Problem, person: Person, held: Sequence[Assignment]) -> Iterator[Breach]:
    if not person.remote or not held:
        return
    length = {each.shift: problem.shift[each.shift].period.length for each in held}
    here = sum((length[each.shift] for each in held if each.on_site), timedelta())
    share = here / sum(length.values(), timedelta())
    if share < problem.rules.on_site_share - 1e-9:
        said = f"{share:.0%} du temps sur place : {problem.rules.on_site_share:.0%} au moins."
        yield Breach(person.key, Rule.ON_SITE, tuple(sorted(length)), said)


def _hours(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")
