"""Slots that another system keeps: which of those shown they are, where they are booked, how fresh they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from quinze.accounts.models import Sas
from quinze.availability.models import EditorAgenda, Slot, SlotSource
from quinze.directory.models import Participation

OURS = "quinze"


@dataclass(frozen=True, slots=True)
class Kept:
    """One slot of a search, or of a hold, that an editor keeps. `asked_at`: of the answer that said it."""

    name: str
    url: str
    asked_at: datetime | None
    failed_at: datetime | None
    is_offered: bool

    @property
    def is_silent(self) -> bool:
        """It was asked again since, in vain."""
        return self.failed_at is not None and (self.asked_at is None or self.failed_at > self.asked_at)


def sources_in_force() -> list[SlotSource]:
    """By name: a few rows."""
    return list(SlotSource.objects.filter(ended_at__isnull=True).order_by("name"))


def silent_sources(sources: Iterable[SlotSource], *, sas: Sas, at: datetime) -> list[SlotSource]:
    """Of these, those that do not answer and keep an agenda of somebody who takes part in this SAS.

    Nothing is read while everybody answers. A national editor keeps thousands of agendas: who takes part is read first.
    """
    silent = {source.pk: source for source in sources if source.silent_since is not None}
    if not silent:
        return []
    part = Participation.objects.filter(sas=sas, during__contains=at)
    people = part.filter(professional__isnull=False).values("professional")
    bodies = part.filter(structure__isnull=False).values("structure")
    live = EditorAgenda.objects.filter(source__in=silent, ended_at__isnull=True)
    mine = live.filter(Q(professional__in=people) | Q(structure__in=bodies))
    return [silent[code] for code in sorted(set(mine.values_list("source", flat=True).distinct()))]


def kept_elsewhere(slot_ids: Iterable[int]) -> dict[int, Kept]:
    """Of these slots, those that are not ours."""
    found = Slot.objects.filter(pk__in=list(slot_ids)).exclude(source=OURS)
    rows = list(found.values_list("pk", "source", "url", "professional_id", "structure_id", "status"))
    if not rows:
        return {}
    names = dict(SlotSource.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "name"))
    agendas = _agendas(rows)
    return {
        pk: Kept(
            names.get(source, source),
            url,
            *agendas.get((source, doctor, None if doctor else house), (None, None)),
            is_offered=status == Slot.Status.OPEN,
        )
        for pk, source, url, doctor, house, status in rows
    }


def _agendas(
    rows: Sequence[tuple[int, str, str, int | None, int | None, str]],
) -> dict[tuple[str, int | None, int | None], tuple[datetime | None, datetime | None]]:
    owners = Q(professional__in={row[3] for row in rows if row[3]}) | Q(
        structure__in={row[4] for row in rows if row[4]}
    )
    live = EditorAgenda.objects.filter(owners, source__in={row[1] for row in rows}, ended_at__isnull=True)
    return {(one.source_id, one.professional_id, one.structure_id): (one.asked_at, one.failed_at) for one in live}


def agenda_of_slot(slot_id: int) -> EditorAgenda | None:
    """The live agenda that this slot was read in; None for ours."""
    slot = Slot.objects.filter(pk=slot_id).exclude(source=OURS).first()
    if slot is None:
        return None
    owner = Q(professional=slot.professional_id) if slot.professional_id else Q(structure=slot.structure_id)
    return EditorAgenda.objects.filter(owner, source=slot.source, ended_at__isnull=True).first()
