"""Why a file answers a search, in words."""

from quinze.base import phones
from quinze.base.codes import fold
from quinze.regulation.models import CaseFile


def why_found(case: CaseFile, text: str) -> str:
    said, digits = phones.as_presented(text), "".join(c for c in text if c.isdigit())
    for number, words in (
        (case.callback_phone, "numéro de rappel"),
        (case.caller_number, "numéro présenté"),
        (case.patient.phone, "téléphone du patient"),
    ):
        if number and number == said:
            return words
    if digits and case.number.endswith(digits[-5:]):
        return "numéro de dossier"
    typed = fold(text).split()
    if typed and all(word in case.patient.search_name for word in typed):
        return "nom du patient"
    return "nom du requérant" if any(word in fold(case.caller_name) for word in typed) else "nom"
