"""Writes of rosters. Rules of working time are judged by science; who breaks one knowingly says why, and it is kept."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base.constraints import refuse_violations
from quinze.base.errors import NotFound, Refusal
from quinze.base.periods import period
from quinze.science import rosters as science
from quinze.staffing.models import DutyPass, RosterAssignment, RosterEvent, RosterPublication, RosterShift, StaffMember
from quinze.staffing.models.rosters import MOST_NEEDED
from quinze.staffing.queries import rosters as queries
from quinze.staffing.rostering import LONGEST_SHIFT, ONE_DAY, WEEK_DAYS, hours, monday_of, sentences, week_bounds, words
from quinze.staffing.sheets import Line

EFFORT = 2.0  # of the solver, in about as many seconds
MOST_SOLVED = 300  # people: beyond, somebody would wait for the page
LONGEST_PASS = timedelta(hours=14)
LONGEST_REASON = 500
K = RosterEvent.Kind


def may_edit(by: Actor) -> None:
    if not by.may(Capability.EDIT_ROSTER):
        raise Refusal("Votre rôle ne modifie pas le planning.", code="forbidden")


@transaction.atomic
def plan_shifts(
    *, role: str, days: Collection[date], start: time, end: time, needed: int, by: Actor, at: datetime
) -> list[RosterShift]:
    """The same local hours on each day; an end not after the start is on the next day."""
    may_edit(by)
    if role not in queries.ROLES:
        raise Refusal("Ce poste n’a pas de planning.", field="role", code="role")
    if not 1 <= needed <= MOST_NEEDED:
        raise Refusal(f"De 1 à {MOST_NEEDED} places.", field="needed", code="needed")
    if not days or len(days) > WEEK_DAYS:
        raise Refusal("Choisissez au moins un jour de la semaine.", field="days", code="days")
    made = [planned(role, *hours(day, start, end, by.sas.zone), needed=needed, by=by, at=at) for day in sorted(days)]
    on = ", ".join(f"{day:%d/%m}" for day in sorted(days))
    tell_planned(f"{Role(role).label}, {start:%H:%M} – {end:%H:%M}, {needed} place(s), le {on}.", by=by, at=at)
    return made


def planned(role: str, start: datetime, end: datetime, *, needed: int, by: Actor, at: datetime) -> RosterShift:
    if not timedelta(0) < end - start <= LONGEST_SHIFT:
        raise Refusal("Une garde dure de quelques minutes à 14 heures.", field="end", code="length")
    with refuse_violations():
        return RosterShift.objects.create(
            sas=by.sas, role=role, during=period(start, end), needed=needed, made_by=by.user, made_at=at
        )


def tell_planned(said: str, *, by: Actor, at: datetime) -> None:
    """One line of the journal for what was planned at once."""
    _tell(K.PLANNED, said, by=by, at=at)


@transaction.atomic
def copy_week(*, monday: date, by: Actor, at: datetime) -> int:
    """The shifts of the week before, without their people; those that exist stay. How many were made."""
    may_edit(by)
    zone = ZoneInfo(by.sas.zone)
    before = queries.shifts_between(by.sas, *week_bounds(monday - WEEK_DAYS * ONE_DAY, by.sas.zone))
    there = {(each.role, each.during.lower, each.during.upper) for each in _shifts_of_week(monday, by)}
    made = 0
    for each in before:
        first, last = (edge.astimezone(zone) for edge in (each.during.lower, each.during.upper))
        start, end = hours(first.date() + WEEK_DAYS * ONE_DAY, first.time(), last.time(), by.sas.zone)
        if (each.role, start, end) not in there:
            planned(each.role, start, end, needed=each.needed, by=by, at=at)
            made += 1
    if made:
        tell_planned(f"{made} garde(s) de la semaine d’avant, semaine du {monday:%d/%m/%Y}.", by=by, at=at)
    return made


@transaction.atomic
def remove_shift(pk: int, *, by: Actor, at: datetime) -> None:
    may_edit(by)
    shift = _locked(pk, by)
    if shift.assignments.exists():
        raise Refusal("Retirez d’abord les personnes de cette garde.", code="not_empty")
    _tell(K.REMOVED, f"{told(shift)}.", by=by, at=at)
    shift.delete()


@transaction.atomic
def assign(pk: int, *, user: User, by: Actor, at: datetime, despite: str = "") -> list[science.Breach]:
    """Puts somebody on a shift. Refused with what it breaks, unless `despite` says why; then the breaches are
    answered, and kept.

    The role must be granted over the whole shift; a full shift takes nobody more; one person is never at two posts: no
    reason lifts these.
    """
    may_edit(by)
    shift = _locked(pk, by)
    _check_place(shift, user)
    check_granted(user, shift)
    broken = broken_by(shift, user)
    if broken and not despite.strip():
        raise Refusal(sentences(broken, names_of([user])), field="despite", code="rules")
    _put(shift, user)
    because = f" Malgré : {sentences(broken)} Motif : {despite.strip()[:LONGEST_REASON]}" if broken else ""
    _tell(K.ASSIGNED, f"{user}, {told(shift)}.{because}", user=user, by=by, at=at)
    return broken


def broken_by(shift: RosterShift, user: User) -> list[science.Breach]:
    """What the rules say of one person more on this shift, among what they already do."""
    week = week_around([shift])
    problem = queries.problem_of(shift.sas, week, people=[user])
    before = [each for each in queries.assignments_of(week) if each.person == str(user.pk)]
    after = [*before, science.Assignment(str(user.pk), str(shift.pk))]
    return [each for each in science.new_breaches(problem, before, after) if each.person]


@transaction.atomic
def unassign(pk: int, *, user_id: int, by: Actor, at: datetime) -> None:
    may_edit(by)
    shift = _locked(pk, by)
    held = shift.assignments.filter(user_id=user_id).select_related("user").first()
    if held is None:
        raise NotFound("Cette personne n’est pas sur cette garde.")
    held.delete()
    _tell(K.UNASSIGNED, f"{held.user}, {told(shift)}.", user=held.user, by=by, at=at)


@transaction.atomic
def fill_week(*, monday: date, by: Actor, at: datetime, effort: float = EFFORT) -> science.Roster:
    """Gives the shifts that lack people to those who may take them, and changes nothing of what is written. Refused
    without the solver; what cannot be filled stays a gap.
    """
    may_edit(by)
    start, end = week_bounds(monday, by.sas.zone)
    list(RosterShift.objects.select_for_update(no_key=True).filter(sas=by.sas, during__startswith__range=(start, end)))
    shifts = _shifts_of_week(monday, by)
    problem = queries.problem_of(by.sas, shifts)
    if len(problem.people) > MOST_SOLVED:
        raise Refusal(f"Plus de {MOST_SOLVED} personnes : complétez cette semaine à la main.", code="too_many")
    fixed = queries.assignments_of(shifts)
    try:
        roster = science.solve(
            science.Problem(problem.zone, problem.people, problem.shifts, problem.rules, fixed), effort=effort
        )
    except science.NotInstalled as missing:
        raise Refusal(str(missing), code="not_installed") from missing
    new = sorted(set(roster.assignments) - set(fixed))
    by_key = {str(shift.pk): shift for shift in shifts}
    people = {str(user.pk): user for user in User.objects.filter(pk__in={int(each.person) for each in new})}
    granted = [each for each in new if _is_granted(people[each.person], by_key[each.shift])]
    for each in granted:
        _put(by_key[each.shift], people[each.person], on_site=each.on_site)
    _tell(
        K.FILLED, f"Semaine du {monday:%d/%m/%Y} : {len(granted)} affectations proposées par le calcul.", by=by, at=at
    )
    return roster


@transaction.atomic
def publish(*, monday: date, by: Actor, at: datetime) -> RosterPublication:
    """The week as it is becomes its next version: from then on it says who may take which post."""
    may_edit(by)
    shifts = _shifts_of_week(monday, by)
    if not shifts:
        raise Refusal("Cette semaine n’a aucune garde : il n’y a rien à publier.", code="empty")
    latest = queries.latest_version(by.sas, monday)
    content = queries.snapshot(shifts)
    if latest and latest.content == content:
        raise Refusal(f"Rien n’a changé depuis la version {latest.number}.", code="unchanged")
    with refuse_violations():
        made = RosterPublication.objects.create(
            sas=by.sas, monday=monday, number=latest.number + 1 if latest else 1, content=content, by=by.user, at=at
        )
    _tell(K.PUBLISHED, f"Semaine du {monday:%d/%m/%Y}, version {made.number}.", by=by, at=at)
    return made


@transaction.atomic
def open_post(*, user: User, role: str, reason: str, until: datetime, by: Actor, at: datetime) -> DutyPass:
    """Lets somebody take a post without being on the roster."""
    may_edit(by)
    if not at < until <= at + LONGEST_PASS:
        raise Refusal("Un poste s’ouvre pour 14 heures au plus.", field="hours", code="length")
    if not RoleGrant.objects.filter(user=user, sas=by.sas, role=role, during__contains=at).exists():
        said = f"Le rôle {Role(role).label} n’est pas donné à {user} dans ce SAS."
        raise Refusal(said, field="role", code="not_granted")
    with refuse_violations():
        made = DutyPass.objects.create(
            sas=by.sas, user=user, role=role, during=period(at, until), reason=reason.strip()[:LONGEST_REASON],
            by=by.user, at=at,
        )  # fmt: skip
    _tell(K.PASSED, f"{Role(role).label} ouvert à {user}. Motif : {made.reason}", user=user, by=by, at=at)
    return made


@transaction.atomic
def save_member(
    *, user: User, weekly_hours: int | None, nights: bool, trainee: bool, remote: bool, by: Actor,
    quota: int = 0, posts: Collection[str] = (),
) -> StaffMember:  # fmt: skip
    """What the rules must know of a person of this SAS. `posts`: those they are planned on, among the roles they are
    given; none: all of them. `quota`: shifts a week that a trainee must do.
    """
    may_edit(by)
    if quota and not trainee:
        raise Refusal("Un quota se donne à quelqu’un en formation.", field="quota", code="quota")
    if unknown := set(posts) - {role.value for role in queries.ROLES}:
        raise Refusal(f"Poste inconnu : {min(unknown)[:20]}.", field="posts", code="posts")
    with refuse_violations():
        return StaffMember.objects.update_or_create(
            sas=by.sas, user=user,
            defaults={"weekly_hours": weekly_hours, "nights": nights, "trainee": trainee, "remote": remote,
                      "quota": quota, "posts": sorted(set(posts))},
        )[0]  # fmt: skip


# ---- shared by the swaps


def _locked(pk: int, by: Actor) -> RosterShift:
    shift = RosterShift.objects.select_for_update(no_key=True).select_related("sas").filter(pk=pk, sas=by.sas).first()
    if shift is None:
        raise NotFound("Cette garde n’existe plus dans votre SAS.")
    return shift


def _shifts_of_week(monday: date, by: Actor) -> list[RosterShift]:
    return list(queries.shifts_between(by.sas, *week_bounds(monday, by.sas.zone)))


def week_around(shifts: Sequence[RosterShift]) -> list[RosterShift]:
    """All shifts of the SAS in the weeks of these."""
    sas = shifts[0].sas
    zone = ZoneInfo(sas.zone)
    mondays = {monday_of(shift.during.lower.astimezone(zone).date()) for shift in shifts}
    found = [each for monday in sorted(mondays) for each in queries.shifts_between(sas, *week_bounds(monday, sas.zone))]
    return sorted(found, key=lambda each: (each.during.lower, each.pk))


def _check_place(shift: RosterShift, user: User) -> None:
    """A trainee takes nobody's place; the rules say beside whom."""
    trainees = StaffMember.objects.filter(sas=shift.sas, trainee=True).values("user_id")
    if trainees.filter(user=user).exists():
        return
    if shift.assignments.exclude(user__in=trainees).count() >= shift.needed:
        raise Refusal("Cette garde est complète.", field="user", code="full")


