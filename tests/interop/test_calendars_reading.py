"""Busy periods of an iCalendar file: clocks, series, what is free, what is garbage. Pure, no database."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quinze.interop.calendars import reader, text
from quinze.interop.calendars.reading import OURS, Reading, read
from quinze.interop.calendars.text import Unreadable
from tests.factories.calendars import at_paris, event, ics, multistatus

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
START = datetime(2026, 11, 15, 23, tzinfo=UTC)  # Monday 16, midnight in Paris
END = START + timedelta(days=35)
WINDOWS = {PARIS: "Romance Standard Time", REUNION: "Mauritius Standard Time"}
OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Horloge du cabinet
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE""".replace("\n", "\r\n")


def busy(
    *events: str, zone: str = "Europe/Paris", start: datetime = START, end: datetime = END, head: tuple[str, ...] = ()
) -> Reading:
    return read(ics(*events, head=head), kind="ics", zone=zone, start=start, end=end)


def apart(content: bytes) -> Reading:
    return reader.read_apart(content, reader.Window("ics", "Europe/Paris", START, END))


def hours(reading: Reading, zone: ZoneInfo = PARIS) -> list[str]:
    local = [(b.start.astimezone(zone), b.end.astimezone(zone)) for b in reading.periods]
    return [f"{start:%d/%m %H:%M}–{end:%d/%m %H:%M}" for start, end in local]


# ---- the hour is right


@settings(max_examples=120, deadline=None)
@given(
    day=st.dates(date(2026, 1, 1), date(2032, 12, 31)),
    at=st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 30])),
    zone=st.sampled_from([PARIS, REUNION]),
    wording=st.sampled_from(["iana", "windows", "floating", "utc"]),
    weeks=st.integers(0, 30),
)
def test_an_hour_of_the_clock_is_the_same_hour_all_year(
    day: date, at: time, zone: ZoneInfo, wording: str, weeks: int
) -> None:
    """A weekly event, read so many weeks later, on the other side of a clock change or not. Complaint 17."""
    first, later = (datetime.combine(d, at, zone) for d in (day, day + timedelta(weeks=weeks)))
    real = [local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
            for local in (first, later)]  # fmt: skip
    assume(all(real))  # an hour that the clocks skip has no right answer
    stated = {
        "iana": f"DTSTART;TZID={zone.key}:{first:%Y%m%dT%H%M%S}",
        "windows": f'DTSTART;TZID="{WINDOWS[zone]}":{first:%Y%m%dT%H%M%S}',
        "floating": f"DTSTART:{first:%Y%m%dT%H%M%S}",
        "utc": f"DTSTART:{first.astimezone(UTC):%Y%m%dT%H%M%SZ}",
    }[wording]
    repeats = "" if wording == "utc" else "RRULE:FREQ=WEEKLY"
    seen = first if wording == "utc" else later
    lines = [line for line in (stated, "DURATION:PT20M", repeats) if line]

    found = busy(event(*lines), zone=zone.key, start=seen.astimezone(UTC) - timedelta(hours=30),
                 end=seen.astimezone(UTC) + timedelta(hours=30))  # fmt: skip

    (only,) = found.periods
    assert only.start == seen.astimezone(UTC)
    assert only.end - only.start == timedelta(minutes=20)
    assert only.start.astimezone(zone).time() == at


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(2026, 1, 1), date(2030, 12, 31)), zone=st.sampled_from([PARIS, REUNION]))
def test_a_whole_day_is_that_of_the_place(day: date, zone: ZoneInfo) -> None:
    """23, 24 or 25 hours, from midnight to midnight of the clock of the place."""
    around = datetime.combine(day, time(12), zone)
    found = busy(event(f"DTSTART;VALUE=DATE:{day:%Y%m%d}"), zone=zone.key, start=around - timedelta(days=3),
                 end=around + timedelta(days=3))  # fmt: skip
    (only,) = found.periods
    tomorrow = day + timedelta(days=1)
    assert only.start == datetime.combine(day, time.min, zone).astimezone(UTC)
    assert only.end == datetime.combine(tomorrow, time.min, zone).astimezone(UTC)


def test_a_zone_known_to_nobody_is_read_from_its_own_description() -> None:
    lines = ("DTSTART;TZID=Horloge du cabinet:20260706T090000", "DTEND;TZID=Horloge du cabinet:20260706T100000")
    winter = busy(event(*lines, "RRULE:FREQ=WEEKLY"), head=(OWN_ZONE,))
    assert hours(winter)[0] == "16/11 09:00–16/11 10:00"
    summer = datetime(2026, 7, 5, tzinfo=UTC)
    found = busy(event(*lines), head=(OWN_ZONE,), start=summer, end=summer + timedelta(days=3))
    assert hours(found) == ["06/07 09:00–06/07 10:00"]


