"""One date of a rule, or that date and all that follow: cancelled, moved, shortened, put back.

As every change of a rule: the former rows are ended, new ones written, and no booking is ever touched.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.calendar import public_holidays
from quinze.availability.models import OpeningRule
from quinze.availability.opening import ONE_DAY, RuleSpec, science_rule, spec_of
from quinze.availability.operations.generation import lock_places
from quinze.availability.operations.rules import RuleChange, check, end, settle, still_there, write
from quinze.base.errors import Refusal
from quinze.directory.models import Place

MOST_DATES = 366


@transaction.atomic
def cancel_occurrence(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    """The rule goes on; that date alone is closed."""
    return _without(rules, day, instead=None, act=f"a fermé le {day:%d/%m/%Y}", by=by, at=at)


@transaction.atomic
def change_occurrence(
    rules: Sequence[OpeningRule], *, day: date, instead: RuleSpec, by: Actor, at: datetime
) -> RuleChange:
    """That date follows `instead`, which names its own date: the same one, or another when the opening is moved."""
    if instead.day is None:
        raise Refusal("Donnez la date de cette ouverture.", field="day")
    return _without(rules, day, instead=instead, act=f"a changé le {day:%d/%m/%Y}", by=by, at=at)


@transaction.atomic
def restore_occurrence(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    places = _locked(rules, by=by)
    spec = spec_of(rules)
    if day not in spec.except_days:
        raise Refusal("Cette date n’était pas retirée de la règle : rechargez la semaine.", code="stale")
    again = replace(spec, except_days=tuple(each for each in spec.except_days if each != day))
    check(again, places=places, replacing=rules, by=by, at=at)
    end(rules, at=at)
    return settle(write(again, by=by, at=at), _touched(rules), f"a rouvert le {day:%d/%m/%Y}", by=by, at=at)


@transaction.atomic
def change_following(rules: Sequence[OpeningRule], *, day: date, spec: RuleSpec, by: Actor, at: datetime) -> RuleChange:
    """The rule as it was until the eve of `day`; as `spec` says from `day` on. The rhythm starts again at `day`."""
    places = _locked(rules, by=by, and_place=spec.place_id)
    _occurs(rules, day, places=places, at=at)
    later = replace(spec, valid_from=day, except_days=_from(spec_of(rules).except_days, day))
    check(later, places=places, replacing=rules, by=by, at=at)
    end(rules, at=at)
    kept = _until(rules, day, by=by, at=at)
    act = f"a changé une ouverture en « {later.title} » à partir du {day:%d/%m/%Y}"
    return settle(kept + write(later, by=by, at=at), [*_touched(rules), spec.place_id], act, by=by, at=at)


@transaction.atomic
def end_following(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    places = _locked(rules, by=by)
    _occurs(rules, day, places=places, at=at)
    end(rules, at=at)
    act = f"a arrêté « {spec_of(rules).title} » au {day:%d/%m/%Y}"
    return settle(_until(rules, day, by=by, at=at), _touched(rules), act, by=by, at=at)


def _without(
    rules: Sequence[OpeningRule], day: date, *, instead: RuleSpec | None, act: str, by: Actor, at: datetime
) -> RuleChange:
    places = _locked(rules, by=by, and_place=instead.place_id if instead else None)
    _occurs(rules, day, places=places, at=at)
    spec = spec_of(rules)
    end(rules, at=at)
    written = [] if spec.day is not None else write(_pierced(spec, day), by=by, at=at)
    touched = _touched(rules)
    if instead is not None:
        check(instead, places=places, replacing=(), by=by, at=at)  # against the pierced rule too: it was just written
        written += write(instead, by=by, at=at)
        touched.append(instead.place_id)
    return settle(written, touched, f"{act} de « {spec.title} »", by=by, at=at)


def _pierced(spec: RuleSpec, day: date) -> RuleSpec:
    dates = tuple(sorted({*spec.except_days, day}))
    if len(dates) > MOST_DATES:
        raise Refusal("Trop de dates retirées d’une même règle : arrêtez-la et créez-en une autre.", field="day")
    return replace(spec, except_days=dates)


def _until(rules: Sequence[OpeningRule], day: date, *, by: Actor, at: datetime) -> list[OpeningRule]:
    """What is left before `day`; nothing when the rule began on it."""
    spec = spec_of(rules)
    if spec.day is not None or day <= spec.valid_from:
        return []
    return write(replace(spec, valid_until=day - ONE_DAY), by=by, at=at)


def _locked(rules: Sequence[OpeningRule], *, by: Actor, and_place: int | None = None) -> list[Place]:
    places = lock_places([*_touched(rules), *([and_place] if and_place else [])])
    still_there(rules, by=by)
    return places


def _occurs(rules: Sequence[OpeningRule], day: date, *, places: Sequence[Place], at: datetime) -> None:
    """Said of a date on which the rule opens, today or later: anything else is a mistake of the finger."""
    place = next(place for place in places if place.pk == rules[0].place_id)
    holidays = public_holidays(place.commune.departement_id, range(day.year - 1, day.year + 2))
    if day < at.astimezone(ZoneInfo(place.zone)).date():
        raise Refusal("Cette date est passée : choisissez aujourd’hui ou une date à venir.", field="day")
    if not any(science_rule(rule).falls_on(day, holidays=holidays) for rule in rules):
        raise Refusal(f"Cette règle n’ouvre pas le {day:%d/%m/%Y} : choisissez l’un de ses jours.", field="day")


def _from(days: Sequence[date], first: date) -> tuple[date, ...]:
    return tuple(day for day in days if day >= first)


def _touched(rules: Sequence[OpeningRule]) -> list[int]:
    return [rule.place_id for rule in rules]
