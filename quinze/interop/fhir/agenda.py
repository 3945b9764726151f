"""INT_R01 and INT_R04: the slots of up to 25 professionals, for the regulators of a SAS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from django.conf import settings
from django.urls import reverse

from quinze.interop.fhir import bundle, healthcare_service, offer, organization, practitioner, schedule, slot
from quinze.interop.fhir.facts import Resource
from quinze.interop.fhir.parameters import SLOT, Asked, read
from quinze.interop.fhir.practitioner_role import practitioner_role
from quinze.interop.models import FhirClient, Flow

LABELS = ("PUBLIC", "PRO", "SNP")
CPTS = "CPTS"
Pair = tuple[int, int]  # professional, place


def search(query: str, *, client: FhirClient, at: datetime) -> str:
    """The Bundle, as text. Raises Problem 400 on a request that is not as specified.

    A client that has only INT_R01 sees no slot of a CPTS, one that has only INT_R04 sees the same as with both: the
    second exchange contains the first.
    """
    asked = read(query, SLOT)
    found = _find(asked, client=client, at=at)
    of = bundle.base()
    profile = "cpts_Bundle" if found.for_cpts else "Bundle"
    entries = [*_slots(found, of), *bundle.entries(_included(found, of), bundle.INCLUDE, of=of)]
    return bundle.bundle(profile, entries, total=len(found.seats), asked=bundle.self_link(of, "Slot", query))


@dataclass(frozen=True)
class Found:
    asked: Asked
    people: Mapping[int, offer.Person]
    seats: list[offer.Seat]
    places: Mapping[int, offer.Address]
    services: Mapping[int, offer.Body]  # CPTS that can be written: those with a FINESS

    @cached_property
    def pairs(self) -> list[Pair]:
        """In the order of their first slot."""
        return list(dict.fromkeys((seat.professional or 0, seat.place) for seat in self.seats))

    @property
    def for_cpts(self) -> bool:
        return "HealthcareService" in self.asked.wants


def _find(asked: Asked, *, client: FhirClient, at: datetime) -> Found:
    people = offer.people(asked.identifiers)
    labels = (*LABELS, CPTS) if client.may(Flow.CPTS) else LABELS
    window = offer.Window(asked.start, asked.end, at, client.sas_id)
    seats = offer.seats(people.keys(), of="professionals", window=window, labels=labels)
    places = offer.addresses({seat.place for seat in seats})
    bodies = offer.bodies({seat.cpts for seat in seats if seat.cpts is not None and seat.label == CPTS})
    return Found(asked, people, seats, places, {key: body for key, body in bodies.items() if body.finess})


def _slots(found: Found, of: str) -> Iterator[str]:
    moulds: dict[object, slot.Mould] = {}
    for seat in found.seats:
        sort = (seat.professional, seat.place, seat.kind, seat.label, seat.cpts, seat.reasons,
                tuple(seat.modalities), tuple(seat.specialties or ()))  # fmt: skip
        mould = moulds.get(sort)
        if mould is None:
            mould = moulds[sort] = _mould(found, seat, of)
        yield mould.entry(seat.id, seat.start, seat.end)


def _mould(found: Found, seat: offer.Seat, of: str) -> slot.Mould:
    person = found.people[seat.professional or 0]
    cpts = seat.cpts if seat.label == CPTS and seat.cpts in found.services else None
    resource = slot.slot(
        profile="cpts_Slot" if found.for_cpts else "Slot",
        label=seat.label,
        services=slot.service_types(seat.modalities, cpts, seat.reasons),
        specialties=slot.specialties_of(seat.specialties, person.specialty),
        kind=seat.kind,
        schedule=key((person.id, seat.place)),
        url=page_of("directory:professional", person.id, seat.place),
    )
    zone = found.places[seat.place].zone
    return slot.Mould(resource, full_url=f"{of}/Slot/", mode=bundle.MATCH, zone=zone)


def _included(found: Found, of: str) -> Iterator[Resource]:
    """Of each kind that was asked for, once."""
    wants = found.asked.wants
    pairs = found.pairs if "Schedule" in wants else []
    yield from (schedule.of_professional(key(pair), str(pair[0])) for pair in pairs)
    if "actor" in wants:
        yield from (practitioner.practitioner(found.people[one]) for one in dict.fromkeys(pair[0] for pair in pairs))
        for pair in pairs:
            yield practitioner_role(key(pair), found.people[pair[0]], found.places[pair[1]], base=of)
    if "HealthcareService" in wants:
        yield from (healthcare_service.of_cpts(body) for body in found.services.values())
        if "Organization" in wants:
            yield from (organization.cpts(body) for body in found.services.values())


def key(pair: Pair) -> str:
    return f"{pair[0]}-{pair[1]}"


def page_of(name: str, owner: int, place: int) -> str:
    """Where the platform sends a regulator: it adds its own `origin`, hence a query already begun."""
    return f"{settings.QUINZE_PUBLIC_URL.rstrip('/')}{_path(name, owner)}?lieu={place}"


@lru_cache(maxsize=20_000)
def _path(name: str, owner: int) -> str:
    return reverse(name, args=[owner])
