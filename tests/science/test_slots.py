from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.slots import DatedRule, Opening, Period, Rule, WeeklyRule, clear, is_bridge, slots, subtract

PARIS, REUNION, ST_BARTH, NOUMEA = "Europe/Paris", "Indian/Reunion", "America/St_Barthelemy", "Pacific/Noumea"
MONDAY = 0
SUNDAY = 6


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def opening(start: str, end: str, minutes: int | None = None) -> Opening:
    return Opening(time.fromisoformat(start), time.fromisoformat(end), minutes)


def on(day: date, hours: Opening, zone: str = PARIS) -> list[Period]:
    return slots([DatedRule(day, hours)], zone=zone, since=day, until=day + timedelta(days=1))


def local_starts(periods: list[Period], zone: str) -> list[str]:
    return [period.start.astimezone(ZoneInfo(zone)).strftime("%d %H:%M") for period in periods]


@pytest.mark.parametrize(("zone", "utc_hour"), [(PARIS, 7), (REUNION, 4), (ST_BARTH, 12), (NOUMEA, 21)])
def test_eight_in_the_morning_is_local(zone: str, utc_hour: int) -> None:
    [period] = on(date(2026, 7, 6), opening("08:00", "12:00"), zone)
    day = 5 if zone == NOUMEA else 6
    assert period.start == at(2026, 7, day, utc_hour if zone != PARIS else 6)
    assert period.end - period.start == timedelta(hours=4)


