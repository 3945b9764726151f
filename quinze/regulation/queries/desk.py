"""What a doctor's desk shows around a file: who wrote it, who can take it, how much was decided this hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models.fields.json import KeyTextTransform

from quinze.accounts.actor import Actor
from quinze.accounts.capabilities import Capability, may
from quinze.accounts.queries import open_duties
from quinze.accounts.roles import Role
from quinze.accounts.shifts import LONGEST_DUTY
from quinze.availability.queries import absent_between
from quinze.base.written import Written
from quinze.directory.queries import parameter
from quinze.patients.queries import display_name
from quinze.regulation import rules
from quinze.regulation.models import CaseEvent, CaseFile, Decision, Step
from quinze.regulation.queries.cases import check_owner

HOUR = timedelta(hours=1)
ABSENCES_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Load:
    """Files on which this doctor decided in the last hour, against the SAS's alert."""

    count: int
    alert: int

    @property
    def high(self) -> bool:
        return self.count >= self.alert


DECIDED = Written(
    lambda sas, user, since, at: (
        Decision.objects.filter(case__sas_id=sas, by_id=user, at__gt=since, at__lte=at)
        .values_list("case", flat=True)
        .distinct()
    ),
    sas=int,
    user=int,
    since=datetime,
    at=datetime,
)


def load(*, by: Actor, at: datetime) -> Load:
    decided = DECIDED(sas=by.sas.pk, user=by.user.pk, since=at - HOUR, at=at)
    return Load(len(decided), parameter(by.sas, "hourly_load_alert", at))


def p0_waiting(*, by: Actor) -> list[tuple[str, str]]:
    """Name and place of the vital emergencies of this doctor's list that nobody holds, the oldest first."""
    step = {"AMU": Step.AMU, "SNP": Step.SNP}.get(rules.STREAM_OF_ROLE.get(by.role, ""))
    files = P0_WAITING(sas=by.sas.pk, step=step.value) if step else []
    return [(display_name(case.patient), _place(case)) for case in files]


P0_WAITING = Written(
    lambda sas, step: (
        CaseFile.objects.select_related("patient", "commune")
        .filter(sas_id=sas, priority="P0", step=step, claimed_by=None)
        .order_by("waiting_since", "pk")
    ),
    sas=int,
    step=str,
)


def _place(case: CaseFile) -> str:
    return ", ".join(filter(None, [case.address, case.commune.name if case.commune else case.commune_text]))


REGULATING = tuple(role for role in Role if may(role, Capability.REGULATE_AMU) or may(role, Capability.REGULATE_SNP))
DOCTORS = Written(
    lambda sas, at, begun_after: (
        open_duties(at, begun_after=begun_after)
        .filter(sas_id=sas, role__in=REGULATING)
        .select_related("user")
        .order_by("role", "user__family_name")
    ),
    sas=int,
    at=datetime,
    begun_after=datetime,
)


def colleagues(*, by: Actor, at: datetime) -> list[Actor]:
    """The other regulating doctors at their post now."""
    duties = DOCTORS(sas=by.sas.pk, at=at, begun_after=at - LONGEST_DUTY)
    return [Actor(duty.user, Role(duty.role), by.sas) for duty in duties if duty.user_id != by.user.pk]


REASON_LINES = Written(
    lambda case: (
        CaseEvent.objects.alias(section=KeyTextTransform("section", "data"))
        .filter(case_id=case, kind="section", section="reason")
        .select_related("by")
        .order_by("at", "pk")
    ),
    case=int,
)


def reason_lines(case: CaseFile, *, by: Actor) -> list[CaseEvent]:
    """Who wrote the reason and the summary: the first line of each person, in order."""
    check_owner(case, by=by)
    first: dict[int | None, CaseEvent] = {}
    for line in REASON_LINES(case=case.pk):
        first.setdefault(line.by_id, line)
    return list(first.values())


def referring_absence(case: CaseFile, *, at: datetime) -> Any:
    """The declared absence of the referring doctor that is running or begins within a week; None without one."""
    doctor = case.patient.referring_doctor_id
    if doctor is None:
        return None
    return next(iter(absent_between([doctor], at=at, until=at + ABSENCES_AHEAD).get(doctor, [])), None)
