"""What a fair part is: of each post's minutes, nights and week-ends, what each person's share gives, those who hold
several posts counting for a part in each.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from quinze.science.rosters.problem import Person, Problem, Shift

TENTHS = 10
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fair:
    """Whole units: minutes, or tenths of a night or week-end. `aims` and `had` (fixed shifts) by person, `sizes` by
    shift.
    """

    aims: Mapping[str, int]
    had: Mapping[str, int]
    sizes: Mapping[str, int]

    @property
    def most(self) -> int:
        return sum(self.sizes.values()) + sum(self.aims.values()) + sum(self.had.values())


def targets(problem: Problem, burden: str) -> Fair:
    """`burden`: minutes, nights or weekends. Trainees share nothing: they come in addition."""
    sizes = {shift.key: _size(problem, shift, burden) for shift in problem.shifts}
    posts = {shift.post for shift in problem.shifts}
    people = [each for each in problem.people if not each.trainee and (each.nights or burden != "nights")]
    weights = {each.key: _weights(each, posts) for each in people}
    of_post, weighed = defaultdict[str, int](int), defaultdict[str, float](float)
    for shift in problem.shifts:
        of_post[shift.post] += shift.needed * sizes[shift.key]
    for mine in weights.values():
        for post, weight in mine.items():
            weighed[post] += weight
    aims = {
        key: round(sum(of_post[post] * weight / weighed[post] for post, weight in mine.items()))
        for key, mine in weights.items()
    }
    had = dict.fromkeys(aims, 0)
    for each in problem.fixed:
        if each.person in had:
            had[each.person] += sizes[each.shift]
    return Fair(aims, had, sizes)


def _weights(person: Person, posts: set[str]) -> dict[str, float]:
    mine = sorted(person.posts & posts)
    return {post: person.share / len(mine) for post in mine}


def _size(problem: Problem, shift: Shift, burden: str) -> int:
    if burden == "minutes":
        return round(shift.period.length / MINUTE)
    counted = problem.is_night(shift) if burden == "nights" else problem.weekend(shift) is not None
    return TENTHS * counted
