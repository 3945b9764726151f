"""SOS Médecins: the slots of associations by their SIRET, one agenda for each of their places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from quinze.directory.models.offer import StructureKind
from quinze.interop.fhir import bundle, location, offer, organization, schedule, slot
from quinze.interop.fhir.agenda import page_of
from quinze.interop.fhir.parameters import SCHEDULE, Asked, read
from quinze.interop.models import FhirClient

LABELS = ("PUBLIC", "SNP")  # its profile knows no other
SPECIALTY = "SM54"  # an association of general practitioners; its slots may say otherwise
SIRET = 15  # with its prefix


def search(query: str, *, client: FhirClient, at: datetime) -> bytes:
    """The Bundle, as JSON; its `total` counts slots, as the platform reads it, though schedules are what it searched.

    Raises Problem 400 on a request that is not as specified.
    """
    asked = read(query, SCHEDULE)
    found = _find(asked, client=client, at=at)
    of = bundle.base()
    entries = [*_slots(found, of), *_around(found, of)]
    return bundle.bundle(
        "sos_Bundle", entries, total=len(found.seats.rows), asked=bundle.self_link(of, "Schedule", query)
    )


@dataclass(frozen=True, slots=True)
class Found:
    asked: Asked
    associations: Mapping[int, offer.Body]
    seats: offer.Seats
    hours: Mapping[int, list[offer.Hours]]
    owner: Mapping[int, int]  # place → association, in the order of their first slot


def _find(asked: Asked, *, client: FhirClient, at: datetime) -> Found:
    sirets = [each[1:] for each in asked.identifiers if each.startswith("3") and len(each) == SIRET]
    associations = offer.bodies_by_siret(sirets, kind=StructureKind.SOS)
    window = offer.Window(asked.start, asked.end, at, client.sas_id)
    seats = offer.seats(associations.keys(), of="structures", window=window, labels=LABELS)
    owner = {lot.place: lot.structure or 0 for lot in seats.lots.values()}
    hours = offer.hours(owner.keys(), labels=LABELS, at=at)
    return Found(asked, associations, seats, hours, owner)


def _slots(found: Found, of: str) -> Iterator[bytes]:
    if "Slot" not in found.asked.wants:
        return
    moulds = {rest: _mould(found, lot, of) for rest, lot in found.seats.lots.items()}
    for row in found.seats.rows:
        yield moulds[row[offer.LOT]].entry(*row[: offer.END + 1])


def _mould(found: Found, lot: offer.Lot, of: str) -> slot.Mould:
    sort = slot.Sort(
        profile="sos_Slot",
        label=lot.label,
        modalities=lot.modalities,
        cpts=None,
        reasons=lot.reasons,
        specialties=slot.specialties_of(lot.specialties, SPECIALTY),
        kind=lot.kind,
    )
    return slot.Mould(
        sort,
        of=of,
        mode=bundle.INCLUDE,
        schedule=str(lot.place),
        url=page_of("directory:structure", found.owner[lot.place], lot.place),
        zone=found.seats.places[lot.place].zone,
    )


def _around(found: Found, of: str) -> Iterator[bytes]:
    for place in found.owner:
        yield bundle.entry(schedule.of_place(str(place), str(place)), bundle.MATCH, of=of)
    if "Location" not in found.asked.wants:
        return
    for place, owner in found.owner.items():
        made = location.of_association(
            found.seats.places[place],
            str(owner),
            name=found.associations[owner].name,
            opened=found.hours.get(place, ()),
            base=of,
        )
        yield bundle.entry(made, bundle.INCLUDE, of=of)
    if "Organization" in found.asked.wants:
        shown = (organization.association(found.associations[one]) for one in dict.fromkeys(found.owner.values()))
        yield from bundle.entries(shown, bundle.INCLUDE, of=of)
