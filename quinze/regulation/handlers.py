"""What the case file makes of an orientation: a line of its chronology, and whose turn it is now."""

from typing import Any

from quinze.accounts.models import User
from quinze.base.at_once import AtOnce, prepared
from quinze.base.events import Beforehand, subscribe
from quinze.base.rows import fresh
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import NurseReport, OrientationRequest
from quinze.orientation.queries.evaluations import is_awaited
from quinze.regulation.models import CaseEvent, CaseFile, Step
from quinze.regulation.operations.closing import LIVE, back_to_work, end
from quinze.regulation.operations.record import append_as, loaded, tell, telling
from quinze.regulation.operations.routing import flag

# Steps of the machine, or already told by the operation that caused them.
SILENT = frozenset({"requested", "held", "hold_expired", "hold_released"})
ORIENTATION_STEPS = (Step.OSNP, Step.FOLLOW_UP, Step.CLOSED)
WAITING = (OrientationRequest.Status.WAITING, OrientationRequest.Status.TAKEN)
# What a booking reads of its file. Whoever needs more loads the file, which is locked.
READ = {"id", "number", "sas", "step", "state", "waiting_since", "opened_by", "claimed_by", "closed_at",
        "callback_due_at", "merged_into"}  # fmt: skip
COLUMNS = tuple(field.attname for field in CaseFile._meta.concrete_fields if field.name in READ)
LOCK = f"SELECT {', '.join(COLUMNS)} FROM regulation_casefile"  # noqa: S608  (constants only)
FILE = Beforehand(
    "file",
    (*COLUMNS, "xmin::text"),
    "regulation_casefile WHERE number = request.case_number AND sas_id = request.sas_id",
)
READ_ONLY = f"SELECT {', '.join(FILE.columns)} FROM regulation_casefile WHERE number = %s AND sas_id = %s"  # noqa: S608
# The file as it was read, and no other request of it or of a file joined to it: who makes one changes the file's row.
ALONE = """
SELECT id FROM regulation_casefile
WHERE id = %s AND xmin = %s::xid AND EXISTS (SELECT FROM PREVIOUS)
    AND NOT EXISTS (SELECT FROM regulation_casefile WHERE merged_into_id = %s)
    AND NOT EXISTS (
        SELECT FROM orientation_orientationrequest WHERE case_number = %s AND id <> %s AND status = ANY (%s::varchar[]))
FOR NO KEY UPDATE"""
LIVE_REQUESTS = """
SELECT status FROM orientation_orientationrequest
WHERE sas_id = %s AND status = ANY (%s::varchar[]) AND case_number = ANY (ARRAY(
    SELECT %s::varchar UNION ALL SELECT number FROM regulation_casefile WHERE merged_into_id = %s))"""
TO_COLLECT = "Personne vue, évaluation de l’infirmier pas encore écrite : à recueillir auprès de lui."
SEEN = "Toutes les décisions ont leur issue : dossier achevé."


def join(event: OrientationEvent, act: AtOnce) -> bool:
    """An appointment given to the only live request of a file that waits for it: nearly all of them."""
    if event.kind in SILENT:
        return True
    if event.kind != "booked":
        return False
    found = act.known[FILE.name] if FILE.name in act.known else _found(event)
    if not found:
        return True
    case, version = CaseFile.from_db("default", COLUMNS, found[:-1]), found[-1]
    if case.merged_into_id is not None or not _follows(case) or case.step == Step.CLOSED:
        return False
    act.require(ALONE, case.pk, version, case.pk, case.number, event.data["request_id"], list(LIVE))
    _written(act, case, event, Step.FOLLOW_UP)
    return True


def _found(event: OrientationEvent) -> tuple[Any, ...]:
    rows = prepared(READ_ONLY, (event.case_number, event.sas_id))
    return rows[0] if rows else ()


