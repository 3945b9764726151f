"""Telephone numbers as people say them, kept in E.164."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

from quinze.base.errors import Refusal

FRENCH_DIGITS = 10


def normalise(text: str, *, field: str | None = None) -> str:
    """E.164, or a refusal that says what is wrong. An empty text stays empty.

    Fiction ranges and numbers not yet allotted are accepted: only the shape is checked.
    """
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        raise Refusal("Ce n’est pas un numéro de téléphone. Exemple : 06 39 98 41 27.", field=field) from None
    fault = _foreign_fault(number) if text.strip().startswith(("+", "00")) else _french_fault(text)
    if fault:
        raise Refusal(fault, field=field)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _french_fault(text: str) -> str:
    """The library finds nine digits possible; nobody in France can be called back on nine digits."""
    digits = re.sub(r"\D", "", text)
    gap = FRENCH_DIGITS - len(digits)
    said = f"{len(digits)} saisi{'s' if len(digits) > 1 else ''}, {FRENCH_DIGITS} attendus."
    if gap > 0:
        return f"Il manque {'un chiffre' if gap == 1 else f'{gap} chiffres'} : {said}"
    if gap < 0:
        return f"Il y a trop de chiffres : {said}"
    if digits[0] != "0" or digits[1] == "0":
        return "Un numéro français commence par 01 à 09 ; un numéro étranger, par + et son indicatif."
    return ""


def _foreign_fault(number: phonenumbers.PhoneNumber) -> str:
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            return ""
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return "Il manque des chiffres après l’indicatif du pays."
        case ValidationResult.TOO_LONG:
            return "Il y a trop de chiffres après l’indicatif du pays."
        case _:
            return "Ce numéro n’existe pas : vérifiez l’indicatif et les chiffres."


def as_presented(text: str) -> str:
    """What the network shows: E.164 when it is a number, otherwise kept raw. A ringing call is never refused."""
    try:
        return normalise(text)
    except Refusal:
        return text.strip()[:20]


def spoken(number: str) -> str:
    """As people say it: pairs of digits for a French number, the country code kept for another."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    french = parsed.country_code == phonenumbers.country_code_for_region("FR")
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if french else PhoneNumberFormat.INTERNATIONAL)


def as_said(number: str) -> str:
    """06 39 98 41 27; a foreign number stays as it is dialled."""
    if not number.startswith("+33") or len(number) != len("+33639984127"):
        return number
    digits = f"0{number[3:]}"
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))
