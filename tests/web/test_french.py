from datetime import UTC, date, datetime, timedelta

import pytest

from quinze.web import french
from quinze.web.clocks import Clock, Lateness

NOW = datetime(2026, 11, 17, 10, 42, 18, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace(french.NBSP, " ")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+33639984127", "06 39 98 41 27"),
        ("0639984127", "06 39 98 41 27"),
        ("0033 6 39 98 41 27", "06 39 98 41 27"),
        ("+32 2 555 12 12", "+32 2 555 12 12"),
        ("15", "15"),
        ("", ""),
    ],
)
def test_a_french_number_is_read_in_pairs_and_another_is_left_alone(number: str, said: str) -> None:
    assert plain(french.phone(number)) == said


@pytest.mark.parametrize(
    ("national", "said"),
    [
        ("DRFR158602632100412", "86 26 321 00412"),
        ("DRFR15 86 0 26 321 00412", "86 26 321 00412"),
        ("DRFR1597402632100412", "974 26 321 00412"),
        ("DRFR1521A2632100412", "21 26 321 00412"),
        ("inconnu", "inconnu"),
    ],
)
def test_a_case_number_is_said_without_its_prefix(national: str, said: str) -> None:
    assert plain(french.case_number(national)) == said


@pytest.mark.parametrize(
    ("birth", "said"),
    [
        (date(2026, 11, 17), "0 jour"),
        (date(2026, 11, 5), "12 jours"),
        (date(2026, 3, 8), "8 mois"),
        (date(2024, 11, 18), "23 mois"),
        (date(2024, 11, 17), "2 ans"),
        (date(2022, 3, 8), "4 ans"),
        (date(2026, 12, 1), "0 jour"),
    ],
)
def test_an_age_is_given_in_the_unit_a_doctor_uses(birth: date, said: str) -> None:
    assert plain(french.age(birth, on=date(2026, 11, 17))) == said


@pytest.mark.parametrize(
    ("kilometres", "said"), [(4.21, "4,2 km"), (0.183, "180 m"), (0.996, "1,0 km"), (0, "0 m"), (12.0, "12,0 km")]
)
def test_a_distance_has_a_comma_or_metres(kilometres: float, said: str) -> None:
    assert plain(french.distance(kilometres)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-3, "0:00"),
        (42, "0:42"),
        (3600, "60:00"),
        (5999, "99:59"),
        (6000, "1 h 40"),
        (172_800, "48 h"),
        (356_400, "99 h"),
        (360_000, "4 j 4 h"),
        (432_000, "5 j"),
    ],
)
def test_elapsed_time_stays_short(seconds: float, said: str) -> None:
    assert plain(french.elapsed(seconds)) == said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(seconds=20), "à l’instant"),
        (timedelta(minutes=3, seconds=50), "il y a 3 min"),
        (timedelta(hours=5), "il y a 5 h"),
        (timedelta(days=1, hours=3), "il y a 1 jour"),
        (timedelta(days=4), "il y a 4 jours"),
    ],
)
def test_how_long_ago(gap: timedelta, said: str) -> None:
    assert plain(french.ago(NOW - gap, now=NOW)) == said


def test_days_are_written_as_french_people_do() -> None:
    assert french.day(date(2026, 11, 17)) == "mar. 17 nov."
    assert french.day(date(2026, 12, 1)) == "mar. 1er déc."
    assert french.day_long(date(2027, 2, 28)) == "dimanche 28 février"


def test_keys_are_named_as_engraved() -> None:
    assert french.key("Shift+F3") == "Maj F3"
    assert french.key("Ctrl+Enter") == "Ctrl Entrée"
    assert french.key("Alt+ArrowDown") == "Alt ↓"


@pytest.mark.parametrize(
    ("waited", "lateness", "words"),
    [
        (599, Lateness.PLAIN, ""),
        (600, Lateness.NEAR, ", bientôt dépassé"),
        (900, Lateness.NEAR, ", bientôt dépassé"),
        (1067, Lateness.OVER, ", cible dépassée de 2:47"),
    ],
)
def test_lateness_starts_at_two_thirds_of_the_target(waited: float, lateness: Lateness, words: str) -> None:
    clock = Clock(waited, 900)
    assert clock.lateness is lateness
    assert clock.words == words


def test_a_clock_without_target_is_never_late() -> None:
    assert Clock(1e6, None).lateness is Lateness.PLAIN