def hear(event: OrientationEvent) -> None:
    if event.kind in SILENT:
        return
    case = _case_of(event)
    if case is None:
        return
    if event.kind == "red_flag":
        flag(loaded(case.pk), by=None, at=event.at, user=_user_of(event), text=event.text)
        return
    if event.kind == "evaluated":
        _evaluated(case, event)
        return
    if event.kind not in ("returned", "withdrawn", "evaluation_read") and _follows(case):
        _follow(case, event)
        return
    append_as(case, user=_user_of(event), at=event.at, kind=_kind(event), text=event.text, **event.data)
    if event.kind == "returned":
        back_to_work(loaded(case.pk), by=None, at=event.at, text="Rendu au médecin par l’OSNP.")
    else:
        tell(case, at=event.at)


def _evaluated(case: CaseFile, event: OrientationEvent) -> None:
    """The nurse's words, in the file and nowhere else; it is a doctor's turn, unless one already has it."""
    report = NurseReport.objects.get(pk=event.data["report_id"])
    text = f"Évaluation de l’infirmier : {report.sentence}"
    append_as(case, user=_user_of(event), at=event.at, kind=_kind(event), text=text, **event.data)
    if case.step in (Step.AMU, Step.SNP):
        tell(case, at=event.at)
    else:
        back_to_work(loaded(case.pk), by=None, at=event.at, text="Évaluation de l’infirmier à lire par un médecin.")


def _user_of(event: OrientationEvent) -> User | None:
    return User.objects.filter(pk=event.by_id).first() if event.by_id else None


def _kind(event: OrientationEvent) -> str:
    return f"orientation.{event.kind}"[:24]


def _case_of(event: OrientationEvent) -> CaseFile | None:
    """The file that asked, or the one it is now part of, locked."""
    case = _locked("number", event.case_number, event.sas_id)
    while case is not None and case.merged_into_id is not None:
        case = _locked("id", case.merged_into_id, event.sas_id)
    return case


def _locked(column: str, value: str | int, sas_id: int) -> CaseFile | None:
    """With what the handler reads; an ORM query would build sixty fields, at each booking of the country."""
    rows = prepared(f"{LOCK} WHERE {column} = %s AND sas_id = %s FOR UPDATE", (value, sas_id))
    return CaseFile.from_db("default", COLUMNS, rows[0]) if rows else None


def _follows(case: CaseFile) -> bool:
    """A file that a doctor holds again stays with the doctor, whatever happens to the appointment."""
    return case.step in ORIENTATION_STEPS and case.state in ("ACTIF", "ACHEVE", "VALIDE")


def _follow(case: CaseFile, event: OrientationEvent) -> None:
    live = {status for (status,) in prepared(LIVE_REQUESTS, (case.sas_id, list(LIVE), case.number, case.pk))}
    act = AtOnce("given AS (SELECT)")
    if live or case.step == Step.CLOSED:
        step = (Step.OSNP if live & set(WAITING) else Step.FOLLOW_UP) if live else None
        _written(act, case, event, step)
        act.write()
        return
    act.insert(_line(case, event))
    act.write()
    if event.kind == "fulfilled" and is_awaited(event.data["request_id"]):
        back_to_work(loaded(case.pk), by=None, at=event.at, text=TO_COLLECT)
        return
    end(loaded(case.pk), by=None, at=event.at, text=SEEN)


def _written(act: AtOnce, case: CaseFile, event: OrientationEvent, step: Step | None) -> None:
    """The line of the chronology, the step of the file and what the desks hear, in one statement."""
    act.insert(_line(case, event))
    if step is not None and _step(case, step, event):
        act.update(case, "step", "state", "closed_at", "waiting_since")
    act.publish(**telling(case, at=event.at))


def _line(case: CaseFile, event: OrientationEvent) -> CaseEvent:
    """Nothing is written yet."""
    return fresh(
        CaseEvent, case_id=case.pk, at=event.at, kind=_kind(event), by_id=event.by_id, text=event.text, data=event.data
    )


def _step(case: CaseFile, step: Step, event: OrientationEvent) -> bool:
    if case.step == step:
        return False
    if step == Step.OSNP:
        case.waiting_since = event.at
    case.step, case.state, case.closed_at = step, "ACTIF", None
    return True


def register() -> None:
    subscribe(OrientationEvent, hear, join=join, reads=FILE)
