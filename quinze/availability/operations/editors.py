"""Slots of an editor's agenda, beside our own: both live, one is shown.

Of one doctor, one slot is open at a time, whoever published it: PostgreSQL refuses another. Where the two meet, our own
is shown, since it can be booked at once; the editor's waits (`doubled`) and comes back when ours is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from quinze.availability.models import Audience, EditorAgenda, Modality, OpeningRule, Slot
from quinze.availability.operations.generation import lock_places
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory.models import Place


@dataclass(frozen=True, slots=True)
class EditorSlot:
    """`external_id` is the editor's own, stable from one answer to the next."""

    external_id: str
    start: datetime
    end: datetime
    audience: str = Audience.PUBLIC
    modalities: tuple[str, ...] = (Modality.CABINET,)
    capacity: int = 1
    kind: str = OpeningRule.Kind.SLOTS
    cpts_id: int | None = None
    specialties: tuple[str, ...] = ()
    reasons: str = ""
    url: str = ""

    def terms(self) -> dict[str, object]:
        """What the slot says besides its hours and its seats."""
        return {
            "audience": self.audience,
            "modalities": list(self.modalities),
            "kind": self.kind,
            "cpts_id": self.cpts_id,
            "specialties": list(self.specialties) or None,
            "reasons": self.reasons,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Received:
    open: int
    doubled: int
    withdrawn: int

    def __add__(self, other: "Received") -> "Received":
        return Received(self.open + other.open, self.doubled + other.doubled, self.withdrawn + other.withdrawn)


NOTHING = Received(0, 0, 0)


@transaction.atomic
def receive_editor_slots(
    place: Place, slots: Sequence[EditorSlot], *, source: str, since: datetime, until: datetime
) -> Received:
    """All that `source` offers at this place between two instants: what is missing is withdrawn, bookings stay."""
    if source == "quinze":
        raise Refusal("Cette source est celle de Quinze.", code="source")
    lock_places([place.pk])
    return _Receiving(place, source).receive(slots, since=since, until=until)


@transaction.atomic
def receive_agenda(
    agenda_id: int,
    offered: Mapping[int, Sequence[EditorSlot]],
    *,
    asked_at: datetime,
    since: datetime,
    until: datetime,
) -> Received | None:
    """What an editor answered about one agenda, place by place; a place of the owner without slots loses those it had.

    None, and nothing is written: the agenda is ended, or the answer to a later question is already here.
    """
    agenda = EditorAgenda.objects.get(pk=agenda_id)
    mine = {"professional_id": agenda.professional_id} if agenda.professional_id else {"structure": agenda.structure_id}
    places = lock_places(Place.objects.filter(**mine).values_list("pk", flat=True))
    agenda = EditorAgenda.objects.select_for_update(no_key=True).get(pk=agenda_id)
    if agenda.ended_at is not None or (agenda.asked_at is not None and agenda.asked_at >= asked_at):
        return None
    agenda.asked_at = asked_at
    agenda.save(update_fields=["asked_at"])
    told = (
        _Receiving(place, agenda.source_id).receive(offered.get(place.pk, ()), since=since, until=until)
        for place in places
    )
    return sum(told, NOTHING)


class _Receiving:
    """The slots of one source at one place, locked in the order of their keys: bookings take theirs in that order."""

    def __init__(self, place: Place, source: str) -> None:
        self.place, self.source = place, source
        self.busy: dict[int, tuple[datetime, datetime]] = {}

    def receive(self, slots: Sequence[EditorSlot], *, since: datetime, until: datetime) -> Received:
        names = [each.external_id for each in slots]
        ahead = Q(starts_at__gte=since) | Q(kind=OpeningRule.Kind.PLAGE, ends_at__gt=since)
        here = Q(ahead, place=self.place, starts_at__lt=until) | Q(external_id__in=names)
        locked = Slot.objects.filter(here, source=self.source).order_by("pk").select_for_update(no_key=True)
        known = {str(slot.external_id): slot for slot in locked}
        withdrawn = self._withdraw(slot for name, slot in known.items() if name not in names)
        self._read_busy(slots)
        states = [self._put(known.get(each.external_id), each) for each in sorted(slots, key=lambda each: each.start)]
        return Received(states.count(Slot.Status.OPEN), states.count(Slot.Status.DOUBLED), withdrawn)

    def _withdraw(self, slots: Iterable[Slot]) -> int:
        gone = [slot.pk for slot in slots if slot.status != Slot.Status.WITHDRAWN]
        return Slot.objects.filter(pk__in=gone).update(status=Slot.Status.WITHDRAWN) if gone else 0

    def _read_busy(self, slots: Sequence[EditorSlot]) -> None:
        """Other slots of the doctor at those hours, offered or given; where nobody is named, of this source there."""
        if not slots:
            return
        holds = Q(status=Slot.Status.OPEN) | Q(taken__gt=0)
        first, last = min(each.start for each in slots), max(each.end for each in slots)
        doctor = self.place.professional_id
        owner = Q(professional=doctor) if doctor else Q(place=self.place, source=self.source, professional=None)
        mine = Slot.objects.filter(holds, owner, starts_at__lt=last, ends_at__gt=first)
        self.busy = {pk: (start, end) for pk, start, end in mine.values_list("pk", "starts_at", "ends_at")}

    def _put(self, known: Slot | None, told: EditorSlot) -> str:
        slot = known or Slot(source=self.source, external_id=told.external_id)
        wanted = self._wanted(slot, told)
        changed = [name for name, value in wanted.items() if getattr(slot, name) != value]
        for name in changed:
            setattr(slot, name, wanted[name])
        if known is None:
            slot.save()
        elif changed:
            slot.save(update_fields=changed)  # never `taken`: it belongs to the bookings
        self._remember(slot)
        return slot.status

    def _wanted(self, slot: Slot, told: EditorSlot) -> dict[str, object]:
        hours = {"starts_at": told.start, "ends_at": told.end, "during": period(told.start, told.end)}
        owner = {
            "place_id": self.place.pk,
            "professional_id": self.place.professional_id,
            "structure_id": self.place.structure_id,
        }
        status = Slot.Status.DOUBLED if self._in_the_way(slot, told) else Slot.Status.OPEN
        return owner | hours | told.terms() | {"capacity": max(told.capacity, slot.taken), "status": status}

    def _in_the_way(self, slot: Slot, told: EditorSlot) -> bool:
        return any(start < told.end and end > told.start for pk, (start, end) in self.busy.items() if pk != slot.pk)

    def _remember(self, slot: Slot) -> None:
        if slot.status == Slot.Status.OPEN or slot.taken:
            self.busy[slot.pk] = (slot.starts_at, slot.ends_at)
        else:
            self.busy.pop(slot.pk, None)
