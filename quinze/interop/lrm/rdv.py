"""RS-SAS-RDV: an appointment made on the SAS platform, told to a regulation software. No patient, no file number.

Pure. Facts of the Hub Santé's schema RS-SAS-RDV, version 26.07.29, restated as a typed model: fields, cardinalities,
patterns and lists; nothing else is accepted in a message. A test compares the verdicts with the official schema's.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

CREATE, UPDATE = "CreateAppointment", "UpdateAppointment"
PENDING, BOOKED, FULFILLED, NO_SHOW, CANCELLED = "pending", "booked", "fulfilled", "noshow", "cancelled"
STATUSES = (PENDING, BOOKED, FULFILLED, NO_SHOW, CANCELLED)
CATEGORIES = ("CPTS", "MSP", "CDS", "SOS", "PS", "PDM")
SPECIALTIES = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
PROFESSIONS = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
LONGEST = 300
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+]\d{2}:\d{2}", re.ASCII)
_RPPS = re.compile(r"81[0-9]{10}")
_MISSING = object()


class Faulty(Exception):  # noqa: N818  (an answer to the peer)
    """Everything wrong, each with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Practitioner:
    rppsId: str  # 8 + RPPS  # noqa: N815  (the names of the exchange)
    lastName: str  # noqa: N815
    firstName: str  # noqa: N815
    specialityCode: str = ""  # noqa: N815
    specialityUrl: str = ""  # noqa: N815
    professionCode: str = ""  # noqa: N815
    professionUrl: str = ""  # noqa: N815


@dataclass(frozen=True, slots=True)
class Organization:
    organizationId: str  # noqa: N815
    name: str


@dataclass(frozen=True, slots=True)
class Regulator:
    regulatorName: str  # noqa: N815
    regulatorFirstname: str  # noqa: N815
    regulatorEmail: str  # noqa: N815
    regulatorId: str = ""  # a card only  # noqa: N815


@dataclass(frozen=True, slots=True)
class Rdv:
    """The whole present state: an update carries everything."""

    id: str
    method: str
    created: datetime
    start: datetime
    status: str
    regulator: Regulator
    end: datetime | None = None
    category: str = ""
    practitioner: Practitioner | None = None
    organization: Organization | None = None

    @property
    def who(self) -> str:
        if self.practitioner:
            return f"{self.practitioner.firstName} {self.practitioner.lastName}"
        return self.organization.name if self.organization else "praticien non dit"


# ---- reading


class _Reader:
    """Collects what is wrong instead of stopping at the first fault."""

    def __init__(self, said: Any, at: str, faults: list[str]) -> None:
        self.faults, self.at = faults, at
        self._said: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        self._known: set[str] = set()
        if not isinstance(said, Mapping):
            self.wrong("", "objet attendu")

    def wrong(self, name: str, why: str) -> None:
        self.faults.append(f"{self.at}{'.' if name else ''}{name} : {why}")

    def text(self, name: str, *, needed: bool = False, form: Callable[[str], object] = bool, why: str = "") -> str:
        self._known.add(name)
        value = self._said.get(name, _MISSING)
        if value is _MISSING:
            if needed:
                self.wrong(name, "manque")
            return ""
        if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
            self.wrong(name, f"texte de {LONGEST} caractères au plus")
            return ""
        if why and not form(value):
            self.wrong(name, why)
            return ""
        return value

    def instant(self, name: str, *, needed: bool = False) -> datetime | None:
        value = self.text(name, needed=needed, form=_instant, why="date, heure et décalage, sans fraction")
        return _instant(value) if value else None

    def inner(self, name: str, *, needed: bool = False) -> "_Reader | None":
        self._known.add(name)
        if name in self._said:
            return _Reader(self._said[name], f"{self.at}.{name}", self.faults)
        if needed:
            self.wrong(name, "manque")
        return None

    def nothing_else(self) -> None:
        for name in sorted(map(str, self._said.keys() - self._known)):
            self.wrong(name[:40], "élément inconnu")


def _instant(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def read(said: Any) -> Rdv:
    """The content of `message.appointment`. Raises Faulty with every fault."""
    faults: list[str] = []
    reader = _Reader(said, "appointment", faults)
    created, start = reader.instant("created", needed=True), reader.instant("start", needed=True)
    listed = {"method": (CREATE, UPDATE), "status": STATUSES, "orientationCategory": CATEGORIES}
    chosen = {
        name: reader.text(name, needed=name != "orientationCategory", form=values.__contains__, why="hors de la liste")
        for name, values in listed.items()
    }
    number, end = reader.text("appointmentId", needed=True), reader.instant("end")
    regulator = _regulator(reader.inner("regulator", needed=True))
    practitioner, organization = (
        _practitioner(reader.inner("practitioner")),
        _organization(reader.inner("organization")),
    )
    reader.nothing_else()
    if not number and not faults:
        reader.wrong("appointmentId", "vide")
    if created is None or start is None or regulator is None or faults:
        raise Faulty(faults)
    return Rdv(
        id=number, method=chosen["method"], created=created, start=start, status=chosen["status"], end=end,
        category=chosen["orientationCategory"], regulator=regulator, practitioner=practitioner,
        organization=organization,
    )  # fmt: skip


def _regulator(reader: _Reader | None) -> Regulator | None:
    if reader is None:
        return None
    family, given = reader.text("regulatorName", needed=True), reader.text("regulatorFirstname", needed=True)
    found = Regulator(family, given, reader.text("regulatorEmail", needed=True), reader.text("regulatorId"))
    reader.nothing_else()
    return found


def _practitioner(reader: _Reader | None) -> Practitioner | None:
    if reader is None:
        return None
    number = reader.text("rppsId", needed=True, form=_RPPS.fullmatch, why="81 et dix chiffres")
    names = [reader.text(name, needed=True) for name in ("lastName", "firstName")]
    more = [reader.text(one.name) for one in fields(Practitioner)[3:]]
    reader.nothing_else()
    return Practitioner(number, *names, *more)


def _organization(reader: _Reader | None) -> Organization | None:
    if reader is None:
        return None
    found = Organization(reader.text("organizationId", needed=True), reader.text("name", needed=True))
    reader.nothing_else()
    return found


# ---- writing


def write(rdv: Rdv) -> dict[str, Any]:
    """As the schema has it; what is not known is left out."""
    said: dict[str, Any] = {
        "appointmentId": rdv.id,
        "method": rdv.method,
        "created": _spelled(rdv.created),
        "status": rdv.status,
        "orientationCategory": rdv.category,
        "start": _spelled(rdv.start),
        "end": _spelled(rdv.end),
    }
    for name in ("practitioner", "organization", "regulator"):
        said[name] = _plain(getattr(rdv, name))
    return {name: value for name, value in said.items() if value}


def _spelled(instant: datetime | None) -> str:
    return instant.replace(microsecond=0).isoformat() if instant else ""


def _plain(part: Practitioner | Organization | Regulator | None) -> dict[str, str]:
    if part is None:
        return {}
    needed = {"regulatorName", "regulatorFirstname", "regulatorEmail", "rppsId", "lastName", "firstName", "name"}
    said = {one.name: getattr(part, one.name) for one in fields(part)}
    return {name: value for name, value in said.items() if value or name in needed}
