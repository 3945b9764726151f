"""The roster of the demonstration: this week and the next, made as a supervisor would, by the operations of the pages.

Naming people takes the solver some seconds: the job that does it starts with the service, so that no visitor waits.
"""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.interop.demo import room, staff
from quinze.staffing import operations as do
from quinze.staffing.models import DutyPass, RosterPublication, RosterShift, RosterSwap, StaffFact
from quinze.staffing.queries import rosters as queries
from quinze.staffing.roster_rules import Figures
from quinze.staffing.rostering import ONE_DAY, WEEK_DAYS, monday_of, week_bounds

EFFORT = 0.5  # of the solver: two weeks of forty people in some seconds
WEEK, WORKING_DAYS, WEEK_END = range(7), range(5), (5, 6)
# Role, days, from, to, places.
SHIFTS = (
    (Role.SUPERVISOR, WORKING_DAYS, 9, 17, 1),
    (Role.ARM_COORDINATOR, WORKING_DAYS, 8, 16, 1),
    (Role.ARM, WEEK, 7, 19, 3),
    (Role.ARM, WEEK, 19, 7, 2),
    (Role.OSNP, WORKING_DAYS, 8, 16, 2),
    (Role.OSNP, WORKING_DAYS, 12, 20, 1),
    (Role.OSNP, WEEK_END, 8, 20, 1),
    (Role.REGULATEUR_AMU, WEEK, 8, 20, 1),
    (Role.REGULATEUR_AMU, WEEK, 20, 8, 1),
    (Role.REGULATEUR_SNP, WORKING_DAYS, 8, 14, 1),
    (Role.REGULATEUR_SNP, WEEK_END, 8, 14, 2),
    (Role.REGULATEUR_SNP, WEEK, 14, 20, 1),
    (Role.REGULATEUR_SNP, WEEK, 20, 0, 1),
    (Role.REGULATEUR_SNP, WEEK, 0, 8, 1),
    (Role.EXPERT, (5,), 9, 13, 1),
)
# The Code du travail, and three week-ends in four: the demonstration lasts, with few people.
RULES = Figures(11, 35, 12, 48, 4, 3, 20)
Kind = StaffFact.Kind
SITUATIONS = {
    Role.REGULATEUR_SNP: (Kind.LIBERAL, Kind.TRAINED, Kind.REMOTE),
    Role.REGULATEUR_AMU: (Kind.HOSPITAL, Kind.TRAINED),
    Role.ARM: (Kind.ARM_CERTIFIED,),
}
WHY_OPEN = "Compte d’essai de la démonstration : ses postes restent ouverts à toute heure."


def prepare(*, sas: Sas, at: datetime, users: dict[str, User]) -> None:
    """What the roster must know: contracts, who is away, and who may take a post at any hour.

    Visitors try every post whatever the hour: their accounts are let in by the supervisor, for good. The people of the
    room are not: what the roster forbids them is what a SAS would see.
    """
    supervisor = Actor(user=users["superviseur"], role=Role.SUPERVISOR, sas=sas)
    for login, contract in room.CONTRACTS.items():
        do.save_member(
            user=users[login], weekly_hours=contract.weekly_hours, nights=contract.nights,
            trainee=contract.trainee, remote=contract.remote, quota=contract.quota, posts=contract.posts, by=supervisor,
        )  # fmt: skip
    DutyPass.objects.bulk_create(
        DutyPass(
            sas=sas, user=users[person.login], role=role, during=period(at), reason=WHY_OPEN,
            by=supervisor.user, at=at,
        )
        for person in staff.STAFF
        for role in person.roles
        if role in queries.ROLES
    )  # fmt: skip
    monday = _monday(sas, at)
    do.set_rules(preset="local", figures=RULES, valid_from=monday, by=supervisor, at=at)
    _away(sas, at=at, users=users)
    _situations(supervisor, at=at, users=users)


def _situations(by: Actor, *, at: datetime, users: dict[str, User]) -> None:
    """Everybody is in order, but for a retired doctor and an ARM in training whose dates come near, and one unknown."""
    today = at.astimezone(ZoneInfo(by.sas.zone)).date()
    people = {person.login: person for person in (*staff.STAFF, *room.ROOM)}
    found: dict[str, list[tuple[str, date]]] = {
        login: [
            (kind, today - 900 * ONE_DAY)
            for role, kinds in SITUATIONS.items()
            if role in person.roles
            for kind in kinds
        ]
        for login, person in people.items()
    }
    retired, trained, unknown = (_last(people, role) for role in (Role.REGULATEUR_SNP, Role.ARM, Role.REGULATEUR_AMU))
    found[retired] = [(Kind.RETIRED, today - 1_060 * ONE_DAY), (Kind.TRAINED, today - 900 * ONE_DAY)]
    found[trained] = [(Kind.ARM_TRANSITION, today - 330 * ONE_DAY)]
    found[unknown] = []
    StaffFact.objects.bulk_create(
        StaffFact(sas=by.sas, user=users[login], kind=kind, since=since, by=by.user, at=at)
        for login, facts in found.items()
        for kind, since in facts
    )


