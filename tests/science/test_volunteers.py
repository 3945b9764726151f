import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.volunteers import at_most, covering, need, poisson_interval


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_intervals_are_those_of_the_tables_of_garwood(count, low, high):
    """Garwood 1936, as printed by every text on exact Poisson limits."""
    assert poisson_interval(count) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(0, 3000))
def test_a_count_is_no_surprise_inside_its_interval_and_one_outside(count):
    low, high = poisson_interval(count)
    assert low <= count < high
    assert at_most(count, high) == pytest.approx(0.025, rel=1e-4)
    if count:
        assert 1 - at_most(count - 1, low) == pytest.approx(0.025, rel=1e-4)


@given(st.floats(0, 2000))
def test_seats_hold_nine_weeks_in_ten_and_one_less_would_not(mean):
    seats = covering(mean)
    assert at_most(seats, mean) >= 0.9
    assert seats == 0 or at_most(seats - 1, mean) < 0.9


def test_the_published_rule_on_a_worked_case():
    """12 requests in 6 weeks: 2 a week; 4 seats hold 94.7 % of such weeks, 3 hold 85.7 %. 4 × 30 min = 2 h: one."""
    found = need(unmet=12, weeks=6, seat_minutes=30, hours_each=2)
    assert (found.a_week, found.seats.seen, found.hours, found.volunteers.seen) == (2, 4, 2.0, 1)
    assert (found.volunteers.low, found.volunteers.high) == (1, 2)


def test_nothing_lacked_asks_for_nobody_but_says_what_few_weeks_cannot_exclude():
    found = need(unmet=0, weeks=2, seat_minutes=20, hours_each=2)
    assert (found.volunteers.low, found.volunteers.seen, found.volunteers.high) == (0, 0, 1)


@given(st.integers(0, 400), st.integers(1, 26))
def test_more_without_a_seat_never_asks_for_fewer(unmet, weeks):
    less, more = (need(unmet=n, weeks=weeks, seat_minutes=20, hours_each=2).volunteers for n in (unmet, unmet + 1))
    assert less.low <= less.seen <= less.high
    assert (less.low, less.seen, less.high) <= (more.low, more.seen, more.high)


@pytest.mark.parametrize(
    "wrong", [{"unmet": -1}, {"weeks": 0}, {"seat_minutes": 0}, {"hours_each": -2}], ids=lambda wrong: next(iter(wrong))
)
def test_figures_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="durée observée"):
        need(**{"unmet": 1, "weeks": 1, "seat_minutes": 20, "hours_each": 2} | wrong)
