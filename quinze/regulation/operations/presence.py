"""Opening a file: it is recorded for ever that it was read, and shown for a minute that somebody is there."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound
from quinze.base.live import publish
from quinze.base.written import Written
from quinze.patients.operations import record_access
from quinze.regulation import queries
from quinze.regulation.models import CaseFile, Letter, Presence

SEEN = Written(
    lambda case, user, after: Presence.objects.filter(case_id=case, user_id=user, seen_at__gt=after).values_list("pk"),
    case=int,
    user=int,
    after=datetime,
)
STILL_HERE = """
UPDATE regulation_presence SET seen_at = %s WHERE case_id = %s AND user_id = %s AND seen_at >= %s"""
# True when this person was not there: the row is new, or its last sign of life is old.
ENTER = """
WITH was AS (SELECT FROM regulation_presence WHERE case_id = %(case)s AND user_id = %(user)s AND seen_at >= %(after)s)
INSERT INTO regulation_presence AS here (case_id, user_id, role, since, seen_at)
VALUES (%(case)s, %(user)s, %(role)s, %(at)s, %(at)s)
ON CONFLICT ON CONSTRAINT presence_once DO UPDATE SET role = EXCLUDED.role, seen_at = EXCLUDED.seen_at,
    since = CASE WHEN here.seen_at < %(after)s THEN EXCLUDED.since ELSE here.since END
RETURNING NOT EXISTS (SELECT FROM was)"""


@transaction.atomic
def open_for_reading(number: str, *, by: Actor, at: datetime, why: str = "ouvert") -> CaseFile:
    case = queries.case(number, by=by)
    record_access(by=by, at=at, kind="case_file", reference=case.number, patient=case.patient, why=why)
    _enter(case, by=by, at=at)
    return case


def follow_reading(number: str, *, by: Actor, at: datetime) -> CaseFile:
    """A part of a file fetched by a page already open. Without an open page it is a reading, and written as one."""
    case = queries.case(number, by=by)
    if SEEN(case=case.pk, user=by.user.pk, after=at - queries.GONE_AFTER):
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
    _enter(case, by=by, at=at)


def _enter(case: CaseFile, *, by: Actor, at: datetime) -> None:
    values: dict[str, Any] = {
        "case": case.pk,
        "user": by.user.pk,
        "role": by.role,
        "at": at,
        "after": at - queries.GONE_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(ENTER, values)
        arrived = cursor.fetchone()[0]
    if arrived:
        _tell(case, at=at)


def heartbeat(case: CaseFile, *, by: Actor, at: datetime) -> None:
    """Still here. A heartbeat after a long silence is an arrival."""
    with connection.cursor() as cursor:
        cursor.execute(STILL_HERE, [at, case.pk, by.user.pk, at - queries.GONE_AFTER])
        still = cursor.rowcount
    if not still:
        enter_case(case, by=by, at=at)


@transaction.atomic
def leave(case: CaseFile, *, by: Actor, at: datetime) -> None:
    gone, _ = Presence.objects.filter(case=case, user=by.user).delete()
    if gone:
        _tell(case, at=at)


def _tell(case: CaseFile, *, at: datetime) -> None:
    """Only those who have the file open care who else does."""
    publish(sas_id=case.sas_id, topics=[f"case:{case.number}"], at=at, subject=f"presence:{case.number}")