def _last(people: dict[str, staff.Person], role: Role) -> str:
    return [login for login, person in people.items() if role in person.roles][-1]


def _away(sas: Sas, *, at: datetime, users: dict[str, User]) -> None:
    """The only expert is away next week-end: a post that nobody can hold. An ARM takes days off."""
    monday = _monday(sas, at) + WEEK_DAYS * ONE_DAY
    for login, first, last in (("expert", 4, 6), ("arm8", 0, 3)):
        person = next(each for each in (*staff.STAFF, *room.ROOM) if each.login == login)
        by = Actor(user=users[login], role=person.roles[0], sas=sas)
        do.declare_absence(first=monday + first * ONE_DAY, last=monday + last * ONE_DAY, by=by, at=at)
    for login, weekday, night, weight in room.WISHES:
        by = Actor(user=users[login], role=Role.ARM, sas=sas)
        do.add_wish(weekday=weekday, night=night, first=None, last=None, weight=weight, by=by, at=at)


def keep(*, at: datetime, effort: float = EFFORT) -> list[date]:
    """Publishes this week and the next where they are not; their Mondays. Nothing without the demonstration, whose
    visitors are let in whatever the hour: a roster made by the solver would forbid some of them their posts.
    """
    sas = Sas.objects.filter(code="86").first()
    supervisor = User.objects.filter(email=f"superviseur@{staff.DOMAIN}").first()
    if sas is None or supervisor is None or not DutyPass.objects.filter(sas=sas, reason=WHY_OPEN).exists():
        return []
    by = Actor(user=supervisor, role=Role.SUPERVISOR, sas=sas)
    first = _monday(sas, at)
    made = [monday for monday in (first, first + WEEK_DAYS * ONE_DAY) if _publish(monday, by=by, at=at, effort=effort)]
    if made:
        _ask_swap(sas, at=at)
    return made


def _monday(sas: Sas, at: datetime) -> date:
    return monday_of(at.astimezone(ZoneInfo(sas.zone)).date())


def _publish(monday: date, *, by: Actor, at: datetime, effort: float) -> bool:
    """Shifts planned by a visitor are left as they are, and filled with the others."""
    if RosterPublication.objects.filter(sas=by.sas, monday=monday).exists():
        return False
    start, end = week_bounds(monday, by.sas.zone)
    with transaction.atomic():  # nobody sees a week without its people
        return _made(monday, start, end, by=by, at=at, effort=effort)


def _made(monday: date, start: datetime, end: datetime, *, by: Actor, at: datetime, effort: float) -> bool:
    if not RosterShift.objects.filter(sas=by.sas, during__startswith__range=(start, end)).exists():
        _plan(monday, by=by, at=at)
    do.fill_week(monday=monday, by=by, at=at, effort=effort)
    do.publish(monday=monday, by=by, at=at)
    return True


def _plan(monday: date, *, by: Actor, at: datetime) -> None:
    for role, days, start, end, needed in SHIFTS:
        dates = [monday + day * ONE_DAY for day in days]
        do.plan_shifts(role=role, days=dates, start=time(start), end=time(end), needed=needed, by=by, at=at)


def _ask_swap(sas: Sas, *, at: datetime) -> RosterSwap | None:
    """A colleague asks « arm » to exchange two shifts; the first exchange that breaks no rule."""
    taker = User.objects.get(email=f"arm@{staff.DOMAIN}")
    if RosterSwap.objects.filter(taker=taker, state=RosterSwap.State.ASKED).exists():
        return None
    colleagues = User.objects.filter(email__in=[person.email for person in room.ROOM])
    given, returned = (
        queries.coming_shifts_of(users, sas=sas, role=Role.ARM, at=at + timedelta(days=1))
        for users in (list(colleagues), [taker])
    )
    for mine, theirs in product(returned, given):
        with suppress(Refusal):
            return do.ask_swap(given=theirs.shift, giver=theirs.user, taker=taker, returned=mine.shift, at=at)
    return None
