"""What is said of a person, checked: names, national identifier, status of the identity."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from quinze.base.codes import fold
from quinze.base.errors import Refusal
from quinze.patients.models import Patient

SEXES = {"M": "masculin", "F": "féminin", "O": "autre", "UN": "inconnu"}
MATRICULE = re.compile(r"[1-478]\d{4}(?:\d{2}|2[AB])\d{8}")
BIRTH_PLACE = re.compile(r"\d{5}|2[AB]\d{3}")
LONGEST_EMAIL = 254
LANGUAGE = re.compile(r"[a-z]{2,3}")


def search_name(family_name: str, given_name: str) -> str:
    return fold(f"{family_name} {given_name}").strip()[:200]


def clean_sex(text: str) -> str:
    code = text.strip().upper() or "UN"
    if code not in SEXES:
        raise Refusal("Choisissez masculin, féminin, autre ou inconnu.", field="sex")
    return code


def clean_email(text: str) -> str:
    address = text.strip()
    if len(address) > LONGEST_EMAIL:
        raise Refusal(f"Une adresse e-mail a {LONGEST_EMAIL} caractères au plus.", field="email")
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise Refusal("Cette adresse e-mail est incomplète. Exemple : nom@exemple.fr.", field="email") from None
    return address


def clean_language(text: str) -> str:
    code = text.strip().lower()
    if code and not LANGUAGE.fullmatch(code):
        raise Refusal("Choisissez une langue de la liste.", field="language")
    return "" if code == "fr" else code


def clean_birth_place(text: str) -> str:
    code = re.sub(r"\s", "", text).upper()
    if code and not BIRTH_PLACE.fullmatch(code):
        raise Refusal("Le code INSEE du lieu de naissance a 5 caractères. Exemple : 86194.", field="birth_insee")
    return code


def clean_ins(text: str) -> str:
    """The matricule INS with its key: it is exchanged and shown, so a mistyped one would travel far."""
    number = re.sub(r"[\s.]", "", text).upper()
    if number and not MATRICULE.fullmatch(number):
        raise Refusal(f"Le matricule INS a 15 caractères, {len(number)} saisis.", field="ins")
    if number and not _key_holds(number):
        raise Refusal("La clé du matricule INS ne correspond pas : relisez les 15 chiffres.", field="ins")
    return number


def _key_holds(number: str) -> bool:
    body, key = number[:13].replace("2A", "19").replace("2B", "18"), int(number[13:])
    return 97 - int(body) % 97 == key


def check_status(values: dict[str, Any]) -> None:
    """A status above provisional rests on traits: refuse it beside the field that is missing."""
    status = values["identity"]
    if status not in Patient.Identity.values:
        raise Refusal("Choisissez un statut d’identité de la liste.", field="identity")
    if status == Patient.Identity.PROVISIONAL:
        return
    if not values["family_name"]:
        raise Refusal("Une identité vérifiée a un nom de naissance : complétez-le.", field="family_name")
    if not values["birth_date"]:
        raise Refusal("Une identité vérifiée a une date de naissance, pas seulement un âge.", field="birth")
    if status in (Patient.Identity.RETRIEVED, Patient.Identity.QUALIFIED) and not values["ins"]:
        raise Refusal("Une identité récupérée ou qualifiée a son matricule INS.", field="ins")
