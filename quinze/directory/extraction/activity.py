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
from quinze.directory.extraction import columns
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
NULL = "\x01"  # in no cell: control characters are refused
_TITLES = {"DR": "Dr", "PR": "Pr"}
_GENDERS = {"M": "M", "MME": "F", "MLLE": "F"}
_FILLING = re.compile(r"[\s.\-/]")
_PLAIN_PHONE = re.compile(r"0[1-79][0-9]{8}")
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
    pick: Callable[[list[str]], tuple[str, ...]] = tuple  # the cells of Line, in its order, from those of the file
    fewest: int = 0

    def read_header(self, line: str) -> None:
        self.cells = columns.read_header(line)
        self.pick = itemgetter(*(self.cells.get(name, -1) for name in Line._fields))
        self.fewest = max(self.cells.values()) + 1

    def wants(self, cells: list[str]) -> bool:
        """Cheap, and never wrong about a line it leaves out: full checks come after."""
        commune, postal = cells[self.cells["commune"]], cells[self.cells["postal"]]
        found = self.insee.get(commune)
        if found is not None:
            return found in self.departements and (self.communes is None or commune in self.communes)
        near = self.by_postal.get(postal[:5])
        return near is not None and any(self.insee[insee] in self.departements for insee in near.values())


def read(line: str, cells: list[str], number: int, scope: Scope) -> tuple[str, ...]:
    """The values of ROW. Raises Refused."""
    get = Line._make(scope.pick([*_neat(line, cells), ""]))
    national, profession = get.national, get.profession
    known = _identifier(national)
    family, given = _person(get)
    if not (profession.isdecimal() and len(profession) == 2):
        raise Refused("profession inconnue")
    insee = _insee(get, scope)
    address = _address(get)
    title = get.sign or get.company
    name = _name(title)[:160]
    kind = _kind(_place_kind(get.sector, title), profession)
    return (
        str(number),
        national,
        known.rpps or NULL,
        known.adeli or NULL,
        known.idnps or NULL,
        _TITLES.get(get.title, ""),
        _GENDERS.get(get.civility, ""),
        given,
        family,
        f"{_folded(family)} {_folded(given)}".strip(),
        profession,
        get.skill[:8] if get.skill_type == "S" else "",
        _activity(national, get.structure, address, insee),
        kind,
        name if kind else "",
        _site(get.finess, 9),
        _site(get.siret, 14),
        name,
        address,
        insee,
        _phones(get.phone, get.phone2),
        _email(get.email),
    )


def _neat(line: str, cells: list[str]) -> list[str]:
    """Most lines are as they must be: looking at them whole spares a call for each cell."""
    printable = line.isprintable()
    if not printable and _CONTROL.search(line):
        raise Refused("caractères de contrôle")
    if printable and "| " not in line and " |" not in line and line.strip() == line:
        return cells
    return [cell.strip() for cell in cells]


def _person(get: Line) -> tuple[str, str]:
    family, given = _name(get.family), _name(get.given)
    if not family:
        raise Refused("nom absent")
    if len(family) > 80 or len(given) > 80:
        raise Refused("nom trop long")
    return family, given


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


@lru_cache(maxsize=100_000)
def _place_kind(sector: str, title: str) -> str:
    text = f"{_folded(sector)} {_folded(title)}"
    return next((kind for word, kind in _KINDS if word in text), "")


def _kind(kind: str, profession: str) -> str:
    return "" if kind == "PHARMACY" and profession != PHARMACIST else kind


def _site(text: str, length: int) -> str:
    """Kept when well formed: a wrong FINESS costs the link to the structure, not the line."""
    if not text:
        return NULL
    number = text.replace(" ", "")
    return number if len(number) == length and number[2:].isdecimal() else NULL


def _phones(first: str, second: str) -> str:
    numbers = [_phone(text) for text in (first, second) if text]
    return "{" + ",".join(dict.fromkeys(filter(None, numbers))) + "}" if numbers else "{}"


@lru_cache(maxsize=100_000)
def _phone(text: str) -> str:
    digits = text if text.isdecimal() else _FILLING.sub("", text)
    if _PLAIN_PHONE.fullmatch(digits):
        prefix = _OVERSEAS.get(digits[:4], "+33")
        return f"{prefix}{digits[1:]}"
    try:
        return phones.normalise(text)
    except Refusal:
        return ""


def _email(text: str) -> str:
    return text.lower() if len(text) <= 254 and _EMAIL.fullmatch(text) else ""
