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
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.IS_POSSIBLE:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise Refusal(_length("Il manque", text), field=field)
        case ValidationResult.TOO_LONG:
            raise Refusal(_length("Il y a trop de chiffres", text), field=field)
        case _:
            raise Refusal("Ce numéro n’existe pas : vérifiez l’indicatif et les chiffres.", field=field)


def _length(fault: str, text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith(("+", "00")):
        return f"{fault}{' des chiffres' if fault == 'Il manque' else ''} après l’indicatif du pays."
    gap = FRENCH_DIGITS - len(digits)
    if gap <= 0:
        return f"Il y a trop de chiffres : {len(digits)} saisis, {FRENCH_DIGITS} attendus."
    words = "un chiffre" if gap == 1 else f"{gap} chiffres"
    return f"Il manque {words} : {len(digits)} saisi{'s' if len(digits) > 1 else ''}, {FRENCH_DIGITS} attendus."


def as_presented(text: str) -> str:
    """What the network shows: E.164 when it is a number, otherwise kept raw. A ringing call is never refused."""
    try:
        return normalise(text)
    except Refusal:
        return text.strip()[:20]
