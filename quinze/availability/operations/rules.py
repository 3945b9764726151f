"""A doctor states, changes and ends opening rules. Every change re-makes the slots of the place at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.models import Audience, OpeningRule
from quinze.availability.opening import RuleSpec, collide, spec_of
from quinze.availability.operations.generation import Generation, lock_places, remake
from quinze.availability.rules import may_manage
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Place, Power
from quinze.directory.operations.delegation import on_behalf


@dataclass(frozen=True, slots=True)
class RuleChange:
    rules: list[OpeningRule]
    generation: Generation


@transaction.atomic
def add_rule(spec: RuleSpec, *, by: Actor, at: datetime) -> RuleChange:
    places = lock_places([spec.place_id])
    check(spec, places=places, replacing=(), by=by, at=at)
    return settle(write(spec, by=by, at=at), [spec.place_id], f"a ouvert « {spec.title} »", by=by, at=at)


@transaction.atomic
def change_rule(rules: Sequence[OpeningRule], *, spec: RuleSpec, by: Actor, at: datetime) -> RuleChange:
    """The former rows are ended, never rewritten: what a slot was made from can always be read."""
    touched = [spec.place_id, *(rule.place_id for rule in rules)]
    places = lock_places(touched)
    still_there(rules, by=by)
    spec = replace(spec, except_days=spec_of(rules).except_days)
    check(spec, places=places, replacing=rules, by=by, at=at)
    end(rules, at=at)
    return settle(write(spec, by=by, at=at), touched, f"a changé une ouverture en « {spec.title} »", by=by, at=at)


@transaction.atomic
def end_rule(rules: Sequence[OpeningRule], *, by: Actor, at: datetime) -> RuleChange:
    touched = [rule.place_id for rule in rules]
    lock_places(touched)
    still_there(rules, by=by)
    end(rules, at=at)
    return settle([], touched, f"a supprimé l’ouverture « {spec_of(rules).title} »", by=by, at=at)


def check(
    spec: RuleSpec, *, places: Iterable[Place], replacing: Sequence[OpeningRule], by: Actor, at: datetime
) -> None:
    place = next((p for p in places if p.pk == spec.place_id), None)
    if place is None or not may_manage(by, place):
        raise NotFound("Ce lieu n’est pas l’un des vôtres : choisissez un de vos lieux d’exercice.", field="place")
    _sensible(spec, place, at=at)
    _free_of_others(spec, list(places), replacing)


def _sensible(spec: RuleSpec, place: Place, *, at: datetime) -> None:
    today = at.astimezone(ZoneInfo(place.zone)).date()
    minutes = (spec.ends.hour - spec.starts.hour) * 60 + spec.ends.minute - spec.starts.minute
    if not spec.weekdays and spec.day is None:
        raise Refusal("Choisissez au moins un jour, ou une date.", field="weekdays")
    if spec.day is not None and spec.day < today:
        raise Refusal("Cette date est passée : choisissez aujourd’hui ou une date à venir.", field="day")
    if minutes <= 0:
        raise Refusal(
            "La fin doit venir après le début. Une ouverture ne passe pas minuit : faites-en deux.", field="ends"
        )
    if spec.kind == OpeningRule.Kind.SLOTS and minutes < spec.slot_minutes:
        raise Refusal(
            f"Un créneau de {spec.slot_minutes} min ne tient pas entre ces heures : allongez-les, "
            "ou raccourcissez le créneau.",
            field="slot_minutes",
        )
    if spec.valid_until is not None and spec.valid_until < max(spec.valid_from, today):
        raise Refusal(
            "La règle s’arrêterait avant de commencer : choisissez un dernier jour à venir.", field="valid_until"
        )
    low, high = spec.min_age_months, spec.max_age_months
    if low is not None and high is not None and high <= low:
        raise Refusal("L’âge « moins de » doit dépasser l’âge « à partir de ».", field="max_age_months")
    if spec.audience == Audience.CPTS and spec.cpts_id is None:
        raise Refusal("Dites à quelle CPTS ces créneaux sont ouverts.", field="cpts")


def _free_of_others(spec: RuleSpec, places: list[Place], replacing: Sequence[OpeningRule]) -> None:
    """A doctor's rules never overlap, even at two places. Clocks of two zones are compared by the slots themselves."""
    zones = {place.pk: place.zone for place in places}
    same_clock = [pk for pk, zone in zones.items() if zone == zones[spec.place_id]]
    others = OpeningRule.objects.filter(place__in=same_clock, ended_at__isnull=True)
    others = others.exclude(pk__in=[rule.pk for rule in replacing]).select_related("place").order_by("pk")
    for other in others:
        if any(collide(row, other) for row in spec.rows()):
            raise Refusal(_already(other, elsewhere=other.place_id != spec.place_id), field="starts", code="overlap")


def _already(other: OpeningRule, *, elsewhere: bool) -> str:
    where = f" ({other.place.name or other.place.address})" if elsewhere else ""
    return f"Ces heures en recouvrent d’autres : « {spec_of([other]).title} »{where}. Changez l’une des deux règles."


def still_there(rules: Sequence[OpeningRule], *, by: Actor) -> None:
    active = OpeningRule.objects.filter(pk__in=[rule.pk for rule in rules], ended_at__isnull=True)
    present = list(active.select_related("place__professional"))
    if not rules or any(not may_manage(by, rule.place) for rule in present):
        raise NotFound("Cette règle n’est pas l’une des vôtres.")
    if len(present) != len(rules):
        raise Refusal("Cette règle a déjà été changée ailleurs : rechargez la semaine.", code="stale")


def write(spec: RuleSpec, *, by: Actor, at: datetime) -> list[OpeningRule]:
    rows = spec.rows()
    for row in rows:
        row.created_by, row.created_at = by.user, at
    return OpeningRule.objects.bulk_create(rows)


def end(rules: Sequence[OpeningRule], *, at: datetime) -> None:
    OpeningRule.objects.filter(pk__in=[rule.pk for rule in rules]).update(ended_at=at)


def settle(rules: list[OpeningRule], place_ids: Iterable[int], act: str, *, by: Actor, at: datetime) -> RuleChange:
    on_behalf(by, Power.RULES, act, at=at, place_ids=place_ids)
    return RuleChange(rules, remake(set(place_ids), by=by, at=at))
