"""The lists of the desks: one query for the rows, one for the targets, whatever the size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, When

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.directory.queries import parameters
from quinze.patients.queries import age_words, display_name
from quinze.regulation import rules
from quinze.regulation.models import CallContact, CaseFile, Step

DESKS = {Role.OSNP: "osnp", Role.REGULATEUR_AMU: "amu", Role.REGULATEUR_SNP: "snp", Role.ARM: "arm"}
LIVE = Q(step__in=[Step.ARM, Step.AMU, Step.SNP, Step.OSNP, Step.FOLLOW_UP])

OWN = (
    "number", "sas", "opened_at", "opened_by", "step", "stream", "priority", "care_level", "state", "waiting_since",
    "snp_deadline", "callback_due_at", "callback_reason", "hung_up_at", "red_flag_at", "claimed_by", "claimed_at",
    "caller_name", "callback_phone", "address", "commune", "commune_text", "reason_code", "reason_label",
    "vulnerabilities", "patient", "closed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    case: CaseFile
    name: str
    age: str
    reason: str
    commune: str
    where: str
    holder: str
    mine: bool
    waited: float
    target: int | None
    callback_due: bool
    called_again: bool

    @property
    def number(self) -> str:
        return self.case.number

    @property
    def priority(self) -> str:
        return self.case.priority

    @property
    def waiting_since(self) -> datetime:
        return self.case.waiting_since

    @property
    def overdue(self) -> bool:
        return self.target is not None and self.waited > self.target

    @property
    def step(self) -> str:
        return self.case.step

    @property
    def stream(self) -> str:
        return self.case.stream

    @property
    def sex(self) -> str:
        return self.case.patient.sex

    @property
    def vulnerabilities(self) -> list[str]:
        return self.case.vulnerabilities

    @property
    def red_flag(self) -> bool:
        return self.case.priority == "P0"

    @property
    def callback_due_at(self) -> datetime | None:
        return self.case.callback_due_at

    @property
    def snp_deadline(self) -> datetime | None:
        return self.case.snp_deadline


@dataclass(frozen=True, slots=True)
class Tally:
    total: int
    waiting: int
    late: int


def tally(*, by: Actor, at: datetime, desk: str = "") -> Tally:
    """How many files a list holds, how many wait for somebody now, how many of these beyond their target."""
    free = Q(claimed_by=None)
    files = CaseFile.objects.filter(_belongs(_desk(by, desk), by, at), sas=by.sas)
    counted = files.aggregate(
        total=Count("pk"),
        waiting=Count("pk", filter=free & (Q(callback_due_at=None) | Q(callback_due_at__lte=at))),
        late=Count("pk", filter=free & _beyond_target(parameters(by.sas, at), at=at)),
    )
    return Tally(**counted)


def _beyond_target(targets: Mapping[str, Any], *, at: datetime) -> Q:
    late = Q(pk=None)
    for step in (Step.ARM, Step.AMU, Step.SNP, Step.OSNP):
        for priority in ("P0", "P1", "P2", "P3"):
            target = target_of(step, priority, targets)
            if target is not None:
                late |= Q(step=step, priority=priority, waiting_since__lt=at - timedelta(seconds=target))
    return late


def _desk(by: Actor, desk: str) -> str:
    if not rules.can_read(by) and not rules.can_see_room(by):
        raise Refusal("Votre rôle n’a pas de liste de dossiers.", code="forbidden")
    return desk or DESKS.get(by.role, "arm" if rules.can_qualify(by) else "room")


def worklist(*, by: Actor, at: datetime, desk: str = "", most: int | None = None) -> list[Row]:
    """By priority, then waiting time. `desk` is the role's own unless another is named.

    With `most`, no more rows than that are read: those that this person holds first, then the most urgent.
    """
    desk = _desk(by, desk)
    again = CallContact.objects.filter(case=OuterRef("pk"), direction="in", started_at__gt=OuterRef("waiting_since"))
    files = _light(CaseFile.objects.filter(_belongs(desk, by, at), sas=by.sas)).annotate(called_again=Exists(again))
    targets, today = parameters(by.sas, at), at.astimezone(ZoneInfo(by.sas.zone)).date()
    ordered = files.order_by("priority", "waiting_since", "pk")
    if most is not None:
        own_first = Case(When(claimed_by=by.user, then=0), default=1)
        ordered = files.order_by(own_first, "priority", "waiting_since", "pk")[:most]
    return [_row(file, by=by, at=at, today=today, targets=targets) for file in ordered]


def _light(files: QuerySet[CaseFile]) -> QuerySet[CaseFile]:
    """A list of five hundred files reads what its rows show; the rest is loaded if a page asks for it."""
    shown = ("used_name", "family_name", "given_name", "birth_date", "age_months", "age_declared_on", "sex")
    return files.select_related("patient", "commune", "claimed_by").only(
        *OWN,
        *(f"patient__{name}" for name in shown),
        "commune__name",
        *(f"claimed_by__{name}" for name in ("title", "given_name", "family_name")),
    )


def _belongs(desk: str, by: Actor, at: datetime) -> Q:
    mine = Q(claimed_by=by.user) & LIVE
    match desk:
        case "arm":
            to_call = Q(callback_due_at__lte=at) & LIVE
            return Q(step=Step.ARM) | (Q(opened_by=by.user) & LIVE) | to_call | mine
        case "amu":
            return Q(step=Step.AMU) | mine
        case "snp":
            return Q(step=Step.SNP) | mine
        case "osnp":
            return Q(step=Step.OSNP)
        case "room":
            return LIVE
        case _:
            raise Refusal("Cette liste n’existe pas.", code="unknown_desk")


def _row(file: CaseFile, *, by: Actor, at: datetime, today: date, targets: Mapping[str, Any]) -> Row:
    holder = str(file.claimed_by) if file.claimed_by else ""
    due = file.callback_due_at
    return Row(
        case=file,
        name=display_name(file.patient),
        age=age_words(file.patient, on=today),
        reason=file.reason_label,
        commune=file.commune.name if file.commune else file.commune_text or file.address,
        where=_where(file, holder),
        holder=holder,
        mine=file.claimed_by_id == by.user.pk,
        waited=(at - file.waiting_since).total_seconds(),
        target=target_of(file.step, file.priority, targets),
        callback_due=due is not None and due <= at,
        called_again=bool(getattr(file, "called_again", False)),
    )


def _where(file: CaseFile, holder: str) -> str:
    if file.hung_up_at:
        return "Appelant raccroché, à rappeler"
    if holder and file.step in (Step.AMU, Step.SNP):
        return f"{holder} a le dossier"
    if holder and file.step == Step.ARM:
        return f"{holder} au téléphone"
    return Step(file.step).label


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
    files = CaseFile.objects.filter(LIVE, sas=by.sas)
    counts = _by_step_and_priority(files)
    overdue = _overdue(files, at=at, targets=parameters(by.sas, at))
    steps = [_count(step, counts, overdue) for step in (Step.ARM, Step.AMU, Step.SNP, Step.OSNP, Step.FOLLOW_UP)]
    return RoomSummary(steps, files.filter(callback_due_at__lte=at).count())


def _by_step_and_priority(files: QuerySet[CaseFile]) -> list[dict[str, Any]]:
    free = Q(claimed_by=None)
    rows = files.values("step", "priority").annotate(
        waiting=Count("pk", filter=free), claimed=Count("pk", filter=~free), oldest=Min("waiting_since", filter=free)
    )
    return [dict(row) for row in rows]


def _overdue(files: QuerySet[CaseFile], *, at: datetime, targets: Mapping[str, Any]) -> dict[str, int]:
    late: dict[str, int] = {}
    rows = files.filter(claimed_by=None).values_list(F("step"), F("priority"), F("waiting_since"))
    for step, priority, since in rows:
        target = target_of(step, priority, targets)
        if target is not None and (at - since).total_seconds() > target:
            late[step] = late.get(step, 0) + 1
    return late


def _count(step: Step, counts: list[dict[str, Any]], overdue: Mapping[str, int]) -> StepCount:
    mine = [row for row in counts if row["step"] == step]
    return StepCount(
        step=step,
        label=step.label,
        waiting=sum(row["waiting"] for row in mine),
        claimed=sum(row["claimed"] for row in mine),
        p0=sum(row["waiting"] + row["claimed"] for row in mine if row["priority"] == "P0"),
        oldest=min((row["oldest"] for row in mine if row["oldest"]), default=None),
        overdue=overdue.get(step, 0),
    )