def _is_granted(user: User, shift: RosterShift) -> bool:
    grants = RoleGrant.objects.filter(user=user, sas=shift.sas_id, role=shift.role)
    return user.is_active and grants.filter(during__contains=shift.during).exists()


def check_granted(user: User, shift: RosterShift) -> None:
    if not _is_granted(user, shift):
        raise Refusal(
            f"Le rôle {Role(shift.role).label} n’est pas donné à {user} sur toute cette garde : voyez le "
            "gestionnaire de comptes.",
            field="user",
            code="not_granted",
        )


def _put(shift: RosterShift, user: User, *, on_site: bool = True) -> RosterAssignment:
    with refuse_violations():
        return RosterAssignment.objects.create(shift=shift, user=user, during=shift.during, on_site=on_site)


def names_of(users: Iterable[User]) -> dict[str, str]:
    return {str(user.pk): str(user) for user in users}


def told(shift: RosterShift) -> str:
    return words(Role(shift.role).label, shift.during.lower, shift.during.upper, shift.sas.zone)


def _tell(kind: str, said: str, *, by: Actor, at: datetime, user: User | None = None) -> None:
    RosterEvent.objects.create(sas=by.sas, kind=kind, user=user, said=said, by=by.user, at=at)


@transaction.atomic
def import_lines(lines: Sequence[Line], *, by: Actor, at: datetime) -> int:
    """All the shifts of a sheet with their people, or none. A shift that exists keeps its row, and is completed; how
    many people were added. Addresses must be those of people who have the role; the page of the week shows what
    rules it breaks.
    """
    may_edit(by)
    users = {
        user.email: user for user in User.objects.filter(email__in={each for line in lines for each in line.people})
    }
    if unknown := sorted({each for line in lines for each in line.people} - set(users)):
        raise Refusal(f"Adresses inconnues : {', '.join(unknown[:5])}.", field="file", code="unknown")
    added = 0
    for line in lines:
        if line.role not in queries.ROLES:
            raise Refusal(f"{Role(line.role).label} n’a pas de planning.", field="file", code="role")
        during = period(line.start, line.end)
        there = RosterShift.objects.filter(sas=by.sas, role=line.role, during=during).first()
        shift = there or planned(line.role, line.start, line.end, needed=line.needed, by=by, at=at)
        held = set(shift.assignments.values_list("user__email", flat=True))
        for address in line.people:
            if address not in held:
                added += _imported(shift, users[address], by=by, at=at)
    tell_planned(f"{len(lines)} garde(s) lues dans un fichier.", by=by, at=at)
    return added


def _imported(shift: RosterShift, user: User, *, by: Actor, at: datetime) -> int:
    _check_place(shift, user)
    check_granted(user, shift)
    _put(shift, user)
    _tell(K.ASSIGNED, f"{user}, {told(shift)}, par un fichier.", user=user, by=by, at=at)
    return 1
