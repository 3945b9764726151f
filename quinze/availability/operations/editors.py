"""Slots of an editor's agenda, beside our own: both live, one is shown.

Of one doctor, one slot is open at a time, whoever published it: PostgreSQL refuses another. Where the two meet, our own
is shown, since it can be booked at once; the editor's waits (`doubled`) and comes back when ours is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from quinze.availability.models import Audience, Modality, Slot
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


@dataclass(frozen=True, slots=True)
class Received:
    open: int
    doubled: int
    withdrawn: int


@transaction.atomic
def receive_editor_slots(
    place: Place, slots: Sequence[EditorSlot], *, source: str, since: datetime, until: datetime
) -> Received:
    """All that `source` offers at this place between two instants: what is missing is withdrawn, bookings stay."""
    if source == "quinze":
        raise Refusal("Cette source est celle de Quinze.", code="source")
    lock_places([place.pk])
    known = Slot.objects.filter(place=place, source=source, starts_at__gte=since, starts_at__lt=until)
    names = [each.external_id for each in slots]
    gone = known.exclude(external_id__in=names).exclude(status=Slot.Status.WITHDRAWN)
    withdrawn = gone.update(status=Slot.Status.WITHDRAWN)
    states = [_put(place, each, source=source) for each in sorted(slots, key=lambda each: each.start)]
    return Received(states.count(Slot.Status.OPEN), states.count(Slot.Status.DOUBLED), withdrawn)


def _put(place: Place, told: EditorSlot, *, source: str) -> str:
    known = Slot.objects.filter(source=source, external_id=told.external_id).first()
    slot = known or Slot(source=source, external_id=told.external_id)
    slot.place, slot.professional_id, slot.structure_id = place, place.professional_id, place.structure_id
    slot.starts_at, slot.ends_at, slot.during = told.start, told.end, period(told.start, told.end)
    slot.audience, slot.modalities = told.audience, list(told.modalities)
    slot.capacity = max(told.capacity, slot.taken)
    slot.status = Slot.Status.DOUBLED if _in_the_way(slot).exists() else Slot.Status.OPEN
    slot.save()
    return slot.status


def _in_the_way(slot: Slot) -> QuerySet[Slot]:
    """Another slot of the doctor at that time, offered or given."""
    holds = Q(status=Slot.Status.OPEN) | Q(taken__gt=0)
    mine = Slot.objects.filter(holds, professional=slot.professional_id, professional__isnull=False)
    return mine.filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at).exclude(pk=slot.pk)
