from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.directory.geography.zones import BY_COMMUNE, BY_DEPARTEMENT
from quinze.directory.opening import Calendar, Hours, public_holidays, subdivision_of

ALWAYS = date(2020, 1, 1)
WEEKDAYS = tuple(Hours("SNP", day, time(8), time(20), ALWAYS) for day in range(5))
WEEK = (*WEEKDAYS, Hours("SNP", 5, time(8), time(12), ALWAYS))
PARIS = Calendar("Europe/Paris", WEEK)


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-20T07:59:59", False),  # Friday
        ("2026-11-20T08:00:00", True),
        ("2026-11-20T19:59:59", True),
        ("2026-11-20T20:00:00", False),
        ("2026-11-21T11:59", True),  # Saturday
        ("2026-11-21T12:00", False),
        ("2026-11-22T10:00", False),  # Sunday
        ("2026-11-11T10:00", False),  # Armistice, a Wednesday
        ("2026-03-29T10:00", False),  # Sunday of the change of hour
        ("2026-10-26T08:00", True),  # Monday after the other change
    ],
)
def test_national_hours(instant, is_open):
    assert PARIS.is_open("SNP", at(instant)) is is_open


def test_hours_are_local_whatever_the_zone_of_the_instant():
    reunion = Calendar("Indian/Reunion", WEEK)
    assert reunion.is_open("SNP", datetime(2026, 11, 20, 4, 0, tzinfo=UTC))  # 8:00 there
    assert not reunion.is_open("SNP", datetime(2026, 11, 20, 16, 0, tzinfo=UTC))  # 20:00 there


def test_next_opening_jumps_the_week_end_and_the_holiday():
    assert PARIS.next_opening("SNP", at("2026-11-20T20:00")) == at("2026-11-21T08:00")
    assert PARIS.next_opening("SNP", at("2026-11-21T12:00")) == at("2026-11-23T08:00")
    assert PARIS.next_opening("SNP", at("2026-11-10T20:30")) == at("2026-11-12T08:00")
    assert PARIS.next_opening("SNP", at("2026-03-28T12:30")) == at("2026-03-30T08:00")  # summer time in between


def test_a_line_without_hours_never_opens_but_the_15_always_answers():
    empty = Calendar("Europe/Paris", ())
    assert empty.next_opening("SNP", at("2026-11-20T10:00")) is None
    assert empty.is_open("AMU", at("2026-11-22T03:00"))
    assert empty.is_open("AMU", at("2026-10-25T02:30"))


def test_closing():
    assert PARIS.closing("SNP", at("2026-11-20T10:00")) == at("2026-11-20T20:00")
    assert PARIS.closing("SNP", at("2026-11-22T10:00")) is None


def test_exceptions_close_and_open():
    day = date(2026, 11, 20)
    closed = Calendar("Europe/Paris", WEEK, {("SNP", day): False})
    assert not closed.is_open("SNP", at("2026-11-20T10:00"))
    opened = Calendar("Europe/Paris", WEEK, {("SNP", date(2026, 11, 11)): True, ("SNP", date(2026, 11, 22)): True})
    assert opened.is_open("SNP", at("2026-11-11T10:00"))  # a holiday
    assert opened.is_open("SNP", at("2026-11-22T19:00"))  # a Sunday takes the hours of Monday
    assert not closed.is_open("PDSA", at("2026-11-20T10:00"))


def test_holidays_of_alsace_and_overseas():
    good_friday = date(2027, 3, 26)
    assert good_friday not in public_holidays(2027)
    assert good_friday in public_holidays(2027, subdivision_of("Europe/Paris", alsace_moselle=True))
    assert date(2027, 12, 20) in public_holidays(2027, subdivision_of("Indian/Reunion"))  # abolition
    assert date(2027, 5, 22) in public_holidays(2027, subdivision_of("America/Martinique"))


@pytest.mark.parametrize("zone", sorted(set(BY_DEPARTEMENT.values()) | set(BY_COMMUNE.values())))
def test_every_zone_has_its_holidays_and_its_clock(zone):
    assert len(public_holidays(2027, subdivision_of(zone))) >= 11
    assert Calendar(zone, WEEK).next_opening("SNP", datetime(2026, 11, 22, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("day", "is_bridge"),
    [
        (date(2027, 5, 7), True),  # between Ascension and 8 May
        (date(2026, 5, 15), True),  # Friday after Ascension
        (date(2026, 7, 13), True),  # Monday before 14 July
        (date(2026, 7, 14), False),
        (date(2026, 11, 12), False),
        (date(2026, 11, 20), False),
        (date(2026, 11, 16), False),
    ],
)
def test_bridges(day, is_bridge):
    assert PARIS.is_bridge(day) is is_bridge


def test_bridges_close_the_line_only_if_the_sas_says_so():
    bridge = at("2026-05-15T10:00")
    assert PARIS.is_open("SNP", bridge)
    strict = Calendar("Europe/Paris", WEEK, bridges_are_pdsa=True)
    assert not strict.is_open("SNP", bridge)
    assert strict.local_moment(bridge).is_pdsa


def test_local_moment():
    moment = PARIS.local_moment(datetime(2026, 11, 21, 11, 30, tzinfo=UTC))
    assert (moment.day, moment.weekday, moment.time) == (date(2026, 11, 21), 5, time(12, 30))
    assert (moment.is_holiday, moment.is_bridge, moment.is_pdsa) == (False, False, True)


def test_rules_are_dated():
    until = tuple(Hours("SNP", 4, time(8), time(20), ALWAYS, date(2026, 11, 13)) for _ in range(1))
    after = (Hours("SNP", 4, time(9), time(18), date(2026, 11, 14)),)
    calendar = Calendar("Europe/Paris", until + after)
    assert calendar.is_open("SNP", at("2026-11-13T08:30"))
    assert not calendar.is_open("SNP", at("2026-11-20T08:30"))


def test_a_year_of_minutes_is_open_as_often_as_the_rules_say():
    """Open hours of 2026, counted every quarter of an hour, against the days counted by hand."""
    start, step = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC), timedelta(minutes=15)
    quarters = sum(PARIS.is_open("SNP", start + step * n) for n in range(365 * 96))
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    worked = [day for day in days if day not in public_holidays(2026)]
    expected = sum(48 for day in worked if day.weekday() < 5) + sum(16 for day in worked if day.weekday() == 5)
    assert quarters == expected
