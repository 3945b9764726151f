"""Complaint 21: a fairness whose formula is published, and whose properties anyone can check."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.equity import Share, gini, gini_by_chance, lorenz, median, rate, received_by

HOURS = st.integers(1, 200).map(float)
SHARES = st.lists(st.tuples(st.integers(0, 60).map(float), st.integers(0, 40).map(float)), max_size=40)


def near(found: float | None, expected: float) -> bool:
    return found is not None and abs(found - expected) < 1e-9


def test_each_asked_in_proportion_to_the_hours_offered_is_perfect_equity():
    assert near(gini([(2, 1), (4, 2), (40, 20)]), 0)


def test_one_who_receives_everything_among_ten_equals():
    assert near(gini([(2.0, 0.0)] * 9 + [(2.0, 30.0)]), 0.9)


def test_a_known_case():
    """Two doctors, as many hours; one is asked three times for the other's one: ½ of the hours hold ¼ of the calls."""
    assert [(point.weight, point.value) for point in lorenz([(1, 3), (1, 1)])] == [(0, 0), (0.5, 0.25), (1, 1)]
    assert near(gini([(1, 3), (1, 1)]), 0.25)


def test_what_the_least_solicited_hours_receive():
    curve = lorenz([(1, 3), (1, 1), (0, 4)])
    assert [received_by(curve, part) for part in (0, 0.25, 0.5, 0.75)] == [0, 0.0625, 0.125, 0.3125]
    assert received_by(curve, 1) == 0.5  # the rest went to someone who had offered nothing


def test_nothing_to_compare_is_said_and_not_called_zero():
    assert gini([]) is None
    assert gini([(4, 0), (2, 0)]) is None
    assert gini([(0, 3)]) is None
    assert lorenz([(0, 0)]) == ()


def test_someone_asked_without_having_offered_anything_adds_to_the_inequality():
    assert near(gini([(4, 2), (4, 2), (0, 4)]), 0.5)


def test_a_negative_share_is_refused():
    with pytest.raises(ValueError, match="négative"):
        gini([(-1, 2)])


@given(SHARES)
def test_it_stays_between_0_and_1_and_the_curve_below_the_diagonal(shares: list[Share]):
    found, curve = gini(shares), lorenz(shares)
    assert found is None or 0 <= found <= 1
    assert all(point.value <= point.weight + 1e-9 for point in curve)
    steps = pairwise(curve)
    assert all(a.weight <= b.weight and a.value <= b.value for a, b in steps)


@given(SHARES, st.randoms(use_true_random=False))
def test_the_order_of_people_their_unit_and_a_copy_of_everyone_change_nothing(shares: list[Share], shuffler):
    found = gini(shares)
    mixed = shares.copy()
    shuffler.shuffle(mixed)
    in_minutes = [(60 * weight, 3 * value) for weight, value in shares]
    for other in (mixed, in_minutes, shares * 2):
        again = gini(other)
        assert again is None if found is None else near(again, found)


@given(st.lists(HOURS, min_size=2, max_size=20), st.data())
def test_giving_a_call_of_the_most_asked_to_the_least_asked_never_makes_it_worse(hours: list[float], data):
    asked = data.draw(st.lists(st.integers(1, 30), min_size=len(hours), max_size=len(hours)))
    rates = [value / weight for weight, value in zip(hours, asked, strict=True)]
    high, low = rates.index(max(rates)), rates.index(min(rates))
    if high == low or (asked[high] - 1) / hours[high] < (asked[low] + 1) / hours[low]:
        return  # equal already, or the gift would turn them around
    moved = asked.copy()
    moved[high], moved[low] = moved[high] - 1, moved[low] + 1
    before, after = gini(zip(hours, asked, strict=True)), gini(zip(hours, moved, strict=True))
    assert before is not None
    assert after is not None
    assert after <= before + 1e-9


def test_few_calls_among_many_doctors_are_uneven_by_chance_alone():
    few, many = gini_by_chance([4.0] * 50, 10), gini_by_chance([4.0] * 50, 5000)
    assert few is not None
    assert many is not None
    assert few > 0.75
    assert many < 0.1


def test_chance_is_the_same_every_time_and_needs_someone_and_something():
    assert gini_by_chance([1, 2, 3], 30) == gini_by_chance([1, 2, 3], 30)
    assert gini_by_chance([0, 0], 30) is None
    assert gini_by_chance([1, 2], 0) is None


def test_a_draw_by_the_hours_looks_like_chance_and_a_favourite_does_not():
    hours = [2.0, 4.0, 8.0, 16.0] * 5
    fair = gini_by_chance(hours, 400, seed=1)
    favourite = gini([(weight, 400.0 if index == 0 else 0.0) for index, weight in enumerate(hours)])
    assert fair is not None
    assert favourite is not None
    assert fair < 0.15
    assert favourite > 0.9


def test_rates_and_medians():
    assert rate(3, 2) == 1.5
    assert rate(3, 0) is None
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median([]) is None