@pytest.mark.parametrize("zone", [PARIS, REUNION, ST_BARTH, NOUMEA])
def test_a_weekly_rule_keeps_its_local_hour_all_year(zone: str) -> None:
    rule = WeeklyRule(MONDAY, opening("08:00", "08:30", 15), since=date(2026, 1, 1))
    found = slots([rule], zone=zone, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert len(found) == 52 * 2
    assert {start[3:] for start in local_starts(found, zone)} == {"08:00", "08:15"}


def test_slots_of_the_missing_hour_are_not_produced() -> None:
    found = on(date(2026, 3, 29), opening("01:00", "04:00", 30))
    assert local_starts(found, PARIS) == ["29 01:00", "29 01:30", "29 03:00", "29 03:30"]
    assert all(period.end - period.start == timedelta(minutes=30) for period in found)


def test_slots_of_the_hour_that_happens_twice_are_produced_once_at_its_first_occurrence() -> None:
    found = on(date(2026, 10, 25), opening("01:00", "04:00", 30))
    assert local_starts(found, PARIS) == [f"25 0{hour}:{minute}" for hour in (1, 2, 3) for minute in ("00", "30")]
    assert found[2] == Period(at(2026, 10, 25, 0), at(2026, 10, 25, 0, 30))
    assert found[4].start == at(2026, 10, 25, 2)


def test_a_long_slot_over_the_gap_neither_shrinks_nor_overlaps_the_next() -> None:
    found = on(date(2026, 3, 29), opening("00:15", "06:15", 90))
    assert found == [
        Period(at(2026, 3, 28, 23, 15), at(2026, 3, 29, 0, 45)),
        Period(at(2026, 3, 29, 0, 45), at(2026, 3, 29, 2, 15)),
        Period(at(2026, 3, 29, 2, 45), at(2026, 3, 29, 4, 15)),
    ]


def test_a_plage_over_a_clock_change_has_its_real_length() -> None:
    [spring] = on(date(2026, 3, 28), opening("20:00", "08:00"))
    [autumn] = on(date(2026, 10, 24), opening("20:00", "08:00"))
    assert spring.end - spring.start == timedelta(hours=11)
    assert autumn.end - autumn.start == timedelta(hours=13)


def test_a_plage_that_begins_in_the_gap_begins_after_it() -> None:
    [period] = on(date(2026, 3, 29), opening("02:30", "08:00"))
    assert local_starts([period], PARIS) == ["29 03:30"]


def test_a_night_ends_the_next_day() -> None:
    [period] = on(date(2026, 11, 24), opening("20:00", "00:00"))
    assert period == Period(at(2026, 11, 24, 19), at(2026, 11, 24, 23))


def test_leap_day() -> None:
    tuesday = WeeklyRule(1, opening("09:00", "10:00"), since=date(2028, 2, 1), every=2, anchor=date(2028, 2, 15))
    found = slots([tuesday], zone=PARIS, since=date(2028, 2, 1), until=date(2028, 4, 1))
    assert local_starts(found, PARIS) == [f"{day} 09:00" for day in ("01", "15", "29", "14", "28")]
    assert len(on(date(2028, 2, 29), opening("09:00", "10:00", 20))) == 3


def test_one_week_in_two_over_the_new_year_of_a_53_week_year() -> None:
    rule = WeeklyRule(MONDAY, opening("09:00", "10:00"), since=date(2026, 12, 7), every=2)
    found = slots([rule], zone=PARIS, since=date(2026, 12, 1), until=date(2027, 2, 1))
    days = [period.start.date() for period in found]
    assert days == [date(2026, 12, 7), date(2026, 12, 21), date(2027, 1, 4), date(2027, 1, 18)]


def test_validity_is_half_open() -> None:
    rule = WeeklyRule(MONDAY, opening("09:00", "10:00"), since=date(2026, 11, 9), until=date(2026, 11, 23))
    found = slots([rule], zone=PARIS, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert [period.start.day for period in found] == [9, 16]


def test_public_holidays_are_off_unless_said_otherwise() -> None:
    easter_monday = date(2026, 4, 6)
    hours = opening("09:00", "10:00")
    usual, worked = (WeeklyRule(MONDAY, hours, since=date(2026, 4, 1), on_holidays=on) for on in (False, True))
    chosen = DatedRule(easter_monday, hours)

    def count(rule: Rule) -> int:
        next_day = easter_monday + timedelta(days=1)
        return len(slots([rule], zone=PARIS, since=easter_monday, until=next_day, holidays={easter_monday}))

    assert (count(usual), count(worked), count(chosen)) == (0, 1, 1)


def test_an_absence_removes_the_slots_it_touches_and_is_cut_out_of_a_plage() -> None:
    day = date(2026, 11, 24)
    away = [Period(at(2026, 11, 24, 8, 10), at(2026, 11, 24, 8, 30))]

    def during(minutes: int | None) -> list[Period]:
        rule = DatedRule(day, opening("09:00", "10:00", minutes))
        return slots([rule], zone=PARIS, since=day, until=day + timedelta(days=1), absences=away)

    assert local_starts(during(15), PARIS) == ["24 09:30", "24 09:45"]
    assert during(None) == [
        Period(at(2026, 11, 24, 8), at(2026, 11, 24, 8, 10)),
        Period(at(2026, 11, 24, 8, 30), at(2026, 11, 24, 9)),
    ]


def test_two_rules_that_say_the_same_produce_a_slot_once() -> None:
    day = date(2026, 11, 23)
    rules: list[Rule] = [
        DatedRule(day, opening("09:00", "10:00", 30)),
        WeeklyRule(0, opening("09:30", "10:30", 30), since=day),
    ]
    found = slots(rules, zone=PARIS, since=day, until=day + timedelta(days=1))
    assert local_starts(found, PARIS) == ["23 09:00", "23 09:30", "23 10:00"]


def test_a_slot_fits_whole_in_its_opening() -> None:
    assert local_starts(on(date(2026, 11, 24), opening("09:00", "10:00", 25)), PARIS) == ["24 09:00", "24 09:25"]


DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@given(
    st.sampled_from([PARIS, REUNION, ST_BARTH, NOUMEA, "America/Miquelon"]),
    st.one_of(DAYS, st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)])),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.integers(5, 240),
)
def test_slots_never_overlap_and_keep_their_length(zone: str, day: date, start: time, end: time, minutes: int) -> None:
    found = on(day, Opening(start, end, minutes), zone)
    assert all(period.end - period.start == timedelta(minutes=minutes) for period in found)
    assert all(first.end <= second.start for first, second in pairwise(found))


