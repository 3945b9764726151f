from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory.models import Participation, Professional, Structure
from quinze.directory.operations.journal import record

Owner = Professional | Structure


@dataclass(frozen=True, slots=True)
class Terms:
    """How one takes part. Nothing is shown nor accepted unless it was said (opt-in)."""

    via: str = Participation.Via.INDIVIDUAL
    via_structure: Structure | None = None
    accepts_overbooking: bool = False
    overbooking_per_day: int = 0
    accepts_visits: bool = False
    accepts_teleconsultation: bool = False
    shows_public_slots: bool = False
    shows_pro_slots: bool = False
    takes_reorientations: bool = False  # people whom an emergency department sends to town


@transaction.atomic
def set_participation(
    owner: Owner, terms: Terms, *, by: Actor, at: datetime, starts: datetime | None = None
) -> Participation:
    """Take part in the actor's SAS on these terms from `starts`: what was in force is closed, never rewritten."""
    starts = starts or at
    _check(owner, terms)
    _lock(owner)
    rows = Participation.objects.filter(sas=by.sas, **_whose(owner))
    if rows.filter(during__startswith__gt=starts).exists():
        raise Refusal("Une participation est déjà prévue après cette date.", code="later_change", field="starts")
    current = rows.filter(during__contains=starts).select_related("via_structure").first()
    if current is not None and _same(current, terms):
        return current
    columns = _columns(terms)
    record("Participation fixée", owner, by=by, at=at, starts=starts, **columns)
    if current is not None and current.during.lower == starts:  # never was in force
        Participation.objects.filter(pk=current.pk).update(**columns)
        current.refresh_from_db()
        return current
    if current is not None:
        _close(current, starts)
    with refuse_violations():
        return Participation.objects.create(sas=by.sas, during=period(starts), **_whose(owner), **columns)


@transaction.atomic
def end_participation(owner: Owner, *, by: Actor, at: datetime, ends: datetime | None = None) -> Participation:
    ends = ends or at
    _lock(owner)
    current = Participation.objects.filter(sas=by.sas, during__contains=ends, **_whose(owner)).first()
    if current is None:
        raise Refusal("Aucune participation n’est en cours à cette date.", field="ends")
    if current.during.lower == ends:
        raise Refusal("Cette participation commence à cet instant : fixez une fin plus tardive.", field="ends")
    _close(current, ends)
    record("Participation terminée", owner, by=by, at=at, ends=ends)
    return current


def _check(owner: Owner, terms: Terms) -> None:
    if terms.accepts_overbooking and not 1 <= terms.overbooking_per_day <= 50:
        raise Refusal("Dites combien de patients en surnuméraire par jour, de 1 à 50.", field="overbooking_per_day")
    if terms.via not in Participation.Via.values:
        raise Refusal("Choisissez comment le professionnel participe.", field="via")
    if (
        terms.via in (Participation.Via.CPTS, Participation.Via.MSP, Participation.Via.SOS)
        and terms.via_structure is None
    ):
        raise Refusal("Choisissez la structure par laquelle il participe.", field="via_structure")
    if isinstance(owner, Structure) and terms.via != Participation.Via.STRUCTURE:
        raise Refusal("Une structure participe en tant que structure.", field="via")


def _lock(owner: Owner) -> None:
    """One change at a time for one participant: the second waits, then reads what the first wrote."""
    type(owner)._default_manager.select_for_update(no_key=True).get(pk=owner.pk)


def _whose(owner: Owner) -> dict[str, Owner]:
    return {"professional" if isinstance(owner, Professional) else "structure": owner}


def _columns(terms: Terms) -> dict[str, object]:
    columns = {name: getattr(terms, name) for name in Terms.__slots__}
    return columns | {"overbooking_per_day": terms.overbooking_per_day if terms.accepts_overbooking else 0}


def _same(current: Participation, terms: Terms) -> bool:
    return all(getattr(current, name) == value for name, value in _columns(terms).items())


def _close(current: Participation, ends: datetime) -> None:
    current.during = period(current.during.lower, ends)
    current.save(update_fields=["during"])
