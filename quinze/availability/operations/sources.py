"""The systems that keep agendas elsewhere, whose agendas they keep, and whether they answer."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from quinze.availability.models import EditorAgenda, Slot, SlotSource
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.directory.models import Professional, Structure


def add_source(*, code: str, name: str, at: datetime) -> SlotSource:
    """Refused: a code that is none, or that was ever used (its slots keep it)."""
    if SlotSource.objects.filter(pk=code).exists():
        raise Refusal(f"Le code « {code} » est déjà pris : choisissez-en un autre.", field="code", code="taken")
    with refuse_violations():
        return SlotSource.objects.create(code=code, name=name.strip(), created_at=at)


@transaction.atomic
def end_source(code: str, *, at: datetime) -> int:
    """Its agendas end with it, and what it still offered ahead is withdrawn; bookings stay. How many slots went."""
    SlotSource.objects.filter(pk=code, ended_at__isnull=True).update(ended_at=at)
    EditorAgenda.objects.filter(source=code, ended_at__isnull=True).update(ended_at=at)
    return _withdraw(Q(source=code), at=at)


def _withdraw(which: Q, *, at: datetime) -> int:
    offered = Slot.objects.filter(which, ends_at__gt=at).exclude(status=Slot.Status.WITHDRAWN)
    keys = list(offered.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return Slot.objects.filter(pk__in=keys).update(status=Slot.Status.WITHDRAWN)


def add_agenda(source: SlotSource, owner: Professional | Structure, *, identifier: str, at: datetime) -> EditorAgenda:
    """Refused: the source is ended, or already keeps an agenda under this identifier."""
    if source.ended_at is not None:
        raise Refusal(f"{source} est retiré du registre.", code="ended")
    kind = "professional" if isinstance(owner, Professional) else "structure"
    with refuse_violations():
        return EditorAgenda.objects.create(source=source, identifier=identifier, created_at=at, **{kind: owner})


@transaction.atomic
def end_agenda(agenda: EditorAgenda, *, at: datetime) -> int:
    """Its slots ahead are withdrawn; bookings stay. How many slots went."""
    EditorAgenda.objects.filter(pk=agenda.pk, ended_at__isnull=True).update(ended_at=at)
    owner = Q(professional=agenda.professional_id) if agenda.professional_id else Q(structure=agenda.structure_id)
    return _withdraw(owner & Q(source=agenda.source_id), at=at)


def note_answer(code: str, *, at: datetime) -> None:
    """An answer could be read. Of two that cross, the later stays."""
    SlotSource.objects.filter(Q(answered_at__isnull=True) | Q(answered_at__lt=at), pk=code).update(
        answered_at=at, silent_since=None
    )


def note_silence(code: str, agenda_ids: Iterable[int], *, at: datetime) -> None:
    """These agendas were asked for in vain. A silence keeps the hour when it began."""
    EditorAgenda.objects.filter(pk__in=list(agenda_ids)).update(failed_at=at)
    SlotSource.objects.filter(Q(answered_at__isnull=True) | Q(answered_at__lte=at), pk=code).update(
        silent_since=Coalesce(F("silent_since"), at)
    )
