"""The lists of the desks: one query for the rows, one for the targets, whatever the size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils.timezone import localtime

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.base.written import Written
from quinze.directory.queries import parameters
from quinze.orientation.models import NurseReport
from quinze.patients.queries import age_from, name_words
from quinze.regulation import rules, sections
from quinze.regulation.models import CallContact, CaseFile, Step

DESKS = {Role.OSNP: "osnp", Role.REGULATEUR_AMU: "amu", Role.REGULATEUR_SNP: "snp", Role.ARM: "arm"}
LIVE = Q(step__in=[Step.ARM, Step.AMU, Step.SNP, Step.OSNP, Step.FOLLOW_UP])

COLUMNS = (
    "number", "step", "stream", "priority", "waiting_since", "snp_deadline", "callback_due_at", "hung_up_at",
    "claimed_by", "address", "commune_text", "commune__name", "reason_label", "vulnerabilities",
    "patient__used_name", "patient__family_name", "patient__given_name", "patient__sex",
    "patient__birth_date", "patient__age_months", "patient__age_declared_on",
    "claimed_by__title", "claimed_by__given_name", "claimed_by__family_name", "called_again", "evaluated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    number: str
    step: str
    stream: str
    priority: str
    waiting_since: datetime
    snp_deadline: datetime | None
    callback_due_at: datetime | None
    vulnerabilities: list[str]
    name: str
    age: str
    sex: str
    reason: str
    commune: str
    place: str
    where: str
    holder: str
    mine: bool
    waited: float
    target: int | None
    callback_due: bool
    called_again: bool
    evaluated: bool  # by a nurse, and no doctor has read it yet

    @property
    def overdue(self) -> bool:
        return self.target is not None and self.waited > self.target

    @property
    def red_flag(self) -> bool:
        return self.priority == "P0"

    @property
    def marks(self) -> list[tuple[str, str, bool]]:
        """(words, icon, emphasised) of each sign beside the name."""
        signs = [(sections.VULNERABILITIES.get(flag, flag), "", False) for flag in self.vulnerabilities]
        if self.evaluated:
            signs.append(("évaluation à lire", "message", True))
        if self.called_again:
            signs.append(("a rappelé", "phone", False))
        if self.callback_due:
            signs.append(("à rappeler", "phone", True))
        return signs

    @property
    def words(self) -> str:
        """Why, where, and what is planned, in one line."""
        said = [self.reason or "Motif non dit", self.commune]
        if self.callback_due_at:
            said.append(f"rappel à {localtime(self.callback_due_at):%H:%M}")
        if self.step not in (Step.AMU, Step.SNP):
            said.append(self.where.lower())
        return ", ".join(filter(None, said))


@dataclass(frozen=True, slots=True)
class Tally:
    total: int
    waiting: int
    late: int


def tally(*, by: Actor, at: datetime, desk: str = "") -> Tally:
    """How many files a list holds, how many wait for somebody now, how many of these beyond their target."""
    rows = _counted(_desk(by, desk))(sas=by.sas.pk, user=by.user.pk, at=at)
    free = [row for row in rows if row[3] is None]
    targets = parameters(by.sas, at)
    return Tally(
        total=len(rows),
        waiting=sum(due is None or due <= at for *_, due in free),
        late=sum(_is_late(step, priority, since, targets, at) for step, priority, since, *_ in free),
    )


def _is_late(step: str, priority: str, since: datetime, targets: Mapping[str, Any], at: datetime) -> bool:
    target = target_of(step, priority, targets)
    return target is not None and (at - since).total_seconds() > target


def _desk(by: Actor, desk: str) -> str:
    if not rules.can_read(by) and not rules.can_see_room(by):
        raise Refusal("Votre rôle n’a pas de liste de dossiers.", code="forbidden")
    return desk or DESKS.get(by.role, "arm" if rules.can_qualify(by) else "room")


def worklist(*, by: Actor, at: datetime, desk: str = "", most: int | None = None) -> list[Row]:
    """By priority, then waiting time. `desk` is the role's own unless another is named.

    With `most`, no more rows than that are read: those that this person holds first, then the most urgent.
    """
    ordered = _ordered(_desk(by, desk), most)(sas=by.sas.pk, user=by.user.pk, at=at)
    targets, today = parameters(by.sas, at), at.astimezone(ZoneInfo(by.sas.zone)).date()
    return [_row(columns, by=by, at=at, today=today, targets=targets) for columns in ordered]


# What decides that a file is in a list, besides the SAS: the person, the instant.
DEPENDS: dict[str, dict[str, type]] = {
    "arm": {"user": int, "at": datetime},
    "amu": {"user": int},
    "snp": {"user": int},
    "osnp": {},
    "room": {},
}


@cache
def _counted(desk: str) -> Written[Any]:
    columns = ("step", "priority", "waiting_since", "claimed_by", "callback_due_at")
    return Written(lambda sas, **held: _files(desk, sas, **held).values_list(*columns), sas=int, **_depends(desk))


@cache
def _ordered(desk: str, most: int | None) -> Written[Any]:
    """Of the longest lists, the first rows: those that this person holds, then the most urgent."""
    order = ("priority", "waiting_since", "pk")
    again = CallContact.objects.filter(case=OuterRef("pk"), direction="in", started_at__gt=OuterRef("waiting_since"))
    evaluated = NurseReport.objects.filter(evaluation__request__case_number=OuterRef("number"), reading=None)

    def all_rows(sas: int, **held: Any) -> QuerySet[CaseFile, Any]:
        marked = _files(desk, sas, **held).annotate(called_again=Exists(again), evaluated=Exists(evaluated))
        return marked.order_by(*order).values_list(*COLUMNS)

    def first_rows(sas: int, user: int, **held: Any) -> QuerySet[CaseFile, Any]:
        own_first = Case(When(claimed_by=user, then=0), default=1)
        return all_rows(sas, user=user, **held).order_by(own_first, *order)[:most]

    if most is None:
        return Written(all_rows, sas=int, **_depends(desk))
    return Written(first_rows, sas=int, **{"user": int} | _depends(desk))


def _depends(desk: str) -> dict[str, type]:
    if desk not in DEPENDS:
        raise Refusal("Cette liste n’existe pas.", code="unknown_desk")
    return DEPENDS[desk]


def _files(desk: str, sas: int, **held: Any) -> QuerySet[CaseFile]:
    return CaseFile.objects.filter(_belongs(desk, **held), sas=sas)


def _belongs(desk: str, user: int = 0, at: datetime | None = None) -> Q:
    mine = Q(claimed_by=user) & LIVE
    match desk:
        case "arm":
            to_call = Q(callback_due_at__lte=at) & LIVE
            return Q(step=Step.ARM) | (Q(opened_by=user) & LIVE) | to_call | mine
        case "amu":
            return Q(step=Step.AMU) | mine
        case "snp":
            return Q(step=Step.SNP) | mine
        case "osnp":
            return Q(step=Step.OSNP)
        case _:
            return LIVE


def _row(columns: tuple[Any, ...], *, by: Actor, at: datetime, today: date, targets: Mapping[str, Any]) -> Row:
    """Tuples, not model instances: a crisis is read by thirty desks at once."""
    (
        number, step, stream, priority, since, snp_deadline, due, hung_up_at, holder_id, address, commune_text,
        commune, reason, vulnerabilities, used, family, given, sex, born, months, declared_on, *named, again, evaluated,
    ) = columns  # fmt: skip
    holder = " ".join(filter(None, named))
    return Row(
        number=number,
        step=step,
        stream=stream,
        priority=priority,
        waiting_since=since,
        snp_deadline=snp_deadline,
        callback_due_at=due,
        vulnerabilities=vulnerabilities,
        name=name_words(used_name=used, family_name=family, given_name=given),
        age=age_from(birth_date=born, age_months=months, age_declared_on=declared_on, on=today),
        sex=sex,
        reason=reason,
        commune=commune or commune_text or address,
        place=", ".join(filter(None, [address, commune or commune_text])),
        where=_where(step, holder, hung_up=hung_up_at is not None),
        holder=holder,
        mine=holder_id == by.user.pk,
        waited=(at - since).total_seconds(),
        target=target_of(step, priority, targets),
        callback_due=due is not None and due <= at,
        called_again=again,
        evaluated=evaluated,
    )


def _where(step: str, holder: str, *, hung_up: bool) -> str:
    if hung_up:
        return "Appelant raccroché, à rappeler"
    if holder and step in (Step.AMU, Step.SNP):
        return f"{holder} a le dossier"
    if holder and step == Step.ARM:
        return f"{holder} au téléphone"
    return Step(step).label


def target_of(step: str, priority: str, targets: Mapping[str, Any]) -> int | None:
    """A P0 has no patience at all: its target is the SAS's, zero by default."""
    if step in (Step.AMU, Step.SNP):
        seconds: int | None = targets.get(f"target_{step}_{priority.lower()}_seconds")
        return seconds
    return targets.get(f"target_{step}_seconds")


