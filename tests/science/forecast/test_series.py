# ruff: noqa: DTZ001  (local times, as files have them)
"""Counts read from a file: every wrong value is named, and days when clocks move are read as they were."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.science.forecast import Place, Unusable, from_counts
from quinze.science.forecast.files import read_counts, read_regressor
from quinze.science.forecast.series import from_levels

PARIS = ZoneInfo("Europe/Paris")
NANTES = Place("44")


def _hours(first: datetime, count: int, *, step: int = 60) -> list[tuple[datetime, float]]:
    return [(first + timedelta(minutes=step * index), 1.0) for index in range(count)]


def test_a_day_of_spring_has_23_hours_and_the_missing_one_was_not_observed() -> None:
    rows = _hours(datetime(2026, 3, 28, 23, tzinfo=UTC), 23)
    series = from_counts(rows, place=NANTES)
    assert (series.first, series.days, series.missing) == (date(2026, 3, 29), 1, 0)
    assert series.exposure[0].tolist() == [1, 1, 0, *[1] * 21]


def test_the_hour_that_happens_twice_in_autumn_counts_twice() -> None:
    naive = [(datetime(2026, 10, 25, hour), 5.0) for hour in (0, 1, 2, 2, *range(3, 24))]
    series = from_counts(naive, place=NANTES)
    assert (series.exposure[0, 2], series.counts[0, 2], series.missing) == (2, 10, 0)
    told = [(start.replace(tzinfo=PARIS, fold=int(rank == 3)), calls) for rank, (start, calls) in enumerate(naive)]
    assert np.array_equal(from_counts(told, place=NANTES).counts, series.counts)


@pytest.mark.parametrize("step", [15, 30, 60])
def test_local_times_and_instants_say_the_same(step: int) -> None:
    instants = _hours(datetime(2026, 10, 24, 22, tzinfo=UTC), 25 * 60 // step, step=step)
    local = [(start.astimezone(PARIS).replace(tzinfo=None, fold=0), calls) for start, calls in instants]
    one, other = from_counts(instants, place=NANTES), from_counts(local, place=NANTES)
    assert np.array_equal(one.exposure, other.exposure)
    assert one.exposure.sum() == 25 * 60 / step


def test_a_gap_is_not_zero_calls() -> None:
    rows = _hours(datetime(2026, 1, 5, 23, tzinfo=UTC), 48)
    series = from_counts([*rows[:10], *rows[14:]], place=NANTES)
    assert series.missing == 4
    assert series.exposure[0].tolist() == [1] * 10 + [0] * 4 + [1] * 10


WRONG: list[tuple[list[tuple[datetime, float]], str]] = [
    ([], "Aucune ligne"),
    ([(datetime(2026, 3, 29, 2, 30), 1.0)], "29/03/2026 02:30 n’existe pas"),
    ([(datetime(2026, 1, 1, 1), 1.0), (datetime(2026, 1, 1, 1), 2.0)], "01/01/2026 01:00 apparaît deux fois"),
    ([(datetime(2026, 10, 25, 2), 1.0)] * 3, "apparaît deux fois"),
    ([(datetime(2026, 1, 1, 1), -4.0)], "-4 appels. Accepté : de 0 à 100000"),
    ([(datetime(2026, 1, 1, 1), 1e9)], "1e+09 appels"),
    ([(datetime(2026, 1, 1, 1), float("nan"))], "nan appels"),
    ([(datetime(1026, 1, 1, 1), 1.0)], "vérifiez l’année"),
    (_hours(datetime(2026, 1, 1), 3, step=7), "écart entre deux lignes est de 7 minutes. Accepté : 15, 30 ou 60"),
    ([*_hours(datetime(2026, 1, 1), 3), (datetime(2026, 1, 1, 7, 40), 1.0)], "ne tombent pas sur un créneau de 60"),
    ([(datetime(2001, 1, 1), 1.0), (datetime(2001, 1, 1, 1), 1.0), (datetime(2026, 1, 1), 1.0)], "jours au plus"),
]


@pytest.mark.parametrize(("rows", "said"), WRONG)
def test_what_is_wrong_is_named_with_what_is_accepted(rows: list[tuple[datetime, float]], said: str) -> None:
    with pytest.raises(Unusable, match=r"(?s).*") as refused:
        from_counts(rows, place=NANTES)
    assert said in str(refused.value)


@pytest.mark.parametrize("departement", ["", "99", "20", "Nantes"])
def test_an_unknown_department_is_refused(departement: str) -> None:
    with pytest.raises(Unusable, match="Département inconnu"):
        Place(departement)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "il manque la colonne debut et appels"),
        ("debut;appels\n", "Aucune ligne de données"),
        ("debut;appels;appels\n2026-01-01T00:00;1;2\n", "deux fois"),
        ("debut;appels\n2026-01-01;3\n", "Ligne 2 : « 2026-01-01 » n’est pas le début d’un créneau"),
        ("debut;appels\n32/01/2026 10:00;3\n", "Ligne 2"),
        ("debut;appels\n2026-01-01T00:00;-3\n", "Ligne 2 : « -3 » appels. Accepté : un nombre entier, 0 ou plus."),
        ("debut;appels\n2026-01-01T00:00;beaucoup\n", "« beaucoup » appels"),
        ("debut;appels\n2026-01-01T00:00;1e9\n", "« 1e9 » appels"),
        ("debut;appels;departement\n2026-01-01T00:00;1;44\n2026-01-01T01:00;1;49\n", "deux départements"),
        ("debut;appels;sas\n2026-01-01T00:00;1;" + "x" * 90, "un nom de 90 caractères"),
        ("debut;appels\0\n", "pas du texte"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Unusable) as refused:
        read_counts(text.encode())
    assert said in str(refused.value)


@given(st.binary(max_size=400))
def test_garbage_is_refused_and_nothing_else_breaks(content: bytes) -> None:
    for read in (read_counts, read_regressor):
        with suppress(Unusable):
            read(b"debut;appels\n" + content)


def test_a_file_of_two_sas_and_two_levels() -> None:
    rows = ("01/01/2026 00:00,44,AMU,3", "2026-01-01T01:00+01:00,44,SNP,2", "2026-01-01 00:00,49,AMU,7")
    text = "\n".join(("Début,SAMU,Niveau,Appels", *rows))
    found = read_counts(text.encode("cp1252"))
    assert {sas: {level: len(rows) for level, rows in each.levels.items()} for sas, each in found.items()} == {
        "44": {"AMU": 1, "SNP": 1},
        "49": {"AMU": 1},
    }


def test_a_level_without_a_line_had_no_call_where_another_level_has_one() -> None:
    amu = [(datetime(2026, 1, 1, hour), 3.0) for hour in range(4)]
    snp: Iterable[tuple[datetime, float]] = [(datetime(2026, 1, 1, 2), 5.0)]
    whole, levels = from_levels({"AMU": amu, "SNP": snp}, place=NANTES)
    assert whole.counts[0, :4].tolist() == [3, 3, 8, 3]
    assert levels["SNP"].counts[0, :5].tolist() == [0, 0, 5, 0, 0]
    assert levels["SNP"].exposure[0, :5].tolist() == [1, 1, 1, 1, 0]
