"""INT_R01 and INT_R04: the slots of up to 25 professionals, for the regulators of a SAS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

from django.conf import settings
from django.urls import reverse

from quinze.interop.fhir import bundle, healthcare_service, offer, organization, practitioner, schedule, slot
from quinze.interop.fhir.facts import Resource
from quinze.interop.fhir.parameters import SLOT, Asked, read
from quinze.interop.fhir.practitioner_role import practitioner_role
from quinze.interop.models import FhirClient, Flow

LABELS = ("PUBLIC", "PRO", "SNP")
CPTS = "CPTS"
STAND_IN = 9_000_000_001  # for a key, in a path
Pair = tuple[int, int]  # professional, place


def search(query: str, *, client: FhirClient, at: datetime) -> bytes:
    """The Bundle, as JSON. Raises Problem 400 on a request that is not as specified.

    A client that has only INT_R01 sees no slot of a CPTS, one that has only INT_R04 sees the same as with both: the
    second exchange contains the first.
    """
    asked = read(query, SLOT)
    found = _find(asked, client=client, at=at)
    of = bundle.base()
    profile = "cpts_Bundle" if found.for_cpts else "Bundle"
    entries = [*_slots(found, of), *bundle.entries(_included(found, of), bundle.INCLUDE, of=of)]
    return bundle.bundle(profile, entries, total=len(found.seats.rows), asked=bundle.self_link(of, "Slot", query))


@dataclass(frozen=True)
class Found:
    asked: Asked
    people: Mapping[int, offer.Person]
    seats: offer.Seats
    services: Mapping[int, offer.Body]  # CPTS that can be written: those with a FINESS

    @cached_property
    def pairs(self) -> list[Pair]:
        """In the order of their first slot."""
        return list(dict.fromkeys((lot.professional or 0, lot.place) for lot in self.seats.lots.values()))

    @property
    def for_cpts(self) -> bool:
        return "HealthcareService" in self.asked.wants


def _find(asked: Asked, *, client: FhirClient, at: datetime) -> Found:
    people = offer.people(asked.identifiers)
    labels = (*LABELS, CPTS) if client.may(Flow.CPTS) else LABELS
    window = offer.Window(asked.start, asked.end, at, client.sas_id)
    seats = offer.seats(people.keys(), of="professionals", window=window, labels=labels)
    named = {lot.cpts for lot in seats.lots.values() if lot.cpts is not None and lot.label == CPTS}
    bodies = offer.bodies(named)
    return Found(asked, people, seats, {key: body for key, body in bodies.items() if body.finess})


def _slots(found: Found, of: str) -> Iterator[bytes]:
    moulds = {rest: _mould(found, lot, of) for rest, lot in found.seats.lots.items()}
    return (moulds[row[offer.LOT]].entry(*row[: offer.END + 1]) for row in found.seats.rows)


def _mould(found: Found, lot: offer.Lot, of: str) -> slot.Mould:
    person = found.people[lot.professional or 0]
    sort = slot.Sort(
        profile="cpts_Slot" if found.for_cpts else "Slot",
        label=lot.label,
        modalities=lot.modalities,
        cpts=lot.cpts if lot.label == CPTS and lot.cpts in found.services else None,
        reasons=lot.reasons,
        specialties=slot.specialties_of(lot.specialties, person.specialty),
        kind=lot.kind,
    )
    return slot.Mould(
        sort,
        of=of,
        mode=bundle.MATCH,
        schedule=key((person.id, lot.place)),
        url=page_of("directory:professional", person.id, lot.place),
        zone=found.seats.places[lot.place].zone,
    )


def _included(found: Found, of: str) -> Iterator[Resource]:
    """Of each kind that was asked for, once."""
    wants = found.asked.wants
    pairs = found.pairs if "Schedule" in wants else []
    yield from (schedule.of_professional(key(pair), str(pair[0])) for pair in pairs)
    if "actor" in wants:
        yield from (practitioner.practitioner(found.people[one]) for one in dict.fromkeys(pair[0] for pair in pairs))
        for pair in pairs:
            yield practitioner_role(key(pair), found.people[pair[0]], found.seats.places[pair[1]], base=of)
    if "HealthcareService" in wants:
        yield from (healthcare_service.of_cpts(body) for body in found.services.values())
        if "Organization" in wants:
            yield from (organization.cpts(body) for body in found.services.values())


def key(pair: Pair) -> str:
    return f"{pair[0]}-{pair[1]}"


def page_of(name: str, owner: int, place: int) -> str:
    """Where the platform sends a regulator: it adds its own `origin`, hence a query already begun."""
    before, after = _around(name)
    return f"{settings.QUINZE_PUBLIC_URL.rstrip('/')}{before}{owner}{after}?lieu={place}"


@cache
def _around(name: str) -> tuple[str, str]:
    """Of the key in the path of that page."""
    before, _, after = reverse(name, args=[STAND_IN]).partition(str(STAND_IN))
    return before, after
