"""The working rules of one person, as constraints on the shifts they may take. checker.py says the same in plain
words, and judges: a test compares the two on thousands of small problems.

Known shifts (the past, and what is fixed) are not choices; a rule that they break between themselves is left to
people, but no choice may have a part in it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from quinze.science.rosters.problem import Period, Person, Problem, Shift, ordered

MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


class Worker:
    """`takes`: one choice (0 or 1) for each shift that the person may hold at all."""

    def __init__(self, model: Any, problem: Problem, person: Person, fixed: Sequence[str]) -> None:
        self.model, self.problem, self.person = model, problem, person
        self.fixed = [problem.shift[key] for key in fixed]
        self.known = ordered([*person.past, *self.fixed])
        self.open = [each for each in ordered(problem.shifts) if each.key not in fixed and self._may_hold(each)]
        self.takes = {each.key: model.new_bool_var("") for each in self.open}
        self._choices = {id(each) for each in self.open}  # a shift of the past may bear the key of an open one

    def keep_rules(self) -> None:
        self._between()
        for week in self._weeks():
            self._weekly_hours(week)
            self._weekly_rest(week)
        self._nights()
        self._weekends()
        self._contract()

    def _may_hold(self, shift: Shift) -> bool:
        person = self.person
        return (
            shift.post in person.posts
            and self.problem.amplitude(shift.period.start, shift.period.end) <= self.problem.rules.longest_stretch
            and (person.nights or not self.problem.is_night(shift))
            and not any(shift.period.meets(away) for away in person.away)
            and not any(bar.meets(shift) for bar in person.barred)
        )

    # ---- what is taken, choice or not

    def _all(self) -> list[Shift]:
        return ordered([*self.known, *self.open])

    def _take(self, shift: Shift) -> Any:
        """1 for what is known."""
        return self.takes[shift.key] if id(shift) in self._choices else 1

    def _forbid(self, shifts: Sequence[Shift]) -> None:
        """Not all of them; nothing to say when none is a choice."""
        taken = [self._take(shift) for shift in shifts]
        if any(not isinstance(each, int) for each in taken):
            self.model.add(sum(taken) <= len(taken) - 1)

    # ---- rests between shifts

    def _between(self) -> None:
        """Two shifts are a daily rest apart, or in one stretch that is short enough; a shift that is in one stretch
        with two others ties them into the same stretch.
        """
        shifts = self._all()
        apart = {(i, j): self._apart(shifts[i], shifts[j]) for i, j in combinations(range(len(shifts)), 2)}
        for (i, j), kind in apart.items():
            if kind is False:
                self._forbid([shifts[i], shifts[j]])
        for i, j, k in self._chains(shifts, apart):
            self._forbid([shifts[i], shifts[j], shifts[k]])

    def _apart(self, before: Shift, after: Shift) -> bool | None:
        """True: a rest apart. None: in one stretch. False: never both."""
        rules = self.problem.rules
        if after.period.start - before.period.end >= rules.daily_rest:
            return True
        overlap = after.period.start < before.period.end
        end = max(before.period.end, after.period.end)
        too_long = self.problem.amplitude(before.period.start, end) > rules.longest_stretch
        both = {before.post, after.post}
        return False if overlap or too_long or any(pair <= both for pair in rules.exclusive) else None

    def _chains(
        self, shifts: Sequence[Shift], apart: dict[tuple[int, int], bool | None]
    ) -> Iterator[tuple[int, int, int]]:
        near = [[j for j in range(i + 1, len(shifts)) if apart[i, j] is None] for i in range(len(shifts))]
        for i, js in enumerate(near):
            for j in js:
                yield from ((i, j, k) for k in near[j] if apart[i, k])

    # ---- weeks

    def _weeks(self) -> list[Period]:
        edges = {
            self.problem.week(edge)
            for shift in self.open
            for edge in (shift.period.start, shift.period.end - timedelta(microseconds=1))
        }
        return sorted(edges, key=lambda week: week.start)

    def _weekly_hours(self, week: Period) -> None:
        begun = [shift for shift in self._all() if week.start <= shift.period.start < week.end]
        self._limit(begun, self.problem.rules.weekly_hours)

    def _limit(self, shifts: Sequence[Shift], most: timedelta) -> None:
        """No choice at all when what is known is already above."""
        minutes = [round(shift.period.length / MINUTE) for shift in shifts]
        taken = [self._take(shift) for shift in shifts]
        choices = [each for each in taken if not isinstance(each, int)]
        known = sum(m for m, each in zip(minutes, taken, strict=True) if isinstance(each, int))
        if not choices:
            return
        total = sum(m * each for m, each in zip(minutes, taken, strict=True) if not isinstance(each, int))
        self.model.add(total <= max(0, int(most / MINUTE) - known))

    def _weekly_rest(self, week: Period) -> None:
        """A long rest can always be moved to begin with the week or at the end of a shift: these starts are enough."""
        rest = self.problem.rules.weekly_rest
        inside = [shift for shift in self._all() if shift.period.meets(week)]
        choices = [shift for shift in inside if not isinstance(self._take(shift), int)]
        starts = {week.start, *(shift.period.end for shift in inside if shift.period.end > week.start)}
        kept = [
            self._resting(Period(start, start + rest), inside) for start in sorted(starts) if start + rest <= week.end
        ]
        resting = [each for each in kept if each is not None]
        for shift in choices:
            self.model.add_bool_or([*resting, self._take(shift).negated()])

    def _resting(self, rest: Period, inside: Sequence[Shift]) -> Any:
        """A choice that implies resting then; None when a known shift is in the way."""
        met = [self._take(shift) for shift in inside if shift.period.meets(rest)]
        if any(isinstance(each, int) for each in met):
            return None
        resting = self.model.new_bool_var("")
        for take in met:
            self.model.add_implication(resting, take.negated())
        return resting

    # ---- nights, week-ends, contract

    def _nights(self) -> None:
        most = self.problem.rules.nights_in_a_row
        nights: dict[int, list[Shift]] = {}
        for shift in self._all():
            if self.problem.is_night(shift):
                nights.setdefault(self.problem.night_of(shift), []).append(shift)
        for night in sorted(nights):
            row = [nights.get(night + index, []) for index in range(most + 1)]
            if all(row):
                self._not_all_days(row)

    def _not_all_days(self, days: Sequence[Sequence[Shift]]) -> None:
        """At least one of the days without any of its shifts."""
        on = [self._any(shifts) for shifts in days]
        if any(not isinstance(each, int) for each in on):
            self.model.add(sum(on) <= len(on) - 1)
        elif choices := [t for shifts in days for t in map(self._take, shifts) if not isinstance(t, int)]:
            self.model.add(sum(choices) == 0)

    def _any(self, shifts: Sequence[Shift]) -> Any:
        """A choice that is 1 as soon as one of them is taken."""
        taken = [self._take(shift) for shift in shifts]
        if any(isinstance(each, int) for each in taken):
            return 1
        on = self.model.new_bool_var("")
        for each in taken:
            self.model.add_implication(each, on)
        return on

    def _weekends(self) -> None:
        most = self.problem.rules.weekends_in_four
        weekends: dict[datetime, list[Shift]] = {}
        for shift in self._all():
            if monday := self.problem.weekend(shift):
                weekends.setdefault(monday, []).append(shift)
        worked = {monday: self._any(shifts) for monday, shifts in weekends.items()}
        for monday in sorted(worked):
            four = [other for other in worked if round((other - monday) / WEEK) in range(4)]
            known = sum(worked[other] for other in four if isinstance(worked[other], int))
            choices = [worked[other] for other in four if not isinstance(worked[other], int)]
            if choices:
                self.model.add(sum(choices) <= max(0, most - known))
            if known > most:
                self._none_of([shift for other in four for shift in weekends[other]])

    def _none_of(self, shifts: Sequence[Shift]) -> None:
        for shift in shifts:
            if not isinstance(take := self._take(shift), int):
                self.model.add(take == 0)

    def _contract(self) -> None:
        if self.person.most_hours is not None:
            self._limit([*self.fixed, *self.open], timedelta(hours=self.person.most_hours))