@pytest.mark.parametrize(
    "name",
    ["Europe/Paris", "/Europe/Paris", "/freeassociation.sourceforge.net/Europe/Paris", "Romance Standard Time",
     "Zone sans nom connu"],
)  # fmt: skip
def test_names_of_zones_as_other_programs_write_them(name: str) -> None:
    """A name that nothing explains is the clock of the place."""
    found = busy(event(f'DTSTART;TZID="{name}":20261117T090000', f'DTEND;TZID="{name}":20261117T093000'))
    assert hours(found) == ["17/11 09:00–17/11 09:30"]


def test_a_series_written_in_utc_follows_the_zone_that_its_calendar_names() -> None:
    weekly = event("DTSTART:20260706T070000Z", "DTEND:20260706T080000Z", "RRULE:FREQ=WEEKLY")
    assert hours(busy(weekly, head=("X-WR-TIMEZONE:Europe/Paris",)))[0] == "16/11 09:00–16/11 10:00"


# ---- series


def test_a_series_with_its_exceptions() -> None:
    """Left out (EXDATE), added (RDATE), moved and cancelled (RECURRENCE-ID)."""
    zoned = "TZID=Europe/Paris"
    weekly = event(
        f"DTSTART;{zoned}:20260106T090000", f"DTEND;{zoned}:20260106T100000",
        "RRULE:FREQ=WEEKLY;UNTIL=20261208T235959Z", f"EXDATE;{zoned}:20261124T090000",
        f"RDATE;{zoned}:20261119T150000", uid="reunion",
    )  # fmt: skip
    moved = event(f"RECURRENCE-ID;{zoned}:20261201T090000", f"DTSTART;{zoned}:20261202T110000",
                  f"DTEND;{zoned}:20261202T123000", uid="reunion")  # fmt: skip
    cancelled = event(f"RECURRENCE-ID;{zoned}:20261208T090000", f"DTSTART;{zoned}:20261208T090000",
                      f"DTEND;{zoned}:20261208T100000", "STATUS:CANCELLED", uid="reunion")  # fmt: skip

    found = busy(weekly, moved, cancelled)

    assert hours(found) == ["17/11 09:00–17/11 10:00", "19/11 15:00–19/11 16:00", "02/12 11:00–02/12 12:30"]
    assert (found.events, found.unreadable) == (1, 0)


def test_a_long_leave_begun_before_the_window_still_counts() -> None:
    found = busy(event("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261120"))
    assert hours(found) == ["16/11 00:00–20/11 00:00"]


# ---- what keeps busy


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ("TRANSP:OPAQUE", True),
        ("TRANSP:TRANSPARENT", False),
        ("STATUS:CANCELLED", False),
        ("STATUS:TENTATIVE", True),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", False),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", True),
        ("SUMMARY:peu importe", True),
    ],
)
def test_free_cancelled_and_transparent_events_take_no_time(line: str, taken: bool) -> None:
    assert bool(busy(at_paris("20261117T090000", "20261117T100000", line)).periods) is taken


def test_what_quinze_itself_published_closes_nothing_when_it_comes_back() -> None:
    lines = ("DTSTART:20261117T090000Z", "DTEND:20261117T100000Z")
    assert busy(event(*lines, uid=f"{OURS}rdv-12@quinze.test")).periods == ()


def test_the_doctors_own_note_of_a_sas_appointment_is_recognised() -> None:
    noted = at_paris("20261117T090000", "20261117T092000", "SUMMARY:RDV SAS")
    other = at_paris("20261118T090000", "20261118T092000", "SUMMARY:Sastre Marie")
    assert [b.of_sas for b in busy(noted, other).periods] == [True, False]


def test_an_end_that_is_missing_or_the_same_day_twice() -> None:
    assert hours(busy(event("DTSTART;VALUE=DATE:20261117", "DTEND;VALUE=DATE:20261117"))) == ["17/11 00:00–18/11 00:00"]
    assert busy(event("DTSTART:20261117T090000Z")).periods == ()  # a moment, not a time


def test_folded_lines_and_other_character_sets() -> None:
    folded = at_paris("20261117T090000", "20261117T100000", "SUMMARY:début\r\n  de la \r\n\tréunion SAS")
    for content in (ics(folded), ics(folded).decode().encode("latin-1"), ics(folded).decode().encode("utf-16"),
                    b"\xef\xbb\xbf" + ics(folded).replace(b"\r\n", b"\n")):  # fmt: skip
        found = read(content, kind="ics", zone="Europe/Paris", start=START, end=END)
        assert [b.of_sas for b in found.periods] == [True]


# ---- one bad event never costs the good ones


