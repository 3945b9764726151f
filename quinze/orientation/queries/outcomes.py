"""What became of appointments, in figures. A no-show says why; it follows nobody and orders nobody."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from quinze.accounts.models import Sas
from quinze.base.written import Written
from quinze.orientation.models import Booking, NoShowCause

Status = Booking.Status
KNOWN = Written(
    lambda sas, since, until: Booking.objects.filter(
        sas_id=sas, starts_at__gte=since, starts_at__lt=until, status__in=(Status.FULFILLED, Status.NO_SHOW)
    ).values_list("status", "no_show_cause", "request__vulnerabilities"),
    sas=int,
    since=datetime,
    until=datetime,
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One period. `counted`: the patient was told, did not come, and is not flagged vulnerable."""

    seen: int
    missed: int
    by_cause: tuple[tuple[str, int], ...]
    counted: int
    spared: int  # absent, and vulnerable: shown as a number, never against the person

    @property
    def total(self) -> int:
        return self.seen + self.missed

    @property
    def share(self) -> int:
        """Percentage of patients absent, of all whose outcome is known."""
        return round(100 * self.counted / self.total) if self.total else 0


def counts_against_patient(cause: str, vulnerabilities: list[str]) -> bool:
    """The one rule: an absence is the patient's only when it is theirs, and never of somebody vulnerable."""
    return cause == NoShowCause.PATIENT and not vulnerabilities


def outcomes(*, sas: Sas, since: datetime, until: datetime) -> Outcomes:
    """One read. Causes in the order of their list, those that never happened included."""
    causes: Counter[str] = Counter()
    seen = counted = spared = 0
    for status, cause, vulnerabilities in KNOWN(sas=sas.pk, since=since, until=until):
        if status == Status.FULFILLED:
            seen += 1
            continue
        causes[cause or NoShowCause.UNKNOWN] += 1
        counted += counts_against_patient(cause, vulnerabilities)
        spared += cause == NoShowCause.PATIENT and bool(vulnerabilities)
    by_cause = tuple((str(cause.label), causes[cause]) for cause in NoShowCause)
    return Outcomes(seen, sum(causes.values()), by_cause, counted, spared)
