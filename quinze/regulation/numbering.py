"""The national number of a file: DRFR15 DD X AA JJJ 00000."""

import re
from datetime import date

DEPARTEMENT = re.compile(r"2[AB]|97\d|98\d|\d{2}")
SHORT = re.compile(r"(\w{2,3})(\d{2})(\d{3})(\d{5})")


def national(*, sas_code: str, samu_letter: str, day: date, order: int) -> str:
    """`day` is that of the SAS's own clock; `order` counts the files of that day."""
    departement = DEPARTEMENT.match(sas_code)
    prefix = departement[0] if departement else sas_code[:2].rjust(2, "0")
    return f"DRFR15{prefix}{samu_letter}{day:%y}{day:%j}{order:05d}"


def search_pattern(text: str) -> str | None:
    """A regular expression for what people say of a number: all of it, « 86 26 321 00412 », or its last digits."""
    said = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    if said.startswith("DR"):
        return f"^{said}"
    if match := SHORT.fullmatch(said):
        return f"^DRFR15{match[1]}[0-9A-Z]{match[2]}{match[3]}{match[4]}$"
    if said.isdigit() and 3 <= len(said) <= 10:
        return f"{said}$"
    return None
