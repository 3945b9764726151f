"""Shifts that cover a need: recounted plainly, compared with all the ways there are on small days, and shown short
when short.
"""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.rosters import Kind, Unusable, as_shifts, cover
from tests.science.rosters.strategies import PARIS

HALF = 30


def _recount(planned: object, slots: int, step: int) -> list[int]:
    there = [0] * slots
    for each in planned:  # type: ignore[attr-defined]
        for offset in range(each.kind.minutes // step):
            there[(each.slot + offset) % slots] += each.count
    return there


def test_a_week_of_a_room_is_covered_with_little_more_than_its_need() -> None:
    day = [*[3] * 14, 5, 6, 7, 8, *[9] * 2, *[8] * 8, *[9] * 5, 8, 7, 7, 6, 6, 5, 5, 4, 4, 4, *[3] * 5]
    required = day * 7
    ten = Kind("10 h", 600, (480, 600, 720))
    kinds = [Kind("12 h", 720, (420, 1140)), Kind("7 h 30", 450, (360, 480, 600, 840)), ten]
    found = cover(required, kinds)
    assert found.optimal
    assert list(found.covered) == _recount(found.planned, len(required), HALF)
    assert sum(found.short) == 0
    assert found.paid_minutes < 1.12 * sum(required) * HALF


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=24, max_size=24), st.integers(0, 23), st.integers(0, 23))
def test_no_other_plan_of_a_small_day_costs_less(required: list[int], first: int, second: int) -> None:
    kinds = [Kind("long", 720, (first * 60,)), Kind("court", 240, (second * 60,))]
    found = cover(required, kinds, step=60)
    assert all(have + lack >= need for have, lack, need in zip(found.covered, found.short, required, strict=True))

    def cost(counts: tuple[int, ...]) -> int:
        there = [0] * 24
        for kind, count in zip(kinds, counts, strict=True):
            for offset in range(kind.minutes // 60):
                there[(kind.starts[0] // 60 + offset) % 24] += count
        short = sum(max(0, need - have) for need, have in zip(required, there, strict=True))
        return sum(kind.minutes * count for kind, count in zip(kinds, counts, strict=True)) + 1000 * 60 * short

    assert found.paid_minutes + 1000 * 60 * sum(found.short) == min(
        cost(counts) for counts in product(range(4), repeat=2)
    )


def test_too_few_people_leave_slots_short_and_say_so() -> None:
    found = cover([4] * 48, [Kind("12 h", 720, (0, 720))], most_people=3)
    assert sum(each.count for each in found.planned) == 3
    assert sum(found.short) * HALF == 4 * 24 * 60 - 3 * 720


def test_shifts_keep_their_local_hours_when_clocks_move() -> None:
    found = cover([1] * 48 * 2, [Kind("jour", 720, (480,)), Kind("nuit", 720, (1200,))])
    shifts = as_shifts(found, post="arm", first=date(2026, 10, 24), zone=PARIS)
    assert sorted(shift.period.length for shift in shifts) == [timedelta(hours=12)] * 3 + [timedelta(hours=13)]
    assert {shift.period.start.astimezone(PARIS).hour for shift in shifts} == {8, 20}


@pytest.mark.parametrize(
    ("required", "kinds", "step", "said"),
    [
        ([1] * 47, [Kind("a", 60, (0,))], 30, "Accepté : des jours entiers"),
        ([1] * 24, [Kind("a", 60, (0,))], 45, "Pas de 45 minutes"),
        ([-1] * 24, [Kind("a", 60, (0,))], 60, "Créneau 1 : -1 personnes"),
        ([10**6] * 24, [Kind("a", 60, (0,))], 60, "1000000 personnes. Accepté : un nombre entier de 0 à 200"),
        ([1] * 24, [], 60, "Aucune sorte de garde"),
        ([1] * 24, [Kind("a", 90, (0,))], 60, "doivent tomber sur des créneaux"),
    ],
)
def test_a_need_that_makes_no_sense_is_refused(required: list[int], kinds: list[Kind], step: int, said: str) -> None:
    with pytest.raises(Unusable) as refused:
        cover(required, kinds, step=step)
    assert said in str(refused.value)


def test_a_kind_of_shift_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Unusable, match="de 15 min à 24 h"):
        Kind("a", 0, (0,))
    with pytest.raises(Unusable, match="hors de la journée"):
        Kind("a", 60, (1440,))


def test_pauses_are_placed_in_the_middle_and_nobody_lacks_meanwhile() -> None:
    required = [2] * 96
    found = cover(required, [Kind("12 h", 720, (0, 360, 720), pause=30), Kind("6 h", 360, (180, 540))], step=15)
    there = [0] * 96
    for each in found.planned:
        assert len(each.pauses) == (each.count if each.kind.pause else 0)
        for rank in range(each.count):
            hole = range(each.pauses[rank] // 15, each.pauses[rank] // 15 + 2) if each.pauses else range(0)
            assert all(16 <= slot < 32 for slot in hole), "between the fourth and the eighth hour"
            for offset in set(range(each.kind.minutes // 15)) - set(hole):
                there[(each.slot + offset) % 96] += 1
    assert there == list(found.covered)
    assert min(there) >= 2, "a pause leaves a post empty: somebody else holds it"


def test_a_dearer_kind_is_left_for_what_the_other_cannot_do() -> None:
    day = [1] * 48
    kinds = [Kind("cher", 720, (0, 720), cost=3.0), Kind("ordinaire", 480, (0, 480, 960))]
    assert {each.kind.name for each in cover(day, kinds).planned} == {"ordinaire"}
    assert {each.kind.name for each in cover(day, kinds[:1]).planned} == {"cher"}


@pytest.mark.parametrize(("pause", "cost"), [(-1, 1.0), (300, 1.0), (0, 0.0), (0, 99.0), (0, float("nan"))])
def test_absurd_pauses_and_costs_are_refused(pause: int, cost: float) -> None:
    with pytest.raises(Unusable):
        Kind("x", 720, (0,), pause, cost)
