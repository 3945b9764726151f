"""A school calendar that somebody brings: three forms, and garbage told by its line."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quinze.science.forecast import Place, Unusable
from quinze.science.forecast.calendars import days_of, school_known_until
from quinze.science.forecast.school import read_school_calendar

OWN = "debut;rentree;nom\n2026-12-19;2027-01-04;Noël\n13/02/2027;01/03/2027;Hiver\n".encode()
OFFICIAL = (
    "description;population;start_date;end_date;location;zones;annee_scolaire\n"
    "Vacances de Noël;-;2026-12-18T23:00:00+00:00;2027-01-03T23:00:00+00:00;Corse;Corse;2026-2027\n"
    "Vacances d'Été;Enseignants;2027-07-02T22:00:00+00:00;2027-08-29T22:00:00+00:00;Corse;Corse;2026-2027\n"
    "Vacances de Noël;-;2026-12-17T23:00:00+00:00;2027-01-10T23:00:00+00:00;Mayotte;Mayotte;2026-2027\n"
).encode()
ICAL = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Hiver austral\r\n"
    b"DTSTART;VALUE=DATE:20260704\r\nDTEND;VALUE=DATE:20260817\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_three_forms_say_the_same_days() -> None:
    assert read_school_calendar(OWN)[0] == (date(2026, 12, 19), date(2027, 1, 4), "Noël")
    corsica = read_school_calendar(OFFICIAL, departement="2A")
    assert corsica == ((date(2026, 12, 19), date(2027, 1, 4), "Vacances de Noël"),), "midnights of Paris, pupils only"
    assert read_school_calendar(OFFICIAL, departement="976")[0][:2] == (date(2026, 12, 18), date(2027, 1, 11))
    assert read_school_calendar(ICAL)[0] == (date(2026, 7, 4), date(2026, 8, 17), "Hiver austral")


def test_a_place_without_a_zone_knows_the_days_it_is_given() -> None:
    periods = tuple((first, after) for first, after, _ in read_school_calendar(OWN))
    place = Place("2A", school=periods)
    days = days_of(place, date(2026, 12, 18), 18)
    assert days.school.tolist() == [False] + [True] * 16 + [False]
    assert days.school_known[1:].all()
    assert not days.school_known[0]
    assert school_known_until(place) == date(2027, 3, 1)
    assert not days_of(Place("2A"), date(2026, 12, 18), 18).school_known.any()


def test_periods_that_overlap_are_one() -> None:
    text = b"debut;rentree\n2026-07-04;2026-08-20\n2026-07-10;2026-09-01\n"
    assert read_school_calendar(text) == ((date(2026, 7, 4), date(2026, 9, 1), "Vacances"),)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xfe\x00", b"debut;rentree\n", b"a;b\n1;2\n", b"debut;rentree\n2026-13-01;2027-01-01\n",
        b"debut;rentree\n2027-01-04;2026-12-19\n", b"debut;rentree\n2026-01-01;2026-12-31\n",
        b"debut;rentree\n0001-01-01;0001-01-09\n", b"debut;rentree\n2026-12-19\n",
        b"BEGIN:VCALENDAR\nnonsense", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        ICAL.replace(b"DTEND;VALUE=DATE:20260817\r\n", b""), b"debut;rentree\n" + b"x" * 1_000_001,
    ],
)  # fmt: skip
def test_garbage_is_refused_in_french(content: bytes) -> None:
    with pytest.raises(Unusable, match="Accepté"):
        read_school_calendar(content)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("debut;rentree\n" + text).encode()))
def test_anything_is_read_or_refused(content: bytes) -> None:
    try:
        found = read_school_calendar(content)
    except Unusable:
        return
    assert all(first < after <= first + timedelta(days=120 * len(found) * 100) for first, after, _ in found)
