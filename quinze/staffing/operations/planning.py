"""Writes of what a SAS plans with: sorts of shifts, shifts that cover a need, rules of working time from a day on."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.staffing.covering import QUARTERS_OF_DAY, Post
from quinze.staffing.models import RosterEvent, RosterRules, ShiftKind
from quinze.staffing.operations.rosters import may_edit, planned, tell_planned
from quinze.staffing.queries import rosters as queries
from quinze.staffing.roster_rules import NAMES, PRESET, Figures, rules_of
from quinze.staffing.rostering import ONE_DAY, hours, monday_of, week_bounds
from quinze.staffing.shift_kinds import COVERED, DEFAULT, MINUTES_OF_DAY, MOST_KINDS, STEP, kind_of

FARTHEST = timedelta(days=366)


@transaction.atomic
def add_kind(
    *, role: str, name: str, starts: Sequence[int], minutes: int, pause: int, cost: int, by: Actor
) -> ShiftKind:
    """Minutes of the day, and of the shift. Falls on quarter-hours, as the need does."""
    may_edit(by)
    if role not in COVERED:
        raise Refusal("Ce poste n’a pas de besoin calculé.", field="role", code="role")
    kind_of(name=name, minutes=minutes, starts=starts, pause=pause, cost=cost)
    if ShiftKind.objects.filter(sas=by.sas, role=role).count() >= MOST_KINDS:
        raise Refusal(f"{MOST_KINDS} sortes de gardes par poste au plus : retirez-en une.", field="role", code="many")
    with refuse_violations():
        return ShiftKind.objects.create(
            sas=by.sas, role=role, name=name, starts=list(starts), minutes=minutes, pause=pause, cost=cost
        )


@transaction.atomic
def adopt_kinds(*, by: Actor) -> int:
    """Copies those to begin with for the roles where the SAS has none of its own, to be changed. How many."""
    may_edit(by)
    own = set(ShiftKind.objects.filter(sas=by.sas).values_list("role", flat=True))
    copied = [each for each in DEFAULT if each.role not in own]
    with refuse_violations():
        ShiftKind.objects.bulk_create(
            ShiftKind(
                sas=by.sas, role=each.role, name=each.kind.name, starts=list(each.kind.starts),
                minutes=each.kind.minutes, pause=each.kind.pause, cost=round(100 * each.kind.cost),
            )
            for each in copied
        )  # fmt: skip
    return len(copied)


@transaction.atomic
def remove_kind(pk: int, *, by: Actor) -> None:
    may_edit(by)
    gone, _ = ShiftKind.objects.filter(pk=pk, sas=by.sas).delete()
    if not gone:
        raise NotFound("Cette sorte de garde n’existe plus.")


@transaction.atomic
def plan_cover(posts: Sequence[Post], *, monday: date, by: Actor, at: datetime) -> int:
    """The shifts that cover a need, on the days of a real week, without people; those that exist stay as they are. How
    many were made.
    """
    may_edit(by)
    if monday_of(monday) != monday:
        raise Refusal("Choisissez un lundi.", field="monday", code="monday")
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    if not monday_of(today) <= monday <= today + FARTHEST:
        raise Refusal("Choisissez une semaine de celle-ci à un an.", field="monday", code="far")
    there = {
        (shift.role, shift.during.lower, shift.during.upper)
        for shift in queries.shifts_between(by.sas, *week_bounds(monday, by.sas.zone))
    }
    made = [line for line in shifts_of(posts, monday=monday, zone=by.sas.zone) if line[:3] not in there]
    for role, start, end, needed in made:
        planned(role, start, end, needed=needed, by=by, at=at)
    if made:
        tell_planned(f"{len(made)} garde(s) d’après le besoin, semaine du {monday:%d/%m/%Y}.", by=by, at=at)
    return len(made)


def _when(monday: date, slot: int, minutes: int, zone: str) -> tuple[datetime, datetime]:
    """By the clocks of the wall: the night that they move, a shift keeps its hours."""
    day, quarter = divmod(slot, QUARTERS_OF_DAY)
    start, end = (time(*divmod(minute % MINUTES_OF_DAY, 60)) for minute in (quarter * STEP, quarter * STEP + minutes))
    return hours(monday + day * ONE_DAY, start, end, zone)


@transaction.atomic
def set_rules(*, preset: str, figures: Figures, valid_from: date, by: Actor, at: datetime) -> RosterRules:
    """Rules of the weeks that begin on that Monday or later. Weeks before keep theirs."""
    may_edit(by)
    if preset not in PRESET:
        raise Refusal("Choisissez des règles de la liste.", field="preset", code="preset")
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    if not monday_of(today) <= valid_from <= today + FARTHEST:
        raise Refusal("Une règle vaut de cette semaine à dans un an.", field="valid_from", code="far")
    values = {name: getattr(figures, name) for name in NAMES}
    with refuse_violations():
        made = RosterRules.objects.create(
            sas=by.sas, preset=preset, valid_from=monday_of(valid_from), by=by.user, at=at, **values
        )
    rules_of(made)
    RosterEvent.objects.create(
        sas=by.sas, kind=RosterEvent.Kind.RULES, by=by.user, at=at,
        said=f"{PRESET[preset].label}, dès la semaine du {made.valid_from:%d/%m/%Y}.",
    )  # fmt: skip
    return made


def shifts_of(posts: Sequence[Post], *, monday: date, zone: str) -> list[tuple[str, datetime, datetime, int]]:
    """Role, start, end, places; in order."""
    found = Counter[tuple[str, datetime, datetime]]()
    for post in posts:
        for each in post.cover.planned:
            found[post.role.value, *_when(monday, each.slot, each.kind.minutes, zone)] += each.count
    return [(role, start, end, found[role, start, end]) for role, start, end in sorted(found, key=lambda key: key[1:])]
