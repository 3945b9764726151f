import pytest

from quinze.orientation import letters
from quinze.orientation.letters import GSM_7, SMS_LENGTH, Appointment

LINK = "https://sas86.example.org/rdv/123456.gqZ1h2J0yJmJtJ8oJ9i1v7bqf1l9a0sPz0m5tC2x7Qw/"


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


@pytest.mark.parametrize("write", [letters.confirmation_sms, letters.reminder_sms, letters.cancellation_sms])
@pytest.mark.parametrize("who", ["Dr Hélène Cormier", "Dr Marie-Françoise de la Bourdonnaye-Château"])
def test_a_text_message_holds_in_one_and_in_its_alphabet(write, who):
    text = write(appointment(who=who, commune="Saint-Maurice-la-Clouère"))
    assert len(text) <= SMS_LENGTH
    assert set(text) <= GSM_7


def test_the_link_is_never_cut():
    assert LINK in letters.confirmation_sms(appointment(who="Dr " + "Très Long Nom " * 12))


def test_french_letters_outside_the_alphabet_are_written_otherwise():
    assert letters.gsm("« Être ça » : l’œil, Noël…") == '" Etre ca " : l\'oeil, Noel...'


def test_the_doctor_learns_that_an_instruction_waits_not_what_it_says():
    _, body = letters.doctor_notice(appointment(instruction="fièvre depuis 3 jours"))
    assert "consigne" in body
    assert "fièvre" not in body
