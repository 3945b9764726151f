from datetime import UTC, date, datetime

import pytest

from quinze.science.charter import Holidays, LocalMoment, Window, is_open, local_moment, next_opening

EVENING = Window(days=frozenset(range(5)), start=19 * 60, holidays=Holidays.NEVER)
HOLIDAYS = Window(holidays=Holidays.ONLY)


@pytest.mark.parametrize(
    ("window", "moment", "expected"),
    [
        (EVENING, LocalMoment(1, 19 * 60), True),
        (EVENING, LocalMoment(1, 19 * 60 - 1), False),
        (EVENING, LocalMoment(5, 20 * 60), False),
        (EVENING, LocalMoment(1, 20 * 60, is_holiday=True), False),
        (HOLIDAYS, LocalMoment(1, 0), False),
        (HOLIDAYS, LocalMoment(1, 0, is_holiday=True), True),
        (Window(), LocalMoment(3, 24 * 60 - 1, is_holiday=True, is_pdsa=True), True),
        (Window(pdsa=True), LocalMoment(3, 0, is_pdsa=False), False),
        (Window(pdsa=False), LocalMoment(3, 0, is_pdsa=False), True),
    ],
)
def test_a_window_holds(*, window: Window, moment: LocalMoment, expected: bool) -> None:
    assert window.holds(moment) is expected
    assert is_open((window, window), moment) is expected


def test_no_window_means_always() -> None:
    assert is_open((), LocalMoment(0, 0))


@pytest.mark.parametrize(
    ("zone", "weekday", "minute"),
    [
        ("Europe/Paris", 1, 60),
        ("Indian/Reunion", 1, 240),
        ("America/St_Barthelemy", 0, 1200),
        ("Pacific/Noumea", 1, 660),
    ],
)
def test_local_moment(zone: str, weekday: int, minute: int) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    assert local_moment(at, zone=zone, is_holiday=False, is_pdsa=True) == LocalMoment(weekday, minute, is_pdsa=True)


def opening(at: datetime, *windows: Window, holidays: frozenset[date] = frozenset()) -> datetime | None:
    return next_opening(windows, after=at, zone="Europe/Paris", holidays=holidays)


def test_next_opening_tonight_then_after_the_week_end() -> None:
    assert opening(datetime(2026, 11, 24, 9, tzinfo=UTC), EVENING) == datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert opening(datetime(2026, 11, 27, 22, tzinfo=UTC), EVENING) == datetime(2026, 11, 30, 18, tzinfo=UTC)


def test_next_opening_skips_a_holiday_and_keeps_the_local_hour_over_a_clock_change() -> None:
    friday = datetime(2026, 3, 27, 20, tzinfo=UTC)
    assert opening(friday, EVENING) == datetime(2026, 3, 30, 17, tzinfo=UTC)
    assert opening(friday, EVENING, holidays=frozenset({date(2026, 3, 30)})) == datetime(2026, 3, 31, 17, tzinfo=UTC)


def test_next_opening_is_the_earliest_of_the_windows_and_unknown_for_the_pdsa() -> None:
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert opening(at, EVENING, Window(start=14 * 60)) == datetime(2026, 11, 24, 13, tzinfo=UTC)
    assert opening(at, Window(pdsa=True)) is None
