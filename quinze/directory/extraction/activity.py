"""One line of the extraction, checked and turned into the row that is loaded."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from quinze.base import phones
from quinze.base.codes import fold
from quinze.base.errors import Refusal
from quinze.directory import identifiers
from quinze.directory.names import commune_key

ROW = (
    "line",
    "national",
    "rpps",
    "adeli",
    "idnps",
    "civility",
    "gender",
    "given_name",
    "family_name",
    "search_name",
    "profession",
    "specialty",
    "activity_id",
    "kind",
    "structure_name",
    "finess",
    "siret",
    "name",
    "address",
    "insee",
    "phones",
    "email",
)
NULLABLE = frozenset(["rpps", "adeli", "idnps", "finess", "siret"])
_TITLES = {"DR": "Dr", "PR": "Pr"}
_GENDERS = {"M": "M", "MME": "F", "MLLE": "F"}
_PLAIN_PHONE = re.compile(r"0([1-79])\d{8}")
_OVERSEAS = {"0262": "+262", "0263": "+262", "0269": "+262", "0639": "+262", "0692": "+262", "0693": "+262"} | {
    "0590": "+590",
    "0690": "+590",
    "0691": "+590",
    "0594": "+594",
    "0694": "+594",
    "0596": "+596",
    "0696": "+596",
    "0697": "+596",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_KINDS = (("maison de sante", "MSP"), ("msp ", "MSP"), ("centre de sante", "CDS"), ("pharmacie", "PHARMACY"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PHARMACIST = "21"


class Refused(Exception):  # noqa: N818  (one line is left out, the others go on)
    """Why this line is not loaded, in a few words that group well."""


class Line(NamedTuple):
    """The cells that are used; a column that the file does not have is empty."""

    national: str
    family: str
    given: str
    profession: str
    postal: str
    commune: str
    structure: str
    title: str
    civility: str
    skill_type: str
    skill: str
    siret: str
    finess: str
    company: str
    sign: str
    point: str
    number: str
    repetition: str
    street_type: str
    street: str
    mention: str
    office: str
    town: str
    phone: str
    phone2: str
    email: str
    sector: str


@dataclass(slots=True)
class Scope:
    """What is wanted, and what is needed to place a line: INSEE codes, and the communes of a postal code."""

    departements: frozenset[str]
    insee: Mapping[str, str]  # INSEE → département
    by_postal: Mapping[str, Mapping[str, str]]  # postal code → folded name → INSEE
    communes: frozenset[str] | None = None  # when a SAS covers only part of a département
    cells: Mapping[str, int] = field(default_factory=dict)  # rank of each column of the file
    _picked: Callable[[list[str]], tuple[str, ...]] | None = None

    def pick(self, cells: list[str]) -> tuple[str, ...]:
        if self._picked is None:
            self._picked = itemgetter(*(self.cells.get(name, -1) for name in Line._fields))
        return self._picked([*cells, ""])

    def wants(self, cells: list[str]) -> bool:
        """Cheap, and never wrong about a line it leaves out: full checks come after."""
        commune, postal = cells[self.cells["commune"]], cells[self.cells["postal"]]
        found = self.insee.get(commune)
        if found is not None:
            return found in self.departements and (self.communes is None or commune in self.communes)
        near = self.by_postal.get(postal[:5])
        return near is not None and any(self.insee[insee] in self.departements for insee in near.values())


def read(cells: list[str], line: int, scope: Scope) -> tuple[object, ...]:
    """The values of ROW. Raises Refused."""
    if _CONTROL.search("".join(cells)):
        raise Refused("caractères de contrôle")
    get = Line._make(map(str.strip, scope.pick(cells)))
    national = get.national
    known = _identifier(national)
    family, given = _name(get.family), _name(get.given)
    profession = get.profession
    if not family:
        raise Refused("nom absent")
    if len(family) > 80 or len(given) > 80:
        raise Refused("nom trop long")
    if not (profession.isdigit() and len(profession) == 2):
        raise Refused("profession inconnue")
    insee = _insee(get, scope)
    address = _address(get)
    kind = _kind(get, profession)
    return (
        line,
        national,
        known.rpps,
        known.adeli,
        known.idnps,
        _TITLES.get(get.title, ""),
        _GENDERS.get(get.civility, ""),
        given,
        family,
        f"{_folded(family)} {_folded(given)}".strip(),
        profession,
        get.skill[:8] if get.skill_type == "S" else "",
        _activity(national, get.structure, address, insee),
        kind,
        _name(get.sign or get.company)[:160] if kind else "",
        _site(get.finess, 9),
        _site(get.siret, 14),
        _name(get.sign or get.company)[:160],
        address,
        insee,
        _phones(get.phone, get.phone2),
        _email(get.email),
    )


def _identifier(national: str) -> identifiers.NationalId:
    try:
        return identifiers.idnps(national)
    except Refusal as refusal:
        words = {"rpps_key": "clé du RPPS fausse", "adeli_shape": "ADELI mal formé", "rpps_shape": "RPPS mal formé"}
        raise Refused(words.get(refusal.code, "identifiant national mal formé")) from None


@lru_cache(maxsize=100_000)
def _name(text: str) -> str:
    """The registers write in capitals; « DE L'ÉTANG » is read more easily as « De L’Étang »."""
    return text.title().replace("'", "’") if text.isupper() else text


