"""National identifiers of professionals and structures: shape, check digit, prefix of the IDNPS and IDNST."""

import re
from typing import NamedTuple

from quinze.base.errors import Refusal

LA_POSTE = "356000000"  # its SIRETs follow another rule: the digits sum to a multiple of five
_PLAIN = bytes.maketrans(b"0123456789", bytes(range(10)))
_DOUBLED = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))
_FILLING = re.compile(r"[\s.\-]")
_RPPS = re.compile(r"[0-9]{11}")
_SITE = re.compile(r"([0-9]{2}|2[AB])[0-9]{7}")
_SIRET = re.compile(r"[0-9]{14}")
_CARD = re.compile(r"[0-9A-Z]{9,14}/[0-9A-Z]{1,15}")


class NationalId(NamedTuple):
    """At most one is set."""

    rpps: str | None = None
    adeli: str | None = None
    idnps: str | None = None  # any other, with its prefix


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right counts double, digits of the double added."""
    figures = digits.encode("ascii")
    return (sum(figures[-1::-2].translate(_PLAIN)) + sum(figures[-2::-2].translate(_DOUBLED))) % 10 == 0


def compact(text: str) -> str:
    return text if text.isdecimal() else _FILLING.sub("", text).upper()


def rpps(text: str, *, field: str = "rpps") -> str:
    number = compact(text)
    if not _RPPS.fullmatch(number):
        raise Refusal("Un RPPS a 11 chiffres.", code="rpps_shape", field=field)
    if not luhn(number):
        raise Refusal(
            "Ce RPPS est faux : sa clé ne correspond pas. Vérifiez chaque chiffre.", code="rpps_key", field=field
        )
    return number


def adeli(text: str, *, field: str = "adeli") -> str:
    """Two characters of the département, then seven digits. The register defines no check digit that holds for all."""
    number = compact(text)
    if not _SITE.fullmatch(number):
        raise Refusal("Un numéro ADELI a 9 chiffres, le département d’abord.", code="adeli_shape", field=field)
    return number


def idnps(text: str, *, field: str = "idnps") -> NationalId:
    """Reads the prefix: 8 before a RPPS, 0 before an ADELI; other cards are kept as they are written."""
    number = compact(text)
    if number.startswith("8") and len(number) == 12:
        return NationalId(rpps=rpps(number[1:], field=field))
    if number.startswith("0") and len(number) == 10:
        return NationalId(adeli=adeli(number[1:], field=field))
    if _CARD.fullmatch(number):
        return NationalId(idnps=number)
    raise Refusal(
        "Identifiant national inconnu : 8 suivi d’un RPPS, 0 suivi d’un ADELI, ou structure/carte.",
        code="idnps_shape",
        field=field,
    )


def prefixed(*, rpps: str | None, adeli: str | None, idnps: str | None = None) -> str | None:
    """The IDNPS of a professional, as other machines expect it."""
    if rpps:
        return f"8{rpps}"
    return f"0{adeli}" if adeli else idnps


def finess(text: str, *, field: str = "finess") -> str:
    number = compact(text)
    if not _SITE.fullmatch(number):
        raise Refusal("Un FINESS a 9 chiffres.", code="finess_shape", field=field)
    if number.isdigit() and not luhn(number):
        raise Refusal("Ce FINESS est faux : sa clé ne correspond pas.", code="finess_key", field=field)
    return number


def siret(text: str, *, field: str = "siret") -> str:
    number = compact(text)
    if not _SIRET.fullmatch(number):
        raise Refusal("Un SIRET a 14 chiffres.", code="siret_shape", field=field)
    is_la_poste = number.startswith(LA_POSTE) and sum(map(int, number)) % 5 == 0
    if not luhn(number) and not is_la_poste:
        raise Refusal("Ce SIRET est faux : sa clé ne correspond pas.", code="siret_key", field=field)
    return number