INSTANTS = st.integers(0, 200).map(lambda minutes: at(2026, 3, 29) + timedelta(minutes=minutes))
PERIODS = st.lists(st.tuples(INSTANTS, INSTANTS).filter(lambda pair: pair[0] < pair[1]).map(lambda p: Period(*p)))


@given(PERIODS, PERIODS)
def test_subtracting_leaves_exactly_the_minutes_outside_absences(periods: list[Period], absences: list[Period]) -> None:
    def covers(some: list[Period], instant: datetime) -> int:
        return sum(period.start <= instant < period.end for period in some)

    left = subtract(periods, absences)
    for minute in range(201):
        instant = at(2026, 3, 29) + timedelta(minutes=minute)
        assert covers(left, instant) == (0 if covers(absences, instant) else covers(periods, instant))
    assert set(clear(periods, absences)) <= set(periods)


# ---- pauses, bridges, dates left out


def test_a_pause_is_left_after_each_slot_and_the_last_needs_none() -> None:
    hours = Opening(time(9), time(10), slot_minutes=20, buffer_minutes=20)
    assert local_starts(on(date(2026, 11, 24), hours), PARIS) == ["24 09:00", "24 09:40"]


def test_the_friday_after_ascension_is_a_bridge_and_a_rule_may_close_on_it() -> None:
    ascension, friday = date(2026, 5, 14), date(2026, 5, 15)
    hours = opening("09:00", "10:00")
    usual, careful = (WeeklyRule(4, hours, since=date(2026, 5, 1), on_bridges=opens) for opens in (True, False))

    def days(rule: Rule) -> list[int]:
        return [p.start.day for p in slots([rule], zone=PARIS, since=friday - timedelta(7), until=friday + timedelta(8),
                                           holidays={ascension})]  # fmt: skip

    assert (days(usual), days(careful)) == ([8, 15, 22], [8, 22])


@pytest.mark.parametrize(
    ("day", "holidays", "expected"),
    [
        (date(2026, 7, 13), {date(2026, 7, 14)}, True),  # Monday before a Tuesday
        (date(2027, 7, 13), {date(2027, 7, 14)}, False),  # Tuesday before a Wednesday: Monday works
        (date(2026, 11, 13), set(), False),
        (date(2026, 11, 14), {date(2026, 11, 13)}, False),  # a Saturday rests already
        (date(2026, 4, 7), {date(2026, 4, 6), date(2026, 4, 8)}, True),  # alone between two holidays
    ],
)
def test_what_a_bridge_is(day: date, holidays: set[date], expected: bool) -> None:
    assert is_bridge(day, holidays=holidays) is expected


def test_a_date_taken_out_of_a_rule_leaves_the_weeks_around_alone() -> None:
    rule = WeeklyRule(
        1, opening("09:00", "10:00"), since=date(2026, 11, 3), except_days=frozenset({date(2026, 11, 17)})
    )
    found = slots([rule], zone=PARIS, since=date(2026, 11, 1), until=date(2026, 12, 1))
    assert [period.start.day for period in found] == [3, 10, 24]


# ---- complaints 16 and 17: nothing ever shifts by an hour or a day

