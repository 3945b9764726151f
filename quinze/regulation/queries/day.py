"""The room now and the day so far: real rows counted, nothing estimated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from quinze.accounts.actor import Actor
from quinze.accounts.models import Duty
from quinze.accounts.queries import open_duties
from quinze.accounts.roles import FROM_PLATFORM_ONLY, Role
from quinze.accounts.shifts import LONGEST_DUTY
from quinze.base.errors import Refusal
from quinze.base.written import Written
from quinze.directory.queries import parameters
from quinze.orientation.models import Booking, OrientationRequest
from quinze.patients.queries import name_words
from quinze.regulation import rules
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.queries.worklists import LIVE, StepCount, room, target_of

P0_PATIENCE = 60
LONGEST_FILE = timedelta(days=92)  # an older file is filed away: it can no longer be closed today
BOOKED = ("booked", "confirmed", "fulfilled", "no_show", "cancelled", "moved")
FIGURES = (
    "Dossiers ouverts",
    "Dossiers clos",
    "Orientations demandées",
    "Rendez-vous trouvés",
    "Patients vus",
    "Patients non venus",
)
QUEUES = {
    "arm": "ARM",
    "amu": "Médecin AMU",
    "snp": "Médecin SNP",
    "osnp": "OSNP",
    "follow_up": "Rendez-vous pris",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that nobody holds, against its target."""

    number: str
    step: str
    priority: str
    since: datetime
    target: int | None
    waited: float
    name: str

    @property
    def late(self) -> float:
        return self.waited - self.target if self.target is not None else float("-inf")


@dataclass(frozen=True, slots=True)
class Queue:
    label: str
    count: StepCount
    worst: Waiting | None


@dataclass(frozen=True, slots=True)
class AtPost:
    user: Any
    role: str
    since: datetime
    held: list[str]


@dataclass(frozen=True, slots=True)
class Room:
    queues: list[Queue]
    p0: list[Waiting]
    callbacks_due: int
    posts: list[tuple[str, list[AtPost]]]
    figures: list[tuple[str, int]]
    midnight: datetime

    @property
    def people(self) -> int:
        return sum(len(people) for _, people in self.posts)

    @property
    def late(self) -> list[Queue]:
        return [queue for queue in self.queues if queue.count.overdue]