def target_seconds(sas: Sas, step: str, priority: str, *, at: datetime) -> int | None:
    return target_of(step, priority, parameters(sas, at))


@dataclass(frozen=True, slots=True)
class StepCount:
    step: str
    label: str
    waiting: int
    claimed: int
    p0: int
    oldest: datetime | None
    overdue: int


@dataclass(frozen=True, slots=True)
class RoomSummary:
    steps: list[StepCount]
    callbacks_due: int

    @property
    def total(self) -> int:
        return sum(step.waiting + step.claimed for step in self.steps)


def room(*, by: Actor, at: datetime) -> RoomSummary:
    """How many wait at each step, since when, and how many past their target."""
    if not rules.can_see_room(by) and not rules.can_read(by):
        raise Refusal("Votre rôle ne voit pas la salle.", code="forbidden")
    files, targets = LIVE_FILES(sas=by.sas.pk), parameters(by.sas, at)
    steps = [
        _count(step, [file for file in files if file[0] == step], at=at, targets=targets)
        for step in (Step.ARM, Step.AMU, Step.SNP, Step.OSNP, Step.FOLLOW_UP)
    ]
    return RoomSummary(steps, sum(due is not None and due <= at for *_, due in files))


LIVE_FILES = Written(
    lambda sas: CaseFile.objects.filter(LIVE, sas=sas).values_list(
        "step", "priority", "waiting_since", "claimed_by", "callback_due_at"
    ),
    sas=int,
)


def _count(step: Step, files: list[Any], *, at: datetime, targets: Mapping[str, Any]) -> StepCount:
    free = [(priority, since) for _, priority, since, holder, _ in files if holder is None]
    return StepCount(
        step=step,
        label=step.label,
        waiting=len(free),
        claimed=len(files) - len(free),
        p0=sum(priority == "P0" for _, priority, *_ in files),
        oldest=min((since for _, since in free), default=None),
        overdue=sum(_is_late(step, priority, since, targets, at) for priority, since in free),
    )
