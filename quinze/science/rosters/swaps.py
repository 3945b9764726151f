"""Changes to a roster, judged by the same rules as the roster itself. What was already wrong does not block a change:
what counts is that it breaks nothing more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quinze.science.rosters.checker import Breach, breaches
from quinze.science.rosters.problem import Assignment, Problem, Shift, Unusable, ordered


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for a shift. `broken` empty: they may take it."""

    person: str
    broken: tuple[Breach, ...]


def new_breaches(problem: Problem, before: Sequence[Assignment], after: Sequence[Assignment]) -> list[Breach]:
    """A breach that was there, of the same shifts or more of them, is not a new one."""
    had = [(each.person, each.rule, set(each.shifts)) for each in breaches(problem, before)]

    def was_there(breach: Breach) -> bool:
        own = (breach.person, breach.rule)
        return any((person, rule) == own and shifts >= set(breach.shifts) for person, rule, shifts in had)

    return [each for each in breaches(problem, after) if not was_there(each)]


def swapped(
    assignments: Sequence[Assignment], *, giver: str, given: str, taker: str, returned: str | None = None
) -> list[Assignment]:
    """`giver` leaves shift `given` to `taker`, who may leave them `returned`. Raises Unusable when they do not hold
    them.
    """
    held = {(each.person, each.shift): each for each in assignments}
    moves = [(giver, given, taker), *([(taker, returned, giver)] if returned else [])]
    for owner, shift, _ in moves:
        if (owner, shift) not in held:
            raise Unusable(f"{owner} n’a pas la garde {shift}.")
        del held[owner, shift]
    for _, shift, receiver in moves:
        if (receiver, shift) in held:
            raise Unusable(f"{receiver} a déjà la garde {shift}.")
        held[receiver, shift] = Assignment(receiver, shift)
    return sorted(held.values())


def candidates(problem: Problem, assignments: Sequence[Assignment], shift: Shift) -> list[Candidate]:
    """Everybody who has the skill and is not on it, those who break no rule first: whom to call, and why not the
    others.
    """
    there = {each.person for each in assignments if each.shift == shift.key}
    able = [each for each in problem.people if shift.post in each.posts and not each.trainee and each.key not in there]
    found = [_candidate(problem, assignments, Assignment(each.key, shift.key)) for each in able]
    return sorted(found, key=lambda each: (len(each.broken), each.person))


def _candidate(problem: Problem, assignments: Iterable[Assignment], added: Assignment) -> Candidate:
    mine = [each for each in assignments if each.person == added.person]
    broken = new_breaches(problem, mine, [*mine, added])
    return Candidate(added.person, tuple(each for each in broken if each.person))


def sites(problem: Problem, assignments: Iterable[Assignment]) -> list[Assignment]:
    """Says who comes on site when: those who regulate from a distance come as little as their share allows, for their
    longest shifts first, the others always.
    """
    found: list[Assignment] = []
    by_person: dict[str, list[Shift]] = {}
    for each in assignments:
        by_person.setdefault(each.person, []).append(problem.shift[each.shift])
    for person, shifts in sorted(by_person.items()):
        here = _on_site(shifts, problem.rules.on_site_share if problem.person[person].remote else 1.0)
        found += [Assignment(person, shift.key, on_site=shift.key in here) for shift in ordered(shifts)]
    return found


def _on_site(shifts: Sequence[Shift], share: float) -> set[str]:
    total = sum(shift.period.length.total_seconds() for shift in shifts)
    here, done = set[str](), 0.0
    for shift in sorted(shifts, key=lambda each: (-each.period.length, each.period.start, each.key)):
        if done >= share * total - 1e-6:
            break
        here.add(shift.key)
        done += shift.period.length.total_seconds()
    return here
