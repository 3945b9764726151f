"""Somebody receives in a doctor's place for some hours: the slots stay, under their name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Cover
from quinze.availability.rules import may_manage_absences
from quinze.base import events
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.models import Power, Professional
from quinze.directory.operations.delegation import on_behalf

LONGEST = timedelta(days=31)  # longer, it is a replacement that an accounts manager validates


@dataclass(frozen=True, slots=True)
class CoverSaid:
    """Domain event: those expected in these hours will be received by somebody else, or by the doctor again."""

    cover: Cover
    withdrawn: bool
    by: Actor
    at: datetime


def name_cover(
    professional: Professional,
    *,
    start: datetime,
    end: datetime,
    name: str,
    quality: str,
    by: Actor,
    at: datetime,
) -> Cover:
    """Raises Refusal for hours that are over, too long, or already covered; NotFound for another doctor's."""
    _own(professional, by)
    if end <= max(start, at):
        raise Refusal("Ces heures sont déjà passées.", field="end")
    if end - start > LONGEST:
        raise Refusal("Plus d’un mois : demandez au gestionnaire de comptes de valider le remplacement.", field="end")
    with refuse_violations():
        cover = Cover.objects.create(
            professional=professional, during=period(start, end), name=name.strip(), quality=quality,
            created_by=by.user, created_at=at,
        )  # fmt: skip
        _tell("sera remplacé par " + cover.words, cover, by=by, at=at)
        events.emit(CoverSaid(cover, withdrawn=False, by=by, at=at))
    return cover


def withdraw_cover(cover: Cover, *, by: Actor, at: datetime) -> None:
    _own(cover.professional, by)
    with transaction.atomic():
        if not Cover.objects.filter(pk=cover.pk, withdrawn_at__isnull=True).update(withdrawn_at=at):
            raise Refusal("Ce remplacement a déjà été retiré : rechargez la page.", code="stale")
        _tell("n’est plus remplacé par " + cover.words, cover, by=by, at=at)
        events.emit(CoverSaid(cover, withdrawn=True, by=by, at=at))


def _own(professional: Professional, by: Actor) -> None:
    if not may_manage_absences(by, professional):
        raise NotFound("Cet agenda n’est pas l’un des vôtres.")


def _tell(act: str, cover: Cover, *, by: Actor, at: datetime) -> None:
    """A mandate for some places only does not reach: the hours are those of all of them."""
    start, end = (edge.astimezone(ZoneInfo(by.sas.zone)) for edge in (cover.during.lower, cover.during.upper))
    on_behalf(by, Power.RULES, f"{act} du {start:%d/%m/%Y %H:%M} au {end:%d/%m/%Y %H:%M}", at=at, place_ids=[None])
