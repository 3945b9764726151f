"""What a change of rule would do, said before it is saved. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.availability.amendment import Amendment, Scope
from quinze.availability.limits import words
from quinze.availability.models import OpeningRule, Slot
from quinze.availability.opening import RuleSpec, duration
from quinze.availability.operations.exceptions import check_amendment
from quinze.availability.operations.rules import check
from quinze.availability.plan import Wanted, wanted
from quinze.availability.queries.offer import offer_of, seen_audiences
from quinze.directory.models import Participation


@dataclass(frozen=True, slots=True)
class Effect:
    """Over the days that slots are made ahead."""

    appearing: list[Wanted]
    vanishing: list[Wanted]
    patients_kept: int  # expected in a slot that vanishes: their bookings stay
    hours_a_week: float  # that the SAS would see

    @property
    def first(self) -> datetime | None:
        starts = [want.start for want in (*self.appearing, *self.vanishing)]
        zone = next((w.place.zone for w in (*self.appearing, *self.vanishing)), "UTC")
        return min(starts).astimezone(ZoneInfo(zone)) if starts else None

    @property
    def hours_words(self) -> str:
        return duration(self.hours_a_week)


def preview_rule(
    spec: RuleSpec | None,
    *,
    replacing: Sequence[OpeningRule] = (),
    scope: Scope = Scope.ALL,
    day: date = date.min,
    participation: Participation | None,
    by: Actor,
    at: datetime,
) -> Effect:
    """`spec` absent: the rules are ended, within the scope. Refuses what saving would refuse."""
    place_ids = {rule.place_id for rule in replacing} | ({spec.place_id} if spec else set())
    offer = offer_of(place_ids, at=at)
    gone = {rule.pk for rule in replacing}
    places, specs = offer.places.values(), [spec] if spec else []
    if replacing:
        specs = check_amendment(Amendment(spec, scope, day), rules=replacing, places=places, by=by, at=at)
    elif spec:
        check(spec, places=places, replacing=(), by=by, at=at)
    before, _ = wanted(offer, at=at)
    after, _ = wanted(offer.with_rules(_after(offer.rules, gone, specs)), at=at)
    kept = {_seen(want) for want in after}
    known = {_seen(want) for want in before}
    vanishing = [want for want in before if _seen(want) not in kept]
    return Effect(
        appearing=[want for want in after if _seen(want) not in known],
        vanishing=vanishing,
        patients_kept=_expected(vanishing),
        hours_a_week=_hours(after, seen_audiences(participation)),
    )


def _after(rules: Sequence[OpeningRule], gone: set[int], specs: Sequence[RuleSpec]) -> list[OpeningRule]:
    return [rule for rule in rules if rule.pk not in gone] + [row for spec in specs for row in spec.rows()]


def _seen(want: Wanted) -> tuple[object, ...]:
    """Changed, in the eyes of those who look for a slot."""
    rule = want.rule
    return (*want.key, rule.audience, rule.cpts_id, tuple(rule.modalities), want.capacity, *words(rule))


def _expected(vanishing: Sequence[Wanted]) -> int:
    places = {want.place.pk for want in vanishing}
    starts = {want.start for want in vanishing}
    slots = Slot.objects.filter(place__in=places, starts_at__in=starts, taken__gt=0, status=Slot.Status.OPEN)
    keys = {want.key for want in vanishing}
    return sum(slot.taken for slot in slots if (slot.place_id, slot.starts_at, slot.ends_at) in keys)


def _hours(wants: Sequence[Wanted], audiences: Sequence[str]) -> float:
    """A week's worth of the fortnight worked out."""
    return sum(want.minutes for want in wants if want.rule.audience in audiences) / 60 / 2