@pytest.mark.parametrize(
    "bad",
    [
        ("DTSTART:20261117T250000Z", "DTEND:20261117T260000Z"),
        ("DTSTART:demain",),
        ("SUMMARY:sans date",),
        ("DTSTART:20261118T090000Z", "DTEND:20261117T090000Z"),
        ("DTSTART:20261118T090000Z", "DURATION:longtemps"),
        ("DTSTART:20261118T090000Z", "DTEND:20261118T100000Z", "RRULE:FREQ=TOUJOURS"),
        ("DTSTART:20261118T090000Z", "DTEND:20261118T100000Z", "RRULE:FREQ=WEEKLY;INTERVAL=0"),
        ("DTSTART;VALUE=DATE:20261118", "DTEND:20261118T100000Z", "RRULE:FREQ=DAILY;UNTIL=hier"),
    ],
)
def test_an_unreadable_event_is_counted_and_the_others_kept(bad: tuple[str, ...]) -> None:
    good = at_paris("20261117T090000", "20261117T100000")
    found = apart(ics(good, event(*bad), at_paris("20261119T090000", "20261119T100000")))
    assert {"17/11 09:00–17/11 10:00", "19/11 09:00–19/11 10:00"} <= set(hours(found))
    assert found.unreadable + (len(found.periods) - 2) >= 1  # left out, or read in a way that keeps busy


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_ics"),
        (bytes(range(256)) * 400, "not_ics"),
        (b"\x1f\x8b\x08\x00garbage", "not_ics"),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", "not_ics"),
        (b"<!DOCTYPE html><html><body>Connectez-vous</body></html>", "html"),
        (b'<?xml version="1.0"?><html>\n</html>', "html"),
        (ics(at_paris("20261117T090000", "20261117T100000"))[:-40], "truncated"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "truncated"),
    ],
)
def test_garbage_is_refused_whole_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content, kind="ics", zone="Europe/Paris", start=START, end=END)
    assert refused.value.code == code


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 500))
def test_any_octets_inside_a_calendar_give_an_answer_or_a_refusal(noise: bytes, where: int) -> None:
    good = ics(at_paris("20261117T090000", "20261117T100000"), at_paris("20261118T090000", "20261118T100000"))
    content = good[:where] + noise + good[where:]
    said: list[str] = []
    try:
        found = read(content, kind="ics", zone="Europe/Paris", start=START, end=END)
    except Unreadable as refused:
        said.append(refused.message)
    else:
        said += [str(b) for b in found.periods if not START <= b.start < b.end <= END]
        assert said == []
    assert all(said)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"<multistatus/>",
        b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>',
        multistatus(ics())[:-10],
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"),
    ],
)
def test_what_is_no_caldav_answer_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content, kind="caldav", zone="Europe/Paris", start=START, end=END)
    assert refused.value.code == "not_dav"


# ---- apart, with limits


def test_a_repetition_without_measure_costs_its_event_and_nothing_more() -> None:
    """Every second since 1970; a 30th of February looked for hour by hour until the year 9999."""
    found = apart(
        ics(
            at_paris("20261117T090000", "20261117T100000"),
            event("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY"),
            event("DTSTART:20000101T000000Z", "DTEND:20000101T003000Z", "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"),
        )
    )
    assert hours(found) == ["17/11 09:00–17/11 10:00"]
    assert found.unreadable == 2


def test_a_file_made_of_them_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PATIENCE", 2.0)
    with pytest.raises(Unreadable) as refused:
        apart(ics(*[event("DTSTART:19700101T000000Z", "RRULE:FREQ=SECONDLY") for _ in range(20)]))
    assert refused.value.code == "too_heavy"


def test_a_hundred_thousand_past_events_are_read_past() -> None:
    """Ten years of appointments, as an editor exports them: only what is ahead is parsed."""
    past = [event(f"DTSTART:2024{n % 12 + 1:02d}{n % 28 + 1:02d}T090000Z", "SEQUENCE:0",
                  uid=str(n)) for n in range(100_000)]  # fmt: skip
    found = apart(ics(*past, at_paris("20261117T090000", "20261117T100000")))
    assert (found.events, found.unreadable) == (1, 0)


def test_too_many_events_ahead_are_refused_before_they_are_parsed() -> None:
    one = at_paris("20261117T090000", "20261117T100000")
    with pytest.raises(Unreadable) as refused:
        busy(*[one] * 20_001)
    assert refused.value.code == "too_many"


def test_the_reader_has_neither_secrets_nor_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "environment"
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nenv > {told}\necho \'{{"periods": [], "events": 0, "unreadable": 0}}\'\n')
    program.chmod(0o755)
    monkeypatch.setattr(reader.sys, "executable", str(program))
    monkeypatch.setenv("QUINZE_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    apart(ics())
    assert "secret" not in told.read_text()


def test_the_shortened_text_keeps_what_repeats_and_drops_what_is_private() -> None:
    old = event("DTSTART:20200101T090000Z", "DTEND:20200101T100000Z")
    series = event("DTSTART:20200101T090000Z", "RRULE:FREQ=WEEKLY", "DESCRIPTION:compte rendu")
    short = text.shortened(text.unfolded(ics(old, series)), start=START, end=END)
    assert (len(list(text.events(short))), "compte rendu" in short) == (1, False)
