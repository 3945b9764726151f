"""Posts by quarter-hour over a week: hours keep their calls, a flat day asks what the study of a day asks."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.queueing.bounds import Unacceptable
from quinze.science.queueing.capacity import Study, plan
from quinze.science.queueing.day import calls_by_hour
from quinze.science.queueing.week import needs_of_week, rates_of_week

STUDY = Study(calls_by_hour=calls_by_hour(300_000))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 500), min_size=24, max_size=24), st.lists(st.floats(0.1, 9), min_size=7, max_size=7))
def test_quarters_keep_the_calls_of_each_hour(hours: list[float], by_day: list[float]) -> None:
    rates = rates_of_week(Study(calls_by_hour=tuple(hours)), by_day=by_day)
    assert len(rates) == 672
    assert min(rates) >= 0
    for at in range(168):
        expected = hours[at % 24] * 7 * by_day[at // 24] / math.fsum(by_day)
        assert math.fsum(rates[4 * at : 4 * at + 4]) / 4 == pytest.approx(expected, abs=1e-6)


def test_a_flat_week_asks_what_a_flat_day_asks() -> None:
    flat = Study(calls_by_hour=(40.0,) * 24)
    week = needs_of_week(flat, rates_of_week(flat))
    assert [set(need.posts) for need in week] == [{need.hours[0].posts} for need in plan(flat)]


def test_a_busy_day_and_a_busy_week_end_ask_for_more() -> None:
    usual, busy = (needs_of_week(STUDY, rates_of_week(STUDY, busy=busy)) for busy in (False, True))
    assert sum(busy[0].posts) > sum(usual[0].posts)
    week_end = needs_of_week(STUDY, rates_of_week(STUDY, by_day=(1, 1, 1, 1, 1, 3, 3)))
    assert max(week_end[0].posts[5 * 96 :]) > max(week_end[0].posts[: 5 * 96])


def test_a_line_without_calls_is_closed() -> None:
    closed = Study(calls_by_hour=(0.0,) * 8 + (50.0,) * 12 + (0.0,) * 4)
    need = needs_of_week(closed, rates_of_week(closed))[0]
    assert set(need.posts[4:24]) == {0}
    assert min(need.posts[10 * 4 : 18 * 4]) > 0


@pytest.mark.parametrize("by_day", [(1, 2), (0,) * 7, (-1, 1, 1, 1, 1, 1, 1), (float("nan"),) * 7])
def test_absurd_weeks_are_refused(by_day: tuple[float, ...]) -> None:
    with pytest.raises(Unacceptable):
        rates_of_week(STUDY, by_day=by_day)


@pytest.mark.parametrize("rates", [(), (1.0,) * 95, (-1.0,) * 96])
def test_absurd_rates_are_refused(rates: tuple[float, ...]) -> None:
    with pytest.raises(Unacceptable):
        needs_of_week(STUDY, rates)
