"""What an editor answered, checked at the border: a bad slot is set aside with its reason, the others are kept.

Nothing is trusted: lengths, types, references, hours, the address where one books. A slot says whose it is by the
resources around it; one that leads to nobody who was asked for is dropped.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from quinze.availability.models import LONGEST_URL
from quinze.interop.editors.questions import PARIS, Window
from quinze.interop.fhir.facts import CODES, EXTENSIONS, IDENTIFIERS, SYSTEMS, Resource
from quinze.interop.fhir.slot import specialties_of

MOST_ENTRIES = 20_000
MOST = 50  # elements of one list that are looked at
LONGEST_TEXT = 120
LONGEST_SLOT = timedelta(hours=14)  # a range without appointment lasts a day
AUDIENCES = ("SNP", "CPTS", "PRO", "PUBLIC")  # the one that gives most to the SAS first
MODALITIES = ("AMB", "HH", "VR")
WALKIN_SEATS = 10  # of a range without appointment: the guide says no number
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
REASONS = {
    "structure": "illisible",
    "status": "non libre",
    "hours": "heures fausses",
    "window": "hors de la période demandée",
    "label": "sans type de créneau connu",
    "modality": "sans type de consultation connu",
    "owner": "de personne qui ait été demandé",
    "place": "dans un lieu inconnu de l’annuaire",
    "cpts": "d’une CPTS inconnue",
    "url": "adresse de réservation refusée",
    "twice": "reçu deux fois",
    "conflict": "à la même heure que celui d’un autre éditeur",
}


class Unreadable(Exception):  # noqa: N818  (an answer)
    """Not a searchset: nothing of it can be kept."""


@dataclass(frozen=True, slots=True)
class Where:
    """How the editor names a place: numbers of its structure (with prefix), and its address."""

    numbers: frozenset[str]
    line: str
    city: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Offered:
    """One good slot, of one of the identifiers asked for. `cpts`: FINESS, with prefix, of those it is for."""

    identifier: str
    where: Where
    start: datetime
    end: datetime
    audience: str
    modalities: tuple[str, ...]
    is_walkin: bool
    specialties: tuple[str, ...]
    reasons: str
    cpts: tuple[str, ...]
    url: str


@dataclass(slots=True)
class Reading:
    offered: list[Offered] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)


class _Bad(Exception):  # noqa: N818  (never leaves this file)
    """Why one slot is dropped."""


def read(body: bytes, *, asked: Iterable[str], window: Window, hosts: Iterable[str]) -> Reading:
    """`hosts`: where an address of booking may lead. Raises Unreadable when there is no Bundle to read."""
    bundle = _bundle(body)
    around = _Around(bundle, frozenset(asked))
    found = Reading()
    for resource in around.slots:
        try:
            found.offered.append(_offered(resource, around, window, tuple(hosts)))
        except _Bad as bad:
            found.dropped[str(bad)] += 1
    return found


def _bundle(body: bytes) -> Resource:
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Unreadable("not_json") from error
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle" or found.get("type") != "searchset":
        raise Unreadable("garbage")
    if not isinstance(found.get("entry", []), list) or len(found.get("entry", [])) > MOST_ENTRIES:
        raise Unreadable("garbage")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


# ---- the resources around the slots


class _Around:
    """Agendas by their reference: whose they are, among those asked for, and where."""

    def __init__(self, bundle: Resource, asked: frozenset[str]) -> None:
        self.asked = asked
        self.slots: list[Any] = []
        self.by_reference: dict[str, Resource] = {}
        self._agendas: dict[str, tuple[str, Where] | None] = {}
        for entry in bundle.get("entry", []):
            self._keep(entry)

    def _keep(self, entry: Any) -> None:
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            self.slots.append(None)  # counted as one that cannot be read
        elif resource.get("resourceType") == "Slot":
            self.slots.append(resource)
        elif isinstance(resource.get("id"), str):
            self.by_reference[f"{resource.get('resourceType')}/{resource['id']}"] = resource

    def find(self, said: Any, kind: str) -> Resource | None:
        """Relative or absolute: its last two parts name the resource."""
        text = _text(_get(said, "reference"), most=500)
        kinds, _, key = text.rpartition("/")
        return self.by_reference.get(f"{kind}/{key}") if kinds.rpartition("/")[2] == kind else None

    def agenda(self, said: Any) -> tuple[str, Where]:
        reference = _text(_get(said, "reference"), most=500)
        if reference not in self._agendas:
            self._agendas[reference] = self._read_agenda(self.find(said, "Schedule"))
        found = self._agendas[reference]
        if found is None:
            raise _Bad("owner")
        return found

    def _read_agenda(self, schedule: Resource | None) -> tuple[str, Where] | None:
        actors = _list(schedule, "actor")
        for actor in actors:
            if person := self.find(actor, "Practitioner"):
                return self._of_person(person, actors)
            if location := self.find(actor, "Location"):
                return self._of_association(location)
        return None

    def _of_person(self, person: Resource, actors: list[Any]) -> tuple[str, Where] | None:
        values = _identifiers(_list(person, "identifier"), IDENTIFIERS["professional"])
        found = next((value for said in values for value in _spellings(said) if value in self.asked), None)
        role = next((role for actor in actors if (role := self.find(actor, "PractitionerRole"))), None)
        inside = next((each for each in _list(role, "contained") if _get(each, "resourceType") == "Location"), None)
        if found is None or inside is None:
            return None
        organization = _identifiers([_get(_get(role, "organization"), "identifier")], IDENTIFIERS["structure"])
        return found, _where(inside, organization)

    def _of_association(self, location: Resource) -> tuple[str, Where] | None:
        organization = self.find(location.get("managingOrganization"), "Organization")
        numbers = _identifiers(_list(organization, "identifier"), IDENTIFIERS["structure"])
        found = next((value for said in numbers for value in (said, f"3{said}") if value in self.asked), None)
        return (found, _where(location, numbers)) if found else None

    def finess(self, said: Any) -> str:
        """Of the CPTS that a HealthcareService leads to; empty when it leads nowhere."""
        service = self.find(said, "HealthcareService")
        organization = self.find(_get(service, "providedBy"), "Organization")
        found = _identifiers(_list(organization, "identifier"), IDENTIFIERS["structure"])
        return next(iter(found), "")


def _spellings(said: str) -> tuple[str, ...]:
    """With its prefix as the guide wants it, or bare as some databases keep it."""
    return said, f"8{said}", f"0{said}"


def _identifiers(said: list[Any], system: str) -> list[str]:
    found = (_text(_get(each, "value"), most=40) for each in said if _get(each, "system") == system)
    return [value for value in found if value]


def _where(location: Resource, numbers: Iterable[str]) -> Where:
    address = _get(location, "address")
    own = _identifiers(_list(location, "identifier"), IDENTIFIERS["structure"])
    line = " ".join(_text(each) for each in _list(address, "line")[:3])
    city, postal_code = _text(_get(address, "city")), _text(_get(address, "postalCode"), most=10)
    return Where(frozenset([*numbers, *own]), line, city, postal_code)


# ---- one slot


def _offered(slot: Any, around: _Around, window: Window, hosts: tuple[str, ...]) -> Offered:
    if not isinstance(slot, dict):
        raise _Bad("structure")
    if slot.get("status") != "free":
        raise _Bad("status")
    start, end = _hours(slot, window)
    identifier, where = around.agenda(slot.get("schedule"))
    services = _list(slot, "serviceType")
    audience = _audience(slot)
    cpts = _cpts(services, around) if audience == "CPTS" else ()
    if audience == "CPTS" and not cpts:
        raise _Bad("cpts")
    return Offered(
        identifier=identifier,
        where=where,
        start=start,
        end=end,
        audience=audience,
        modalities=_modalities(services),
        is_walkin="WALKIN" in _codes([slot.get("appointmentType")], "appointment_type"),
        specialties=specialties_of(_codes(_list(slot, "specialty"), "specialty"), ""),
        reasons=", ".join(filter(None, (_text(_get(each, "text")) for each in services)))[:LONGEST_TEXT],
        cpts=cpts,
        url=_url(slot.get("comment"), hosts),
    )


def _hours(slot: Resource, window: Window) -> tuple[datetime, datetime]:
    start, end = instant(slot.get("start")), instant(slot.get("end"))
    if not timedelta(0) < end - start <= LONGEST_SLOT:
        raise _Bad("hours")
    walks_in = "WALKIN" in _codes([slot.get("appointmentType")], "appointment_type")
    if not ((window.since <= start or (walks_in and window.since < end)) and start < window.until):
        raise _Bad("window")
    return start, end


def instant(said: Any) -> datetime:
    """Of Paris when no offset is written. _Bad when it is no instant, or one that no calendar has."""
    if not isinstance(said, str) or len(said) > 40 or not _INSTANT.fullmatch(said):
        raise _Bad("hours")
    try:
        found = datetime.fromisoformat(said)
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(PARIS))
    except (ValueError, OverflowError) as error:
        raise _Bad("hours") from error


def _audience(slot: Resource) -> str:
    system = SYSTEMS["slot_type"]
    labels = (each for each in _list(slot.get("meta"), "security") if _get(each, "system") == system)
    codes = {_text(_get(each, "code")) for each in labels}
    found = next((each for each in AUDIENCES if each in codes), None)
    if found is None:
        raise _Bad("label")
    return found


def _modalities(services: list[Any]) -> tuple[str, ...]:
    said = _codes(services, "act")
    found = tuple(each for each in MODALITIES if each in said)
    if not found:
        raise _Bad("modality")
    return found


def _cpts(services: list[Any], around: _Around) -> tuple[str, ...]:
    of_cpts = (each for each in services if CODES["cpts"] in _codes([each], "structure_kind"))
    said = (
        one for each in of_cpts for one in _list(each, "extension") if _get(one, "url") == EXTENSIONS["slot_service"]
    )
    return tuple(dict.fromkeys(filter(None, (around.finess(_get(one, "valueReference")) for one in said))))


def _codes(concepts: Iterable[Any], system: str) -> list[str]:
    codings = (coding for each in concepts for coding in _list(each, "coding"))
    return [code for each in codings if _get(each, "system") == SYSTEMS[system] and (code := _text(_get(each, "code")))]


def _url(said: Any, hosts: tuple[str, ...]) -> str:
    """Opened by a person of the SAS from our page: https, and a host of this editor. Absent: one books by telephone."""
    if said is None or said == "":
        return ""
    text = said.strip() if isinstance(said, str) else ""
    try:
        url = urlsplit(text)
        host, _ = url.hostname or "", url.port
    except ValueError:
        raise _Bad("url") from None
    known = any(host == each or host.endswith(f".{each}") for each in hosts)
    plain = len(text) <= LONGEST_URL and text.isprintable() and not any(sign in text for sign in " \\<>\"'")
    if url.scheme != "https" or url.username or url.password or not known or not plain:
        raise _Bad("url")
    return text


# ---- pieces of JSON


def _get(said: Any, name: str) -> Any:
    return said.get(name) if isinstance(said, Mapping) else None


def _list(said: Any, name: str) -> list[Any]:
    found = _get(said, name)
    return found[:MOST] if isinstance(found, list) else []


def _text(said: Any, *, most: int = 200) -> str:
    """Empty when it is none, is too long, or holds what a text has not."""
    if not isinstance(said, str) or len(said) > most:
        return ""
    found = said.replace("\u00a0", " ").replace("\u202f", " ").strip()
    return found if found.isprintable() else ""