def room_now(*, by: Actor, at: datetime) -> Room:
    if not rules.can_see_room(by):
        raise Refusal("Votre rôle ne voit pas la salle.", code="forbidden")
    summary, waiting = room(by=by, at=at), _waiting(by=by, at=at)
    midnight = at.astimezone(ZoneInfo(by.sas.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Room(
        queues=[Queue(QUEUES[count.step], count, _worst(waiting, count.step)) for count in summary.steps],
        p0=[file for file in waiting if file.priority == "P0" and file.waited > P0_PATIENCE],
        callbacks_due=summary.callbacks_due,
        posts=_posts(by=by, at=at),
        figures=_figures(by, start=midnight, end=at),
        midnight=midnight,
    )


def _waiting(*, by: Actor, at: datetime) -> list[Waiting]:
    """Tuples, not model instances: the wall reads hundreds of files at each change."""
    targets = parameters(by.sas, at)
    return [
        Waiting(
            number=number,
            step=step,
            priority=priority,
            since=since,
            target=target_of(step, priority, targets),
            waited=(at - since).total_seconds(),
            name=name_words(used_name=used, family_name=family, given_name=given),
        )
        for number, step, priority, since, used, family, given in UNHELD(sas=by.sas.pk)
    ]


UNHELD = Written(
    lambda sas: (
        CaseFile.objects.filter(LIVE, sas=sas, claimed_by=None)
        .exclude(step=Step.FOLLOW_UP)
        .order_by("waiting_since", "pk")
        .values_list(
            "number", "step", "priority", "waiting_since", "patient__used_name", "patient__family_name",
            "patient__given_name",
        )
    ),
    sas=int,
)  # fmt: skip


def _worst(waiting: list[Waiting], step: str) -> Waiting | None:
    """The one most past its target, or nearest to it."""
    return max((file for file in waiting if file.step == step), key=lambda file: file.late, default=None)


def _posts(*, by: Actor, at: datetime) -> list[tuple[str, list[AtPost]]]:
    """Who is at work by role, since when, with which files."""
    held = _held(by)
    posts: dict[str, list[AtPost]] = {}
    for duty in AT_POST(sas=by.sas.pk, at=at, begun_after=at - LONGEST_DUTY):
        posts.setdefault(duty.role, []).append(_at_post(duty, held))
    order = list(Role.values)
    return [(Role(role).label, posts[role]) for role in sorted(posts, key=order.index)]


AT_POST = Written(
    lambda sas, at, begun_after: (
        open_duties(at, begun_after=begun_after)
        .filter(sas=sas)
        .exclude(role=FROM_PLATFORM_ONLY)  # a visitor
        .select_related("user")
        .order_by("user__family_name", "pk")
    ),
    sas=int,
    at=datetime,
    begun_after=datetime,
)


def _at_post(duty: Duty, held: Mapping[int | None, list[str]]) -> AtPost:
    return AtPost(duty.user, duty.role, duty.during.lower, held.get(duty.user_id, []))


def _held(by: Actor) -> dict[int | None, list[str]]:
    held: dict[int | None, list[str]] = {}
    for user, number in [*FILES_HELD(sas=by.sas.pk), *REQUESTS_HELD(sas=by.sas.pk)]:
        held.setdefault(user, []).append(number)
    return held


FILES_HELD = Written(
    lambda sas: (
        CaseFile.objects.filter(LIVE, sas=sas)
        .exclude(claimed_by=None)
        .order_by("claimed_at")
        .values_list("claimed_by", "number")
    ),
    sas=int,
)
REQUESTS_HELD = Written(
    lambda sas: (
        OrientationRequest.objects.filter(sas=sas, status="taken")
        .order_by("taken_at")
        .values_list("taken_by", "case_number")
    ),
    sas=int,
)


def _figures(by: Actor, *, start: datetime, end: datetime) -> list[tuple[str, int]]:
    today = {"sas": by.sas.pk, "start": start, "end": end, "oldest": start - LONGEST_FILE}
    counts = [count for asked in (FILES_TODAY, REQUESTS_TODAY, OUTCOMES_TODAY) for count in _only(asked(**today))]
    return list(zip(FIGURES, counts, strict=True))


def _only(rows: list[tuple[int, int]]) -> tuple[int, int]:
    """The counts of the SAS; a SAS without a row has done nothing."""
    return rows[0] if rows else (0, 0)


def _appointments() -> QuerySet[Booking]:
    return Booking.objects.filter(request=OuterRef("pk"), status__in=BOOKED)


def _counts(rows: QuerySet[Any], **counts: Count) -> QuerySet[Any, Any]:
    counted: QuerySet[Any, Any] = rows.order_by().values("sas").annotate(**counts).values_list(*counts)
    return counted


TODAY: dict[str, type] = {"sas": int, "start": datetime, "end": datetime}
FILES_TODAY = Written(
    lambda sas, start, end, oldest: _counts(
        CaseFile.objects.filter(sas=sas, opened_at__gte=oldest),
        opened=Count("pk", filter=Q(opened_at__range=(start, end))),
        closed=Count("pk", filter=Q(closed_at__range=(start, end))),
    ),
    **TODAY,
    oldest=datetime,
)
REQUESTS_TODAY = Written(
    lambda sas, start, end: _counts(
        OrientationRequest.objects.filter(sas=sas, requested_at__range=(start, end)),
        asked=Count("pk"),
        booked=Count("pk", filter=Exists(_appointments())),
    ),
    **TODAY,
)
OUTCOMES_TODAY = Written(
    lambda sas, start, end: _counts(
        Booking.objects.filter(sas=sas, status_at__range=(start, end)),
        seen=Count("pk", filter=Q(status="fulfilled")),
        missed=Count("pk", filter=Q(status="no_show")),
    ),
    **TODAY,
)