ZONES = [
    PARIS, REUNION, NOUMEA, "America/Guadeloupe", "America/Miquelon", "Pacific/Tahiti", "Pacific/Marquesas",
    "America/Cayenne", "Indian/Mayotte", "Pacific/Wallis", "Indian/Kerguelen",
]  # fmt: skip
FOUR_CENTURIES = 146_097  # days: the whole Gregorian cycle, and a whole number of weeks
CLOCK_CHANGES = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 14), date(2026, 11, 1)]  # Paris, Miquelon
ODD_DAYS = [
    *CLOCK_CHANGES,
    date(2028, 2, 29),
    date(2096, 2, 29),
    date(2100, 2, 28),
    date(2100, 3, 1),
    date(2400, 2, 29),
]
ANY_DAY = st.one_of(st.dates(date(2024, 1, 1), date(2424, 1, 1)), st.sampled_from(ODD_DAYS))
MINUTES_OF_DAY = st.integers(0, 23 * 60 + 55).map(lambda n: time(n // 60, n % 60))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), ANY_DAY, MINUTES_OF_DAY, st.integers(1, 8))
def test_complaint_16_a_tuesday_at_two_is_at_two_on_every_wall(zone: str, day: date, start: time, every: int) -> None:
    """Complaint 16: overseas agents saw wrong hours. A weekly rule, over a year: same weekday, same wall clock, every
    n weeks, none missing save where the wall itself skips that time.
    """
    end = (datetime.combine(day, start) + timedelta(minutes=5)).time()
    rule = WeeklyRule(day.weekday(), Opening(start, end, 5), since=day, every=every)
    place, until = ZoneInfo(zone), day + timedelta(days=366)

    walls = [p.start.astimezone(place) for p in slots([rule], zone=zone, since=day, until=until)]

    expected = [day + timedelta(weeks=n) for n in range(0, 53, every) if day + timedelta(weeks=n) < until]
    assert [wall.date() for wall in walls] == [d for d in expected if exists(d, start, place)]
    assert {wall.time() for wall in walls} <= {start}
    assert all(wall.fold == 0 for wall in walls)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), ANY_DAY, MINUTES_OF_DAY, st.integers(5, 180), st.integers(0, 60))
def test_complaint_17_a_day_never_borrows_an_hour_from_its_neighbours(
    zone: str, day: date, start: time, minutes: int, pause: int
) -> None:
    """Complaint 17: bookings shifted by an hour for years. Each slot of a day lasts its real minutes, stands on the
    grid of the wall clock, keeps its pause, and lies inside the hours that were stated.
    """
    hours = Opening(start, time(0), minutes, pause)
    place = ZoneInfo(zone)
    found = slots([DatedRule(day, hours)], zone=zone, since=day, until=day + timedelta(days=1))
    walls = [p.start.astimezone(place).replace(tzinfo=None) for p in found]

    assert all(p.end - p.start == timedelta(minutes=minutes) for p in found)
    assert all(second.start - first.end >= timedelta(minutes=pause) for first, second in pairwise(found))
    opens = datetime.combine(day, start)
    assert all((wall - opens) % timedelta(minutes=minutes + pause) == timedelta(0) for wall in walls)
    assert all(wall.date() == day for wall in walls)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2400, 12, 31)), MINUTES_OF_DAY, st.sampled_from([1, 3, 9])
)
def test_the_calendar_of_four_centuries_comes_round(zone: str, day: date, start: time, every: int) -> None:
    """146,097 days are 20,871 weeks: the same rule falls on the same dates, leap days and 2100 included."""
    length = timedelta(days=45)

    def walls(since: date) -> list[datetime]:
        end = (datetime.combine(since, start) + timedelta(minutes=20)).time()
        rule = WeeklyRule(since.weekday(), Opening(start, end, 20), since=since, every=every)
        found = slots([rule], zone=zone, since=since, until=since + length)
        return [p.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for p in found]

    later = day + timedelta(days=FOUR_CENTURIES)
    assert (later.month, later.day, later.year) == (day.month, day.day, day.year + 400)
    moved = [wall + timedelta(days=FOUR_CENTURIES) for wall in walls(day)]
    on_both = [w for w in moved if exists(w.date(), w.time(), ZoneInfo(zone))]
    assert [w for w in walls(later) if w in moved] == on_both


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), ANY_DAY, st.sets(st.integers(0, 9), max_size=4))
def test_dates_taken_out_are_the_only_ones_missing(zone: str, day: date, weeks: set[int]) -> None:
    since, out = day, frozenset(day + timedelta(weeks=n) for n in weeks)
    whole, pierced = (
        slots([WeeklyRule(day.weekday(), opening("09:00", "09:20"), since=since, except_days=days)],
              zone=zone, since=since, until=since + timedelta(days=70))
        for days in (frozenset[date](), out)
    )  # fmt: skip
    local = {p: p.start.astimezone(ZoneInfo(zone)).date() for p in whole}
    assert pierced == [p for p in whole if local[p] not in out]


def exists(day: date, at: time, zone: ZoneInfo) -> bool:
    wall = datetime.combine(day, at, zone)
    return wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
