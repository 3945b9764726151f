"""Each rule alone: what is allowed to the minute, and what is one minute too much."""

from datetime import UTC, datetime, timedelta

import pytest

from quinze.science.rosters import (
    Assignment,
    Period,
    Person,
    Problem,
    Rule,
    Rules,
    Shift,
    Unusable,
    Wish,
    breaches,
    candidates,
    new_breaches,
    swapped,
)
from tests.science.rosters.strategies import PARIS

MONDAY = datetime(2026, 11, 2, tzinfo=PARIS)


def _shift(key: str, start: float, length: float, *, post: str = "arm", needed: int = 1) -> Shift:
    """`start`: hours since Monday midnight."""
    begun = MONDAY.astimezone(UTC) + timedelta(hours=start)
    return Shift(key, post, Period(begun, begun + timedelta(hours=length)), needed)


def _rules(shifts: list[Shift], **person: object) -> list[Rule]:
    posts = frozenset(shift.post for shift in shifts)
    someone = Person("a", **({"posts": posts} | person))  # type: ignore[arg-type]
    problem = Problem(PARIS, [someone], shifts)
    return [each.rule for each in breaches(problem, [Assignment("a", shift.key) for shift in shifts])]


def _week(*starts: float, length: float = 8) -> list[Shift]:
    return [_shift(f"s{rank}", start, length) for rank, start in enumerate(starts)]


CASES: list[tuple[str, list[Shift], list[Rule]]] = [
    ("eleven hours of rest", _week(8, 27), []),
    ("a minute less", _week(8, 27 - 1 / 60), [Rule.DAILY_REST]),
    ("two shifts in one stretch of twelve hours", [_shift("s", 8, 4), _shift("t", 16, 4)], []),
    ("of twelve hours and a minute", [_shift("s", 8, 4), _shift("t", 16 + 1 / 60, 4)], [Rule.DAILY_REST]),
    ("three shifts that leave no rest", [_shift("s", 0, 4), _shift("t", 8, 4), _shift("u", 15, 4)], [Rule.DAILY_REST]),
    ("thirteen hours at once", _week(8, length=13), [Rule.STRETCH]),
    ("two posts at once", [_shift("s", 8, 4), _shift("t", 11, 4, post="smur")], [Rule.OVERLAP]),
    ("ARM then OSNP in one stretch", [_shift("s", 8, 4), _shift("t", 12, 4, post="osnp")], [Rule.EXCLUSIVE]),
    ("ARM then OSNP after a rest", [_shift("s", 8, 4), _shift("t", 23, 4, post="osnp")], []),
    ("48 hours", _week(*range(8, 105, 24), length=9.6), []),
    ("48 hours and a half", _week(*range(8, 105, 24), length=9.7), [Rule.WEEKLY_HOURS]),
    ("56 hours and no long rest", _week(*range(8, 169, 24)), [Rule.WEEKLY_HOURS, Rule.WEEKLY_REST]),
    ("thirty-five hours of rest", _week(*range(8, 128, 24), 120 + 5), []),
    ("an hour less", _week(*range(8, 128, 24), 120 + 6), [Rule.WEEKLY_REST]),
    ("four nights in a row", _week(20, 44, 68, 92, length=9), []),
    ("five nights in a row", _week(20, 44, 68, 92, 116, length=8), [Rule.NIGHTS_IN_A_ROW]),
    ("nights of two weeks, one off", _week(20, 44, 68, 116, 140, length=9), []),
    ("two week-ends in four", _week(5 * 24 + 8, 12 * 24 + 8), []),
    ("three week-ends in four", _week(5 * 24 + 8, 12 * 24 + 8, 26 * 24 + 8), [Rule.WEEKENDS]),
    ("the third is five weeks later", _week(5 * 24 + 8, 12 * 24 + 8, 33 * 24 + 8), []),
    ("Friday night is a week-end of work", _week(4 * 24 + 20, 11 * 24 + 20, 18 * 24 + 20, length=8), [Rule.WEEKENDS]),
]


@pytest.mark.parametrize(("name", "shifts", "broken"), CASES, ids=[case[0] for case in CASES])
def test_working_time(name: str, shifts: list[Shift], broken: list[Rule]) -> None:
    assert _rules(shifts) == broken


def test_contract_skill_absence_and_nights() -> None:
    night = [_shift("n", 20, 10)]
    assert _rules(night, most_hours=10) == []
    assert _rules(night, most_hours=9.9) == [Rule.CONTRACT]
    assert _rules(night, nights=False) == [Rule.NO_NIGHT]
    assert _rules(night, away=(Period(night[0].period.end - timedelta(minutes=1), night[0].period.end),)) == [Rule.AWAY]
    assert _rules(night, away=(Period(night[0].period.end, night[0].period.end + timedelta(hours=1)),)) == []
    assert _rules(night, posts=frozenset({"osnp"})) == [Rule.SKILL]


