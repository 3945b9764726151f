"""Opening a file: it is recorded for ever that it was read, and shown for a minute that somebody is there."""

from datetime import datetime

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound
from quinze.base.live import publish
from quinze.patients.operations import record_access
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Letter, Presence


@transaction.atomic
def open_for_reading(number: str, *, by: Actor, at: datetime, why: str = "ouvert") -> CaseFile:
    case = queries.case(number, by=by)
    record_access(by=by, at=at, kind="case_file", reference=case.number, patient=case.patient, why=why)
    enter_case(case, by=by, at=at)
    return case


def follow_reading(number: str, *, by: Actor, at: datetime) -> CaseFile:
    """A part of a file fetched by a page already open. Without an open page it is a reading, and written as one."""
    case = queries.case(number, by=by)
    if Presence.objects.filter(case=case, user=by.user, seen_at__gt=at - queries.GONE_AFTER).exists():
        return case
    return open_for_reading(number, by=by, at=at, why="suivi en direct")


@transaction.atomic
def open_for_letter(pk: int, *, number: str, by: Actor, at: datetime) -> Letter:
    """A letter is read like a file: the reading is written down before a byte leaves."""
    letter = queries.letter(pk, by=by)
    if letter.case.number != number:
        raise NotFound("Cette lettre n’est pas de ce dossier.", code="not_found")
    record_access(
        by=by, at=at, kind="letter", reference=str(letter.pk), patient=letter.decision.patient, why="lettre ouverte"
    )
    return letter


@transaction.atomic
def enter_case(case: CaseFile, *, by: Actor, at: datetime) -> None:
    queries.check_owner(case, by=by)
    presence, arrived = Presence.objects.get_or_create(
        case=case, user=by.user, defaults={"role": by.role, "since": at, "seen_at": at}
    )
    if not arrived:
        arrived = at - presence.seen_at > queries.GONE_AFTER
        presence.role, presence.seen_at = by.role, at
        presence.since = at if arrived else presence.since
        presence.save()
    if arrived:
        _tell(case, at=at)


def heartbeat(case: CaseFile, *, by: Actor, at: datetime) -> None:
    """Still here. A heartbeat after a long silence is an arrival."""
    recent = Presence.objects.filter(case=case, user=by.user, seen_at__gte=at - queries.GONE_AFTER)
    if not recent.update(seen_at=at):
        enter_case(case, by=by, at=at)


@transaction.atomic
def leave(case: CaseFile, *, by: Actor, at: datetime) -> None:
    gone, _ = Presence.objects.filter(case=case, user=by.user).delete()
    if gone:
        _tell(case, at=at)


def _tell(case: CaseFile, *, at: datetime) -> None:
    """Only those who have the file open care who else does."""
    publish(sas_id=case.sas_id, topics=[f"case:{case.number}"], at=at, subject=f"presence:{case.number}")
