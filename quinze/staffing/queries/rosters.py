"""Reads of rosters. Everything starts from the SAS of who asks, or from the person themselves."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, Sas, User
from quinze.accounts.queries import open_duties
from quinze.accounts.roles import Role
from quinze.base.errors import NotFound
from quinze.base.periods import period
from quinze.science import rosters as science
from quinze.staffing.models import (
    DutyPass,
    RosterAbsence,
    RosterAssignment,
    RosterEvent,
    RosterPublication,
    RosterShift,
    RosterSwap,
    StaffMember,
)
from quinze.staffing.queries import planning
from quinze.staffing.queries.facts import bars_of, facts_of
from quinze.staffing.rostering import HANDOVER, ONE_DAY, RULES_LOOK_BACK, WEEK_DAYS, monday_of, week_bounds
from quinze.staffing.wishes import wishes_between

ROLES = (
    Role.ARM, Role.ARM_COORDINATOR, Role.SUPERVISOR, Role.OSNP, Role.REGULATEUR_AMU, Role.REGULATEUR_SNP, Role.EXPERT,
)  # fmt: skip
MAY_OPEN_POSTS = (Role.SUPERVISOR, Role.ARM_COORDINATOR, Role.ADMINISTRATOR)
EVENTS_SHOWN = 30
GIVEN_BACK_SHOWN = 200
LEGAL_WEEK = 35  # hours: what a full share is (Code du travail, L3121-27)
WEEKS_IN_USE = 8  # a SAS that published nothing for that long does not use the roster


@dataclass(frozen=True, slots=True)
class Place:
    """A shift of a cell, with who is on it."""

    shift: RosterShift
    people: list[User]
    lacking: int


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Row:
    role: str
    label: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    days: list[date]
    rows: list[Row]
    gaps: list[Place]
    version: RosterPublication | None
    changed: bool  # since it was published
    breaches: list[science.Breach] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def lacking(self) -> int:
        return sum(place.lacking for place in self.gaps)


def shifts_between(sas: Sas, start: datetime, end: datetime) -> QuerySet[RosterShift]:
    """Those that begin in it, with their people."""
    people = RosterAssignment.objects.select_related("user").order_by("user__family_name", "pk")
    found = RosterShift.objects.filter(sas=sas, during__startswith__gte=start, during__startswith__lt=end)
    return found.prefetch_related(Prefetch("assignments", queryset=people)).order_by("during", "pk")


def week(*, by: Actor, monday: date) -> Week:
    """Ten queries, whatever the week holds."""
    zone = ZoneInfo(by.sas.zone)
    start, end = week_bounds(monday, by.sas.zone)
    shifts = list(shifts_between(by.sas, start, end))
    problem, assignments = problem_of(by.sas, shifts), assignments_of(shifts)
    lacking = {gap.shift.key: gap.lacking for gap in science.gaps(problem, assignments)}
    days = [monday + index * ONE_DAY for index in range(WEEK_DAYS)]
    by_cell = defaultdict[tuple[str, date], list[Place]](list)
    for shift in shifts:
        place = _place(shift, lacking.get(str(shift.pk), 0))
        by_cell[shift.role, shift.during.lower.astimezone(zone).date()].append(place)
    roles = [role for role in ROLES if any(key == role for key, _ in by_cell)]
    rows = [Row(role, Role(role).label, [Cell(day, by_cell[role, day]) for day in days]) for role in roles]
    places = [place for cell in by_cell.values() for place in cell]
    gaps = sorted((place for place in places if place.lacking), key=lambda place: place.shift.during.lower)
    version = latest_version(by.sas, monday)
    return Week(
        monday, days, rows, gaps, version,
        changed=version is not None and version.content != snapshot(shifts),
        breaches=science.breaches(problem, assignments),
        names={str(user.pk): str(user) for place in places for user in place.people},
    )  # fmt: skip


def _place(shift: RosterShift, lacking: int) -> Place:
    return Place(shift, [each.user for each in shift.assignments.all()], lacking)


def snapshot(shifts: Sequence[RosterShift]) -> list[dict[str, object]]:
    """What a published version keeps."""
    return [
        {
            "role": shift.role,
            "start": shift.during.lower.isoformat(),
            "end": shift.during.upper.isoformat(),
            "needed": shift.needed,
            "people": sorted(each.user_id for each in shift.assignments.all()),
        }
        for shift in shifts
    ]


def latest_version(sas: Sas, monday: date) -> RosterPublication | None:
    return RosterPublication.objects.filter(sas=sas, monday=monday).select_related("by").order_by("-number").first()


def first_free_week(sas: Sas, *, monday: date) -> date:
    """The first Monday from this one whose week has no shift yet, eight weeks ahead at most."""
    found = [monday + rank * WEEK_DAYS * ONE_DAY for rank in range(WEEKS_IN_USE)]
    start, end = (week_bounds(each, sas.zone)[side] for side, each in enumerate((found[0], found[-1])))
    begun = RosterShift.objects.filter(sas=sas, during__startswith__gte=start, during__startswith__lt=end)
    zone = ZoneInfo(sas.zone)
    taken = {monday_of(each.lower.astimezone(zone).date()) for each in begun.values_list("during", flat=True)}
    return next((each for each in found if each not in taken), monday)


def shift_of(pk: int, *, by: Actor) -> RosterShift:
    found = RosterShift.objects.filter(pk=pk, sas=by.sas).prefetch_related("assignments__user").first()
    if found is None:
        raise NotFound("Cette garde n’existe pas dans votre SAS.")
    return found


def events(*, by: Actor) -> QuerySet[RosterEvent]:
    return RosterEvent.objects.filter(sas=by.sas).select_related("by", "user").order_by("-at", "-pk")[:EVENTS_SHOWN]


# ---- for the rules of science


def problem_of(sas: Sas, shifts: Sequence[RosterShift], *, people: Sequence[User] | None = None) -> science.Problem:
    """These shifts, and everybody who is on one or may be; the past four weeks and what comes next weigh on each."""
    if not shifts:
        return science.Problem(ZoneInfo(sas.zone), [], [])
    start, end = (
        edge(getattr(shift.during, side) for shift in shifts) for edge, side in ((min, "lower"), (max, "upper"))
    )
    granted = _granted(sas, start, end)
    on = {each.user for shift in shifts for each in shift.assignments.all()}
    known = {user.pk: user for user in (*on, *(people or ()), *granted)}
    settings = {each.user_id: each for each in StaffMember.objects.filter(sas=sas, user__in=known)}
    around = _around(list(known), shifts, start=start, end=end)
    away = _away(list(known), start=start, end=end)
    weeks = max(1, round((end - start) / timedelta(weeks=1)))
    zone = ZoneInfo(sas.zone)
    first, last = (edge.astimezone(zone).date() for edge in (start, end))
    wishes, facts = planning.wishes_of(list(known)), facts_of(sas, list(known))
    staff = [
        _person(
            user, granted.get(user, set()), settings.get(user.pk), around[user.pk], away[user.pk],
            weeks=weeks, wishes=wishes_between(wishes[user.pk], first, last, zone=zone),
            barred=bars_of(facts[user.pk], end=end, zone=sas.zone),
        )
        for user in sorted(known.values(), key=lambda user: (user.family_name, user.pk))
    ]  # fmt: skip
    rules = planning.rules(sas, monday_of(first))
    return science.Problem(zone, staff, [_shift(each) for each in shifts], rules)


def _granted(sas: Sas, start: datetime, end: datetime) -> dict[User, set[str]]:
    """Who may hold which role during these shifts; on each one, the operation looks again."""
    found = defaultdict[User, set[str]](set)
    grants = RoleGrant.objects.filter(sas=sas, role__in=ROLES, during__overlap=period(start, end), user__is_active=True)
    for grant in grants.select_related("user"):
        found[grant.user].add(grant.role)
    return found


def _around(
    users: list[int], shifts: Sequence[RosterShift], *, start: datetime, end: datetime
) -> dict[int, list[science.Shift]]:
    """Other shifts of these people, in any SAS, near enough to weigh."""
    near = period(start - RULES_LOOK_BACK, end + RULES_LOOK_BACK)
    others = RosterAssignment.objects.filter(user__in=users, during__overlap=near).exclude(
        shift__in=[s.pk for s in shifts]
    )
    found = defaultdict[int, list[science.Shift]](list)
    for each in others.select_related("shift"):
        found[each.user_id].append(_shift(each.shift))
    return found


def _away(users: list[int], *, start: datetime, end: datetime) -> dict[int, list[science.Period]]:
    found = defaultdict[int, list[science.Period]](list)
    for each in RosterAbsence.objects.filter(user__in=users, during__overlap=period(start, end)):
        found[each.user_id].append(science.Period(each.during.lower, each.during.upper))
    return found


def _person(
    user: User,
    roles: set[str],
    settings: StaffMember | None,
    around: list[science.Shift],
    away: list[science.Period],
    *,
    weeks: int,
    wishes: tuple[science.Wish, ...] = (),
    barred: tuple[science.Bar, ...] = (),
) -> science.Person:
    """A part-time has its part of hours, nights and week-ends; who is kept to some posts is planned on these only."""
    hours = settings.weekly_hours if settings else None
    kept = set(settings.posts) if settings else set()
    return science.Person(
        str(user.pk),
        frozenset(roles & kept if kept else roles),
        most_hours=hours * weeks if hours else None,
        share=min(1.0, hours / LEGAL_WEEK) if hours else 1.0,
        quota=settings.quota * weeks if settings and settings.trainee else 0,
        wishes=wishes,
        nights=settings.nights if settings else True,
        trainee=settings.trainee if settings else False,
        remote=settings.remote if settings else False,
        away=tuple(away),
        barred=barred,
        past=tuple(around),
    )


def _shift(shift: RosterShift) -> science.Shift:
    return science.Shift(
        str(shift.pk), shift.role, science.Period(shift.during.lower, shift.during.upper), shift.needed
    )


def assignments_of(shifts: Sequence[RosterShift]) -> list[science.Assignment]:
    return [
        science.Assignment(str(each.user_id), str(shift.pk), each.on_site)
        for shift in shifts
        for each in shift.assignments.all()
    ]


# ---- one's own


def shifts_of(user: User, *, at: datetime, weeks: int = 8) -> QuerySet[RosterAssignment]:
    """Present and coming ones, in every SAS."""
    until = at + timedelta(weeks=weeks)
    mine = RosterAssignment.objects.filter(user=user, during__overlap=period(at, until))
    return mine.select_related("shift__sas").order_by("during")


def absences_of(user: User, *, at: datetime) -> QuerySet[RosterAbsence]:
    """Present and coming."""
    return RosterAbsence.objects.filter(user=user, during__endswith__gt=at).order_by("during")


def swaps_of(user: User) -> QuerySet[RosterSwap]:
    """Open ones, asked by or to this person."""
    mine = RosterSwap.objects.filter(Q(giver=user) | Q(taker=user), state=RosterSwap.State.ASKED)
    return mine.select_related("given__sas", "returned", "giver", "taker").order_by("asked_at", "pk")


# ---- who may take a post now


@dataclass(frozen=True, slots=True)
class Expected:
    """`governed`: the roster published for this week has this role. `used`: the SAS publishes rosters."""

    governed: bool
    used: bool
    expected: bool
    passed: bool


def expectation(user: User, *, sas: Sas, role: str, monday: date, at: datetime) -> Expected:
    published = RosterPublication.objects.filter(sas=sas)
    this_week = published.filter(monday=monday).exists()
    start, end = week_bounds(monday, sas.zone)
    of_role = RosterShift.objects.filter(sas=sas, role=role, during__overlap=period(start, end))
    near = period(at - HANDOVER, at + HANDOVER)
    mine = RosterAssignment.objects.filter(user=user, shift__sas=sas, shift__role=role, during__overlap=near)
    passes = DutyPass.objects.filter(sas=sas, user=user, role=role, during__contains=at)
    recent = monday - WEEKS_IN_USE * WEEK_DAYS * ONE_DAY
    used = this_week or published.filter(monday__gte=recent).exists()
    return Expected(
        governed=this_week and of_role.exists(),
        used=used,
        expected=used and mine.exists(),
        passed=used and passes.exists(),
    )


def somebody_may_open(sas: Sas, *, at: datetime) -> bool:
    """Somebody is at their post who can let people in."""
    return open_duties(at).filter(sas=sas, role__in=MAY_OPEN_POSTS).exists()


def people_granted(sas: Sas, *, at: datetime) -> QuerySet[User]:
    grants = RoleGrant.objects.filter(user=OuterRef("pk"), sas=sas, role__in=ROLES, during__contains=at)
    return User.objects.filter(Exists(grants), is_active=True).order_by("family_name", "given_name", "pk")


# ---- people


def member(user: User, *, sas: Sas) -> StaffMember | None:
    return StaffMember.objects.filter(user=user, sas=sas).first()


def person_of(pk: int, *, by: Actor) -> User | None:
    """Somebody of this SAS: given a role of the room, now or not, or on one of its shifts."""
    grants = RoleGrant.objects.filter(user=OuterRef("pk"), sas=by.sas, role__in=ROLES)
    held = RosterAssignment.objects.filter(user=OuterRef("pk"), shift__sas=by.sas)
    return User.objects.filter(Exists(grants) | Exists(held), pk=pk).first()


def people_able(shift: RosterShift) -> QuerySet[User]:
    """Granted its role over the whole shift."""
    grants = RoleGrant.objects.filter(
        user=OuterRef("pk"), sas=shift.sas, role=shift.role, during__contains=shift.during
    )
    return User.objects.filter(Exists(grants), is_active=True).order_by("family_name", "given_name", "pk")


def own_shift(user: User, pk: int, *, at: datetime) -> RosterShift | None:
    """Not begun yet."""
    held = RosterAssignment.objects.filter(user=user, shift=pk, during__startswith__gt=at)
    found = held.select_related("shift__sas").first()
    return found.shift if found else None


def coming_shifts_of(users: Sequence[User], *, sas: Sas, role: str, at: datetime) -> list[RosterAssignment]:
    """What colleagues could give back, the nearest first."""
    held = RosterAssignment.objects.filter(user__in=users, shift__sas=sas, shift__role=role, during__startswith__gt=at)
    return list(held.select_related("shift__sas", "user").order_by("during", "pk")[:GIVEN_BACK_SHOWN])
