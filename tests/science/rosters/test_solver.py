"""The solver against a plain checker of every rule, and against all rosters there are, on small problems drawn at
random.
"""

from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

import pytest
from hypothesis import HealthCheck, given, settings

from quinze.science.rosters import (
    Assignment,
    Period,
    Person,
    Problem,
    Rule,
    Shift,
    Wish,
    breaches,
    gaps,
    new_breaches,
    sites,
    solve,
)
from tests.science.rosters.strategies import PARIS, problems

SLOW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def _empty_minutes(problem: Problem, assignments: list[Assignment]) -> int:
    return round(
        sum(gap.lacking * gap.shift.period.length / timedelta(minutes=1) for gap in gaps(problem, assignments))
    )


def _missed(problem: Problem, assignments: list[Assignment]) -> int:
    held = [each.person for each in assignments]
    return sum(max(0, person.quota - held.count(person.key)) for person in problem.people)


@SLOW
@given(problems())
def test_a_roster_breaks_no_rule_that_was_not_broken_before(problem: Problem) -> None:
    roster = solve(problem, effort=2.0)
    before = sites(problem, problem.fixed)
    assert new_breaches(problem, before, roster.assignments) == []
    assert set(problem.fixed) <= set(roster.assignments)
    assert list(roster.gaps) == gaps(problem, roster.assignments)


@SLOW
@given(problems(most_people=2, most_shifts=5, with_fixed=False))
def test_no_roster_that_keeps_the_rules_has_fewer_gaps(problem: Problem) -> None:
    every = [Assignment(person.key, shift.key) for person in problem.people for shift in problem.shifts]
    rosters = chain.from_iterable(combinations(every, size) for size in range(len(every) + 1))
    able = [r for r in rosters if all(problem.shift[a.shift].post in problem.person[a.person].posts for a in r)]
    kept = (list(each) for each in able if not breaches(problem, sites(problem, each)))
    best = min(_empty_minutes(problem, each) + 60 * _missed(problem, each) for each in kept)
    found = solve(problem, effort=5.0)
    chosen = list(found.assignments)
    assert found.inevitable
    assert _empty_minutes(problem, chosen) + 60 * _missed(problem, chosen) == best


def _day(day: int, hour: int, length: int, *, post: str = "arm", needed: int = 1) -> Shift:
    start = datetime(2026, 11, day, tzinfo=PARIS).astimezone(UTC) + timedelta(hours=hour)
    return Shift(f"{day:02}-{hour:02} {post}", post, Period(start, start + timedelta(hours=length)), needed)


def _weeks(people: int, *, days: int = 14) -> Problem:
    """A room: two ARM by day and by night, one OSNP by day; two people hold both posts."""
    work = [_day(day, hour, 12, needed=2) for day in range(2, 2 + days) for hour in (7, 19)]
    work += [_day(day, 8, 10, post="osnp") for day in range(2, 2 + days)]
    both, arm = frozenset({"arm", "osnp"}), frozenset({"arm"})
    staff = [Person(f"p{rank:02}", both if rank < 4 else arm, most_hours=40 * days / 7) for rank in range(people)]
    return Problem(PARIS, staff, work)


def test_two_weeks_are_filled_and_shared_evenly() -> None:
    problem = _weeks(14)
    roster = solve(problem, effort=1.0)
    assert roster.gaps == ()
    assert roster.inevitable
    assert breaches(problem, roster.assignments) == []
    held = {
        person.key: [problem.shift[a.shift] for a in roster.assignments if a.person == person.key]
        for person in problem.people
    }
    nights = [sum(map(problem.is_night, mine)) for key, mine in held.items() if key >= "p04"]  # one post only
    assert max(nights) - min(nights) <= 2
    assert solve(problem, effort=1.0) == roster  # same problem, same answer


def test_too_few_people_leave_gaps_and_never_a_broken_rule() -> None:
    problem = _weeks(5)
    roster = solve(problem, effort=1.0)
    assert roster.gaps
    assert all(0 < gap.lacking <= gap.shift.needed for gap in roster.gaps)
    assert breaches(problem, roster.assignments) == []


def test_nobody_and_nothing_have_an_answer() -> None:
    shift = _day(2, 8, 8)
    assert [gap.lacking for gap in solve(Problem(PARIS, [], [shift])).gaps] == [1]
    assert solve(Problem(PARIS, [Person("a", frozenset({"arm"}))], [])).assignments == ()


def test_a_wish_decides_between_two_people() -> None:
    shift = _day(2, 8, 8)
    wish = Wish(shift.period, 5)
    arm = frozenset({"arm"})
    for willing in ("a", "b"):
        people = [Person(key, arm, wishes=(wish,) if key == willing else ()) for key in ("a", "b")]
        assert solve(Problem(PARIS, people, [shift])).assignments == (Assignment(willing, shift.key),)


def test_a_trainee_comes_in_addition_and_never_alone() -> None:
    shifts = [_day(day, 8, 8) for day in (2, 4, 6)]
    arm = frozenset({"arm"})
    people = [Person("trainee", arm, trainee=True, quota=2), Person("senior", arm, away=(shifts[0].period,))]
    problem = Problem(PARIS, people, shifts)
    roster = solve(problem)
    assert [gap.shift.key for gap in roster.gaps] == [shifts[0].key]
    assert sorted(each.shift for each in roster.assignments if each.person == "trainee") == [
        shifts[1].key,
        shifts[2].key,
    ]
    alone = breaches(problem, [Assignment("trainee", shifts[1].key)])
    assert [each.rule for each in alone] == [Rule.TRAINEE]


def test_who_regulates_from_a_distance_comes_for_a_fifth_of_the_time() -> None:
    shifts = [_day(day, 8, 4, post="mrl") for day in (*range(2, 7), *range(9, 14))]
    problem = Problem(PARIS, [Person("d", frozenset({"mrl"}), remote=True)], shifts)
    roster = solve(problem)
    here = [each for each in roster.assignments if each.on_site]
    assert (len(roster.assignments), len(here)) == (10, 2)
    elsewhere = [Assignment(each.person, each.shift, on_site=False) for each in roster.assignments]
    assert [each.rule for each in breaches(problem, elsewhere)] == [Rule.ON_SITE]


def test_without_or_tools_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ortools.sat.python", None)
    from quinze.science.rosters import NotInstalled

    with pytest.raises(NotInstalled, match=r"installez quinze\[rosters\]"):
        solve(Problem(PARIS, [], []))
