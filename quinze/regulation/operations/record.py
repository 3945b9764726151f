"""What every operation does: lock the file, append a line, tell the open desks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.base.at_once import AtOnce
from quinze.base.errors import NotFound, Refusal
from quinze.base.live import publish
from quinze.base.written import Written
from quinze.regulation.models import CaseEvent, CaseFile, Step
from quinze.regulation.queries.cases import SHOWN

UNKNOWN = "Ce dossier n’existe pas dans votre SAS."


LOADED = Written(lambda case: CaseFile.objects.select_related(*SHOWN, "sas").filter(pk=case), case=int)
LOCK = "SELECT id FROM regulation_casefile WHERE id = %s AND sas_id = %s FOR UPDATE"


def loaded(pk: int) -> CaseFile:
    (case,) = LOADED(case=pk)
    return case


def locked(case: CaseFile, *, by: Actor) -> CaseFile:
    """The file as it is now, kept for this transaction. Another SAS's file is not told from an absent one.

    Locked first, read after: a join in the locking query would show its holder as it was before the wait.
    """
    _check_in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [case.pk, by.sas.pk])
        if cursor.fetchone() is None:
            raise NotFound(UNKNOWN, code="not_found")
    return loaded(case.pk)


def _check_in_transaction() -> None:
    if connection.get_autocommit():
        raise TransactionManagementError("a lock taken outside a transaction holds nothing")


def locked_open(case: CaseFile, *, by: Actor) -> CaseFile:
    """The same, refusing a file that is now part of another."""
    found = locked(case, by=by)
    if found.merged_into is not None:
        raise Refusal(
            f"Ce dossier a été joint au dossier {found.merged_into.number} : ouvrez celui-là.",
            code="merged",
            into=found.merged_into.number,
        )
    return found


def locked_all(query: QuerySet[CaseFile]) -> list[CaseFile]:
    """Several files, always locked in the same order."""
    return list(query.select_for_update().order_by("pk"))


def line(case: CaseFile, *, by: Actor | None, at: datetime, kind: str, text: str, **data: Any) -> CaseEvent:
    """A line of the chronology that is not written yet."""
    user = by.user.pk if by else None
    return CaseEvent(case_id=case.pk, at=at, kind=kind, by_id=user, role=by.role if by else "", text=text, data=data)


def write(
    case: CaseFile,
    *names: str,
    lines: Iterable[CaseEvent],
    at: datetime,
    also: tuple[str, ...] = (),
    readers_only: bool = False,
) -> None:
    """These columns of a locked file, the lines that say why, and what the desks hear, in one exchange."""
    act = AtOnce("given AS (SELECT)")
    if names:
        act.update(case, *names)
    for each in lines:
        act.insert(each)
    act.publish(**(telling_readers(case, at=at) if readers_only else telling(case, at=at, also=also)))
    act.write()


def append(case: CaseFile, *, by: Actor | None, at: datetime, kind: str, text: str, **data: Any) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case, at=at, kind=kind, by=by.user if by else None, role=by.role if by else "", text=text, data=data
    )


def append_as(case: CaseFile, *, user: User | None, at: datetime, kind: str, text: str, **data: Any) -> CaseEvent:
    """A line caused elsewhere, by somebody whose role is not ours to say."""
    return CaseEvent.objects.create(case=case, at=at, kind=kind, by=user, text=text, data=data)


def tell(case: CaseFile, *, at: datetime, also: tuple[str, ...] = ()) -> None:
    """A list hears of its own files only: thirty desks do not read again for each word that one of them writes."""
    publish(**telling(case, at=at, also=also))


def telling(case: CaseFile, *, at: datetime, also: tuple[str, ...] = ()) -> dict[str, Any]:
    """The arguments of `publish`: which desks hear of this file, those of the list that it leaves included."""
    lists = {case.step, case.step_was or case.step}
    desks = {user for user in (case.opened_by_id, case.claimed_by_id) if user}
    topics = {"worklist", f"case:{case.number}", *also, *(f"list:{s}" for s in lists), *(f"desk:{u}" for u in desks)}
    if case.callback_due_at or case.had_callback:
        topics.add("callbacks")
    return {"sas_id": case.sas_id, "topics": sorted(topics), "at": at, "subject": f"case:{case.number}"}


def tell_readers(case: CaseFile, *, at: datetime) -> None:
    """Words that no list shows: only those who have the file open hear of them."""
    publish(**telling_readers(case, at=at))


def telling_readers(case: CaseFile, *, at: datetime) -> dict[str, Any]:
    return {"sas_id": case.sas_id, "topics": [f"case:{case.number}"], "at": at, "subject": f"case:{case.number}"}


def allow(allowed: bool, message: str) -> None:  # noqa: FBT001
    if not allowed:
        raise Refusal(message, code="forbidden")


def required(text: str, *, field: str, message: str) -> str:
    if not text.strip():
        raise Refusal(message, field=field, code="required")
    return text.strip()


def free(case: CaseFile) -> None:
    case.claimed_by = case.claimed_at = None


def hold(case: CaseFile, *, user: User, at: datetime) -> None:
    case.claimed_by, case.claimed_at = user, at


def send_to(case: CaseFile, *, stream: str) -> None:
    """Into the doctors' list of that stream, whoever held it before."""
    case.stream = stream
    case.step = Step.SNP if stream == "SNP" else Step.AMU
    free(case)
