"""One date of a rule, or that date and all that follow: cancelled, moved, shortened, put back.

As every change of a rule: the former rows are ended, new ones written, and no booking is ever touched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.availability.amendment import Amendment, Scope
from quinze.availability.calendar import public_holidays
from quinze.availability.models import OpeningRule
from quinze.availability.opening import RuleSpec, collide, science_rule, spec_of
from quinze.availability.operations.generation import lock_places
from quinze.availability.operations.rules import RuleChange, check, end, settle, still_there, write
from quinze.base.errors import Refusal
from quinze.directory.models import Place

MOST_DATES = 366


@transaction.atomic
def amend_rule(rules: Sequence[OpeningRule], *, amendment: Amendment, by: Actor, at: datetime) -> RuleChange:
    touched = [rule.place_id for rule in rules] + ([amendment.spec.place_id] if amendment.spec else [])
    places = lock_places(touched)
    still_there(rules, by=by)
    specs = check_amendment(amendment, rules=rules, places=places, by=by, at=at)
    end(rules, at=at)
    written = [row for spec in specs for row in write(spec, by=by, at=at)]
    return settle(written, touched, _act(amendment, rules), by=by, at=at)


def cancel_occurrence(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    """The rule goes on; that date alone is closed."""
    return amend_rule(rules, amendment=Amendment(None, Scope.ONCE, day), by=by, at=at)


def change_occurrence(
    rules: Sequence[OpeningRule], *, day: date, instead: RuleSpec, by: Actor, at: datetime
) -> RuleChange:
    """That date follows `instead`, which may name another date: the opening is then moved."""
    return amend_rule(rules, amendment=Amendment(instead, Scope.ONCE, day), by=by, at=at)


def change_following(rules: Sequence[OpeningRule], *, day: date, spec: RuleSpec, by: Actor, at: datetime) -> RuleChange:
    """The rule as it was until the eve of `day`; as `spec` says from `day` on. The rhythm starts again at `day`."""
    return amend_rule(rules, amendment=Amendment(spec, Scope.FOLLOWING, day), by=by, at=at)


def end_following(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    return amend_rule(rules, amendment=Amendment(None, Scope.FOLLOWING, day), by=by, at=at)


@transaction.atomic
def restore_occurrence(rules: Sequence[OpeningRule], *, day: date, by: Actor, at: datetime) -> RuleChange:
    touched = [rule.place_id for rule in rules]
    places = lock_places(touched)
    still_there(rules, by=by)
    spec = spec_of(rules)
    if day not in spec.except_days:
        raise Refusal("Cette date n’était pas retirée de la règle : rechargez la semaine.", code="stale")
    again = replace(spec, except_days=tuple(each for each in spec.except_days if each != day))
    check(again, places=places, replacing=rules, by=by, at=at)
    end(rules, at=at)
    return settle(write(again, by=by, at=at), touched, f"a rouvert le {day:%d/%m/%Y}", by=by, at=at)


def check_amendment(
    amendment: Amendment, *, rules: Sequence[OpeningRule], places: Iterable[Place], by: Actor, at: datetime
) -> list[RuleSpec]:
    """What would be written; refuses what makes no sense. What is left of a rule collides with nothing but its own
    replacement.
    """
    places, before = list(places), spec_of(rules)
    if amendment.scope is not Scope.ALL:
        _occurs(rules, amendment.day, places=places, at=at)
    specs = amendment.after(before)
    if instead := amendment.instead(before):
        check(instead, places=places, replacing=rules, by=by, at=at)
    if any(len(spec.except_days) > MOST_DATES for spec in specs):
        raise Refusal("Trop de dates retirées d’une même règle : arrêtez-la et créez-en une autre.", field="occurrence")
    for one, other in combinations(specs, 2):
        if any(collide(row, another) for row in one.rows() for another in other.rows()):
            raise Refusal("Ces heures recouvrent un autre jour de la même règle.", field="starts", code="overlap")
    return specs


def _occurs(rules: Sequence[OpeningRule], day: date, *, places: Sequence[Place], at: datetime) -> None:
    """Said of a date on which the rule opens, today or later: anything else is a mistake of the finger."""
    place = next(place for place in places if place.pk == rules[0].place_id)
    holidays = public_holidays(place.commune.departement_id, range(day.year - 1, day.year + 2))
    if day < at.astimezone(ZoneInfo(place.zone)).date():
        raise Refusal("Cette date est passée : choisissez aujourd’hui ou une date à venir.", field="occurrence")
    if not any(science_rule(rule).falls_on(day, holidays=holidays) for rule in rules):
        said = f"Cette règle n’ouvre pas le {day:%d/%m/%Y} : choisissez l’un de ses jours."
        raise Refusal(said, field="occurrence")


def _act(amendment: Amendment, rules: Sequence[OpeningRule]) -> str:
    """For the journal of who acts for another."""
    title = spec_of(rules).title
    verb = "a changé" if amendment.spec else "a fermé"
    if amendment.scope is Scope.ALL:
        return f"{verb} l’ouverture « {title} »"
    when = f"le {amendment.day:%d/%m/%Y}" if amendment.scope is Scope.ONCE else f"dès le {amendment.day:%d/%m/%Y}"
    return f"{verb} l’ouverture « {title} », {when}"