def test_the_past_counts_and_is_not_reproached() -> None:
    old = tuple(_shift(f"old{rank}", start, 13) for rank, start in enumerate((-60, -40)))
    assert _rules(_week(8), past=old) == []
    assert _rules(_week(8), past=(_shift("night", -10, 8),)) == [Rule.DAILY_REST]


def test_the_night_that_clocks_move_lasts_what_it_lasts() -> None:
    start = datetime(2026, 10, 24, 20, tzinfo=PARIS)
    night = Shift("n", "arm", Period(start, datetime(2026, 10, 25, 8, tzinfo=PARIS)))
    assert night.period.length == timedelta(hours=13)
    assert _rules([night]) == []  # the same night as every other, by the clocks
    assert _rules([night], most_hours=12) == [Rule.CONTRACT]
    short = Shift("m", "arm", Period(night.period.end + timedelta(hours=10.5), night.period.end + timedelta(hours=12)))
    assert _rules([night, short]) == [Rule.DAILY_REST]


def test_one_person_too_many_is_said() -> None:
    shift = _shift("s", 8, 8)
    people = [Person(key, frozenset({"arm"})) for key in "ab"]
    found = breaches(Problem(PARIS, people, [shift]), [Assignment(key, "s") for key in "ab"])
    assert [(each.rule, each.said) for each in found] == [(Rule.TOO_MANY, "2 personnes pour 1 places.")]


def test_a_swap_is_judged_by_what_it_breaks_more() -> None:
    shifts = [_shift("day", 8, 8), _shift("night", 20, 10), _shift("late", 60, 8)]
    arm = frozenset({"arm"})
    problem = Problem(PARIS, [Person("a", arm), Person("b", arm, nights=False), Person("c", arm)], shifts)
    before = [Assignment("a", "day"), Assignment("c", "night"), Assignment("b", "late")]
    assert new_breaches(problem, before, swapped(before, giver="a", given="day", taker="b", returned="late")) == []
    rest = new_breaches(problem, before, swapped(before, giver="a", given="day", taker="c"))
    assert [(each.person, each.rule) for each in rest] == [("c", Rule.DAILY_REST)]
    night = new_breaches(problem, before, swapped(before, giver="c", given="night", taker="b"))
    assert [(each.person, each.rule) for each in night] == [("b", Rule.NO_NIGHT)]
    with pytest.raises(Unusable, match="a n’a pas la garde night"):
        swapped(before, giver="a", given="night", taker="b")


def test_what_was_wrong_before_does_not_block_a_change() -> None:
    shifts = [_shift("s", 8, 8), _shift("t", 20, 8), _shift("u", 80, 8)]
    problem = Problem(PARIS, [Person(key, frozenset({"arm"})) for key in "ab"], shifts)
    wrong = [Assignment("a", "s"), Assignment("a", "t")]
    assert [each.rule for each in breaches(problem, wrong)] == [Rule.DAILY_REST]
    assert new_breaches(problem, wrong, [*wrong, Assignment("a", "u")]) == []
    assert new_breaches(problem, wrong, [Assignment("a", "s"), Assignment("b", "t")]) == []


def test_who_may_take_a_shift_and_why_the_others_may_not() -> None:
    shifts = [_shift("day", 8, 8), _shift("night", 20, 10)]
    arm = frozenset({"arm"})
    people = [
        Person("a", arm),
        Person("b", arm, away=(shifts[1].period,)),
        Person("c", frozenset({"osnp"})),
        Person("d", arm),
    ]
    problem = Problem(PARIS, people, shifts)
    found = candidates(problem, [Assignment("a", "day")], shifts[1])
    assert [(each.person, [breach.said for breach in each.broken]) for each in found] == [
        ("d", []),
        ("a", ["Repos de moins de 11 h dans 22 h d’amplitude."]),
        ("b", ["Absence déclarée sur ces heures."]),
    ]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Period(datetime(2026, 1, 1), datetime(2026, 1, 2)), "heure sans fuseau"),  # noqa: DTZ001
        (lambda: Period(MONDAY, MONDAY), "la fin vient avant le début"),
        (lambda: _shift("s", 0, 25), "Accepté : 24 h au plus"),
        (lambda: _shift("s", 0, 8, needed=-1), "-1 personnes. Accepté : de 0 à 200"),
        (lambda: Person("a", frozenset(), most_hours=-1), "-1 h. Accepté"),
        (lambda: Person("a", frozenset(), share=0), "quotité 0"),
        (lambda: Wish(_shift("s", 0, 8).period, 11), "poids 11"),
        (lambda: Rules(daily_rest=timedelta(0)), "repos quotidien"),
        (lambda: Rules(nights_in_a_row=0), "1 à 7 nuits"),
        (lambda: Problem(PARIS, [Person("a", frozenset())] * 2, []), "« a » apparaît deux fois"),
        (lambda: Problem(PARIS, [], [], fixed=[Assignment("a", "s")]), "Affectation inconnue : a, s"),
    ],
)
def test_what_makes_no_sense_is_refused(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(Unusable) as refused:
        make()
    assert said in str(refused.value)
