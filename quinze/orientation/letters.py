"""What patients and doctors receive. No symptom, no reason, no name of the patient in a text message.

The patients' texts are data, one file a language (`texts/*.json`), with the same keys: adding a language is adding a
file. Each text message is written from the most complete to the shortest wording; the first that fits is sent.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from quinze.availability.receiving import Receiver, of

FOLDER = Path(__file__).parent / "texts"
FRENCH = "fr"
SMS_LENGTH = 160
UNICODE_LENGTHS = {1: 70, 2: 134}  # Arabic letters: 70 in one message, 67 in each of two
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
REPLACED = str.maketrans(
    {"’": "'", "‘": "'", "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "œ": "oe",
     "Œ": "OE"}
)  # fmt: skip


@cache
def texts(language: str) -> dict[str, Any]:
    """The wording of a language, French for one that has none."""
    path = FOLDER / f"{language}.json"
    known = language in languages()
    found: dict[str, Any] = json.loads((path if known else FOLDER / f"{FRENCH}.json").read_text(encoding="utf-8"))
    return found


@cache
def languages() -> tuple[str, ...]:
    """French first, then those that have a file."""
    return (FRENCH, *sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != FRENCH))


def moment_in(language: str, instant: datetime, zone: str) -> str:
    """« mar. 17 nov. à 14 h 20 », “Tue 17 Nov at 14:20”: the hour of the place."""
    words, local = texts(language), instant.astimezone(ZoneInfo(zone))
    pattern = words.get("whole_hour", words["moment"]) if local.minute == 0 else words["moment"]
    first = words.get("first", "1")
    return str(pattern).format(
        day=words["days"][local.weekday()],
        n=first if local.day == 1 else local.day,
        month=words["months"][local.month - 1],
        h=local.hour,
        mm=f"{local.minute:02d}",
    )


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a message may say of an appointment."""

    who: str
    moment: str  # in the language
    address: str
    commune: str
    phone: str
    modality: str
    instruction: str
    sas: str
    cancel_url: str
    reference: str
    language: str = FRENCH
    stop_url: str = ""
    late: str = ""  # minutes
    who_in_short: str = ""  # without the doctor in whose place they receive

    @property
    def where(self) -> str:
        if self.modality == "VR":
            return str(texts(self.language)["video"])
        if self.modality == "HH":
            return str(texts(self.language)["home"])
        return ", ".join(part for part in (self.address, self.commune) if part)

    def fields(self) -> dict[str, str]:
        phone = texts(self.language)["phone"].format(phone=self.phone) if self.phone else ""
        return {
            "who": self.who, "moment": self.moment, "where": self.where, "commune": self.commune, "phone": phone,
            "sas": self.sas, "cancel": self.cancel_url, "stop": self.stop_url,
            "late": self.late,
        }  # fmt: skip


def gsm(text: str) -> str:
    """The alphabet that keeps 160 characters in one message: what it lacks is written otherwise."""
    return text.translate(WRITTEN)


def _in_gsm(letter: str) -> str:
    """An accent that the alphabet lacks is left out."""
    plain = letter if letter in GSM_7 else unicodedata.normalize("NFD", letter)[0]
    return plain if plain in GSM_7 else "?"


class _Written(dict[int, str]):
    """Each letter once met, as it is sent."""

    def __missing__(self, letter: int) -> str:
        self[letter] = "".join(_in_gsm(c) for c in chr(letter).translate(REPLACED))
        return self[letter]


WRITTEN = _Written()


def who(language: str, receiver: Receiver, doctor: str) -> str:
    """Who receives in the doctor's place, in a language."""
    in_place = texts(language)["in_place"][receiver.quality]
    return str(in_place).format(name=receiver.name, doctor=doctor, of=of(doctor))


def who_in_short(language: str, receiver: Receiver) -> str:
    return f"{receiver.name} ({texts(language)['qualities'][receiver.quality]})"


def sms(rdv: Appointment, purpose: str) -> str:
    """The first, most complete wording that holds in one message (two in another alphabet); else the shortest. Somebody
    in the doctor's place is named by their own name at least, before nobody is.
    """
    words = texts(rdv.language)
    other_alphabet = words["parts"] > 1
    room = UNICODE_LENGTHS[words["parts"]] if other_alphabet else SMS_LENGTH
    sent = ""
    for choice, fields in _wordings(words["sms"][purpose], rdv):
        written = choice.format(**fields)
        sent = written if other_alphabet else gsm(written)
        if len(sent) <= room:
            break
    return sent


def _wordings(choices: list[str], rdv: Appointment) -> Iterator[tuple[str, dict[str, str]]]:
    fields = rdv.fields()
    naming = [choice for choice in choices if "{who}" in choice] if rdv.who_in_short else []
    yield from ((choice, fields) for choice in naming)
    yield from ((choice, fields | {"who": rdv.who_in_short}) for choice in naming)
    yield from ((choice, fields) for choice in choices if choice not in naming)


def email(rdv: Appointment, purpose: str) -> tuple[str, str]:
    subject, body = texts(rdv.language)["email"][purpose]
    fields = rdv.fields()
    return subject.format(**fields), body.format(**fields)


def doctor_notice(rdv: Appointment) -> tuple[str, str]:
    instruction = "Une consigne du médecin régulateur vous attend sur votre page.\n" if rdv.instruction else ""
    body = (
        f"Bonjour,\n\nLe {rdv.sas} vous adresse un patient : {rdv.moment}, {rdv.where}.\nRéférence : {rdv.reference}\n"
        f"{instruction}\nSon identité et l’issue du rendez-vous se trouvent sur votre page effecteur.\n"
    )
    return f"Patient adressé par le {rdv.sas} : {rdv.moment}", body


def doctor_cancellation(rdv: Appointment) -> tuple[str, str]:
    body = f"Bonjour,\n\nLe rendez-vous {rdv.reference} du {rdv.moment} est annulé : la place est de nouveau libre.\n"
    return f"Rendez-vous annulé : {rdv.moment}", body
