import json
from datetime import UTC, datetime

import pytest

from quinze.orientation import letters
from quinze.orientation.letters import FOLDER, GSM_7, SMS_LENGTH, UNICODE_LENGTHS, Appointment, languages, texts

LINK = "https://sas86.example.org/rdv/123456.gqZ1h2J0yJmJtJ8oJ9i1v7bqf1l9a0sPz0m5tC2x7Qw/"
PURPOSES = ("confirmation", "reminder", "cancellation", "late")
EVERYWHERE = languages()


def appointment(**fields: str) -> Appointment:
    defaults = {
        "who": "Dr Hélène Cormier",
        "moment": "mar. 17 nov. à 14 h 20",
        "address": "3 rue du Puits",
        "commune": "Coulombiers",
        "phone": "05 49 00 00 00",
        "modality": "AMB",
        "instruction": "",
        "sas": "SAS 86 Vienne",
        "cancel_url": LINK,
        "reference": "DRFR1586-1",
    }
    return Appointment(**defaults | fields)


def shape(value: object) -> object:
    """The keys of a language, and the fields that its sentences use, without the words."""
    if isinstance(value, dict):
        return {key: shape(value[key]) for key in sorted(value) if key not in ("whole_hour", "first")}
    return type(value).__name__


@pytest.mark.parametrize("language", EVERYWHERE)
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("who", ["Dr Hélène Cormier", "Dr Marie-Françoise de la Bourdonnaye-Château"])
def test_a_text_message_holds_in_its_room_and_in_its_alphabet(language: str, purpose: str, who: str) -> None:
    rdv = appointment(who=who, commune="Saint-Maurice-la-Clouère", language=language)
    text = letters.sms(rdv, purpose)
    parts = texts(language)["parts"]
    assert len(text) <= (SMS_LENGTH if parts == 1 else UNICODE_LENGTHS[parts])
    assert parts > 1 or set(text) <= GSM_7


@pytest.mark.parametrize("language", EVERYWHERE)
def test_the_link_is_never_cut(language: str) -> None:
    long = appointment(who="Dr " + "Très Long Nom " * 12, language=language)
    assert LINK in letters.sms(long, "confirmation")
    assert LINK in letters.sms(long, "reminder")


@pytest.mark.parametrize("language", EVERYWHERE)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_language_says_the_same_things(language: str, purpose: str) -> None:
    assert shape(texts(language)) == shape(texts("fr"))
    assert set(texts(language)["page"]) == set(texts("fr")["page"])
    subject, body = letters.email(appointment(language=language, stop_url="https://x/stop"), purpose)
    assert "mar. 17 nov." in subject + body
    assert "Cormier" in body
    assert (LINK in body) == (purpose in ("confirmation", "reminder"))
    assert ("https://x/stop" in body) == (purpose == "reminder")
    assert "{" not in subject + body


def test_a_language_without_texts_is_written_in_french() -> None:
    assert texts("tr") == texts("fr")
    assert texts("../secret") == texts("fr")
    assert {path.stem for path in FOLDER.glob("*.json")} == set(languages())
    assert json.loads((FOLDER / "fr.json").read_text(encoding="utf-8"))["name"] == "français"


def test_the_hour_is_the_one_of_the_place_in_each_language() -> None:
    instant = datetime(2026, 11, 17, 13, 20, tzinfo=UTC)
    said = {language: letters.moment_in(language, instant, "Europe/Paris") for language in ("fr", "en", "de", "ar")}
    assert said == {
        "fr": "mar. 17 nov. à 14 h 20",
        "en": "Tue 17 Nov at 14:20",
        "de": "Di. 17. Nov. um 14:20 Uhr",
        "ar": "الثلاثاء 17/11 الساعة 14:20",
    }
    assert letters.moment_in("fr", instant, "Indian/Reunion") == "mar. 17 nov. à 17 h 20"
    assert letters.moment_in("fr", datetime(2026, 12, 1, 8, 0, tzinfo=UTC), "Europe/Paris") == "mar. 1er déc. à 9 h"


def test_letters_outside_the_alphabet_are_written_otherwise() -> None:
    assert letters.gsm("« Être ça » : l’œil, Noël…") == '" Etre ca " : l\'oeil, Noel...'
    assert letters.gsm("¿Não, sábado à mañana?") == "¿Nao, sabado à mañana?"


def test_the_doctor_learns_that_an_instruction_waits_not_what_it_says() -> None:
    _, body = letters.doctor_notice(appointment(instruction="fièvre depuis 3 jours"))
    assert "consigne" in body
    assert "fièvre" not in body
