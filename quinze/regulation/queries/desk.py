"""What a doctor's desk shows around a file: who wrote it, who can take it, how much was decided this hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quinze.accounts.actor import Actor
from quinze.accounts.queries import people_on_duty
from quinze.availability.queries import absent_between
from quinze.directory.queries import parameter
from quinze.patients.queries import display_name
from quinze.regulation import rules
from quinze.regulation.models import CaseEvent, CaseFile, Decision, Step
from quinze.regulation.queries.cases import case_files, check_owner

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


def load(*, by: Actor, at: datetime) -> Load:
    decided = Decision.objects.filter(case__sas=by.sas, by=by.user, at__gt=at - HOUR, at__lte=at)
    return Load(decided.values("case").distinct().count(), parameter(by.sas, "hourly_load_alert", at))


def p0_waiting(*, by: Actor) -> list[tuple[str, str]]:
    """Name and place of the vital emergencies of this doctor's list that nobody holds, the oldest first."""
    step = {"AMU": Step.AMU, "SNP": Step.SNP}.get(rules.STREAM_OF_ROLE.get(by.role, ""))
    files = case_files(by=by).filter(priority="P0", step=step, claimed_by=None) if step else CaseFile.objects.none()
    return [(display_name(case.patient), _place(case)) for case in files.order_by("waiting_since", "pk")]


def _place(case: CaseFile) -> str:
    return ", ".join(filter(None, [case.address, case.commune.name if case.commune else case.commune_text]))


def colleagues(*, by: Actor, at: datetime) -> list[Actor]:
    """The other regulating doctors at their post now."""
    return [other for other in people_on_duty(by.sas, at=at) if rules.can_regulate(other) and other.user != by.user]


def reason_lines(case: CaseFile, *, by: Actor) -> list[CaseEvent]:
    """Who wrote the reason and the summary: the first line of each person, in order."""
    check_owner(case, by=by)
    lines = CaseEvent.objects.filter(case=case, kind="section", data__section="reason").select_related("by")
    first: dict[int | None, CaseEvent] = {}
    for line in lines.order_by("at", "pk"):
        first.setdefault(line.by_id, line)
    return list(first.values())


def referring_absence(case: CaseFile, *, at: datetime) -> Any:
    """The declared absence of the referring doctor that is running or begins within a week; None without one."""
    doctor = case.patient.referring_doctor_id
    if doctor is None:
        return None
    return next(iter(absent_between([doctor], at=at, until=at + ABSENCES_AHEAD).get(doctor, [])), None)
