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
from quinze.accounts.roles import Role
from quinze.base.errors import Refusal
from quinze.directory.queries import parameters
from quinze.orientation.models import Booking, OrientationRequest
from quinze.patients.queries import name_words
from quinze.regulation import rules
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.queries.worklists import LIVE, StepCount, room, target_of

P0_PATIENCE = 60
LONGEST_FILE = timedelta(days=92)  # an older file is filed away: it can no longer be closed today
BOOKED = ("booked", "confirmed", "fulfilled", "no_show", "cancelled", "moved")
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
    files = CaseFile.objects.filter(LIVE, sas=by.sas, claimed_by=None).exclude(step=Step.FOLLOW_UP)
    columns = files.order_by("waiting_since", "pk").values_list(
        "number", "step", "priority", "waiting_since", "patient__used_name", "patient__family_name",
        "patient__given_name",
    )  # fmt: skip
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
        for number, step, priority, since, used, family, given in columns
    ]


def _worst(waiting: list[Waiting], step: str) -> Waiting | None:
    """The one most past its target, or nearest to it."""
    return max((file for file in waiting if file.step == step), key=lambda file: file.late, default=None)


def _posts(*, by: Actor, at: datetime) -> list[tuple[str, list[AtPost]]]:
    """Who is at work by role, since when, with which files."""
    duties = open_duties(at).filter(sas=by.sas).select_related("user").order_by("user__family_name", "pk")
    held = _held(by)
    posts: dict[str, list[AtPost]] = {}
    for duty in duties:
        posts.setdefault(duty.role, []).append(_at_post(duty, held))
    order = list(Role.values)
    return [(Role(role).label, posts[role]) for role in sorted(posts, key=order.index)]


def _at_post(duty: Duty, held: Mapping[int | None, list[str]]) -> AtPost:
    return AtPost(duty.user, duty.role, duty.during.lower, held.get(duty.user_id, []))


def _held(by: Actor) -> dict[int | None, list[str]]:
    files = CaseFile.objects.filter(LIVE, sas=by.sas).exclude(claimed_by=None)
    asked = OrientationRequest.objects.filter(sas=by.sas, status="taken")
    held: dict[int | None, list[str]] = {}
    for user, number in [
        *files.order_by("claimed_at").values_list("claimed_by", "number"),
        *asked.order_by("taken_at").values_list("taken_by", "case_number"),
    ]:
        held.setdefault(user, []).append(number)
    return held


def _figures(by: Actor, *, start: datetime, end: datetime) -> list[tuple[str, int]]:
    today = (start, end)
    files = CaseFile.objects.filter(sas=by.sas, opened_at__gte=start - LONGEST_FILE).aggregate(
        opened=Count("pk", filter=Q(opened_at__range=today)), closed=Count("pk", filter=Q(closed_at__range=today))
    )
    asked = OrientationRequest.objects.filter(sas=by.sas, requested_at__range=today).aggregate(
        asked=Count("pk"), booked=Count("pk", filter=Exists(_appointments()))
    )
    outcomes = Booking.objects.filter(sas=by.sas, status_at__range=today).aggregate(
        seen=Count("pk", filter=Q(status="fulfilled")), missed=Count("pk", filter=Q(status="no_show"))
    )
    return [
        ("Dossiers ouverts", files["opened"]),
        ("Dossiers clos", files["closed"]),
        ("Orientations demandées", asked["asked"]),
        ("Rendez-vous trouvés", asked["booked"]),
        ("Patients vus", outcomes["seen"]),
        ("Patients non venus", outcomes["missed"]),
    ]


def _appointments() -> QuerySet[Booking]:
    return Booking.objects.filter(request=OuterRef("pk"), status__in=BOOKED)