@lru_cache(maxsize=100_000)
def _folded(name: str) -> str:
    return fold(name)


def _insee(get: Line, scope: Scope) -> str:
    insee = get.commune
    if insee not in scope.insee:
        towns = scope.by_postal.get(get.postal[:5], {})
        named = towns.get(_town(get.town or get.office[6:]))
        insee = named or (next(iter(towns.values())) if len(towns) == 1 else "")
    if not insee:
        raise Refused("commune inconnue")
    if scope.insee[insee] not in scope.departements or (scope.communes is not None and insee not in scope.communes):
        raise Refused("hors du périmètre")
    return insee


@lru_cache(maxsize=50_000)
def _town(text: str) -> str:
    return re.sub(r" cedex( \d+)?$", "", commune_key(text))


def _address(get: Line) -> str:
    street = " ".join(filter(None, (get.number, get.repetition, get.street_type, _name(get.street))))
    return ", ".join(filter(None, (_name(get.point), street, _name(get.mention))))[:200]


def _activity(national: str, structure: str, address: str, insee: str) -> str:
    """The extraction has no number of activity: the person at that structure, else at that address, is one."""
    where = structure if 0 < len(structure) <= 25 else hashlib.sha256(f"{address}|{insee}".encode()).hexdigest()[:16]
    return f"{national[:14]}-{where}"


def _kind(get: Line, profession: str) -> str:
    text = f"{_folded(get.sector)} {_folded(get.sign or get.company)}"
    kind = next((kind for word, kind in _KINDS if word in text), "")
    return "" if kind == "PHARMACY" and profession != PHARMACIST else kind


def _site(text: str, length: int) -> str | None:
    """Kept when well formed: a wrong FINESS costs the link to the structure, not the line."""
    if not text:
        return None
    number = text.replace(" ", "")
    return number if len(number) == length and number[2:].isdigit() else None


def _phones(*texts: str) -> str:
    numbers = dict.fromkeys(number for text in texts if text and (number := _phone(text)))
    return "{" + ",".join(numbers) + "}"


@lru_cache(maxsize=100_000)
def _phone(text: str) -> str:
    digits = re.sub(r"[\s.\-/]", "", text)
    if _PLAIN_PHONE.fullmatch(digits):
        prefix = _OVERSEAS.get(digits[:4], "+33")
        return f"{prefix}{digits[1:]}"
    try:
        return phones.normalise(text)
    except Refusal:
        return ""


def _email(text: str) -> str:
    return text.lower() if len(text) <= 254 and _EMAIL.fullmatch(text) else ""
