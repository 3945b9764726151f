from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quinze.base.errors import Refusal
from quinze.patients import births
from quinze.patients.births import Birth

TODAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("12/03/2019", Birth(day=date(2019, 3, 12))),
        ("12-3-19", Birth(day=date(2019, 3, 12))),
        ("12 03 62", Birth(day=date(1962, 3, 12))),
        ("12032019", Birth(day=date(2019, 3, 12))),
        ("2019-03-12", Birth(day=date(2019, 3, 12))),
        ("1er août 1947", Birth(day=date(1947, 8, 1))),
        ("3 juillet 2001", Birth(day=date(2001, 7, 3))),
        ("29/02/2024", Birth(day=date(2024, 2, 29))),
        ("4 ans", Birth(age_months=48)),
        ("4", Birth(age_months=48)),
        ("4 ans et demi", Birth(age_months=54)),
        ("2 ans 3 mois", Birth(age_months=27)),
        ("8 mois", Birth(age_months=8)),
        ("8m", Birth(age_months=8)),
        ("3 semaines", Birth(age_months=0)),
        ("83ans", Birth(age_months=996)),
        ("", Birth()),
    ],
)
def test_a_birth_or_an_age_as_people_say_it(said: str, heard: Birth) -> None:
    assert births.parse(said, on=TODAY) == heard


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("31/02/2019", "Le 31 février n’existe pas. Un âge suffit : « 4 ans »."),
        ("29/02/2023", "Le 29 février n’existe pas en 2023. Un âge suffit : « 4 ans »."),
        ("31/4/1980", "Le 31 avril n’existe pas. Un âge suffit : « 4 ans »."),
        ("12/13/2019", "Il n’y a pas de mois 13. Un âge suffit : « 4 ans »."),
        ("12/03/2030", "Cette date est dans l’avenir : vérifiez l’année."),
        ("12/03/1850", "Cette date donne plus de 125 ans : vérifiez l’année."),
        ("200 ans", "Un âge va jusqu’à 125 ans : vérifiez le nombre."),
        ("-4 ans", f"Naissance non comprise. {births.HELP}"),
        ("vieux", f"Naissance non comprise. {births.HELP}"),
    ],
)
def test_what_is_impossible_is_said(said: str, message: str) -> None:
    with pytest.raises(Refusal) as refused:
        births.parse(said, on=TODAY)
    assert (refused.value.message, refused.value.field) == (message, "birth")


@given(st.dates(min_value=TODAY - timedelta(days=124 * 365), max_value=TODAY))
def test_every_date_shown_reads_back_to_itself(birth: date) -> None:
    shown = births.show(birth_date=birth, age_months=None)
    assert births.parse(shown, on=TODAY) == Birth(day=birth)
    assert births.parse(birth.isoformat(), on=TODAY) == Birth(day=birth)


@given(st.integers(min_value=0, max_value=125 * 12))
def test_every_declared_age_shown_reads_back_to_itself(months: int) -> None:
    shown = births.show(birth_date=None, age_months=months)
    assert births.parse(shown, on=TODAY) == Birth(age_months=months)


@given(st.text(max_size=40))
def test_any_words_give_an_answer_or_a_refusal(text: str) -> None:
    heard = Birth()
    with suppress(Refusal):
        heard = births.parse(text, on=TODAY)
    assert heard.day is None or heard.age_months is None


@given(st.dates(min_value=date(1905, 1, 1), max_value=TODAY), st.integers(min_value=0, max_value=4000))
def test_nobody_gets_younger(birth: date, days: int) -> None:
    def months(on: date) -> int | None:
        return births.months_at(birth_date=birth, age_months=None, age_declared_on=None, on=on)

    assert (months(TODAY) or 0) <= (months(TODAY + timedelta(days=days)) or 0)


def test_a_declared_age_grows_with_time() -> None:
    def months(on: date) -> int | None:
        return births.months_at(birth_date=None, age_months=48, age_declared_on=TODAY, on=on)

    assert (months(TODAY), months(date(2027, 11, 16)), months(date(2027, 11, 17))) == (48, 59, 60)
    assert births.words(60) == "5\u00a0ans"
    assert births.words(23) == "23\u00a0mois"
