"""What the case file makes of an orientation: a line of its chronology, and whose turn it is now."""

from quinze.accounts.models import User
from quinze.base.events import subscribe
from quinze.orientation.events import OrientationEvent
from quinze.orientation.models import OrientationRequest
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.operations.closing import back_to_work, end, live_requests
from quinze.regulation.operations.record import append_as, tell
from quinze.regulation.operations.routing import flag

# Steps of the machine, or already told by the operation that caused them.
SILENT = frozenset({"requested", "held", "hold_expired", "hold_released"})
ORIENTATION_STEPS = (Step.OSNP, Step.FOLLOW_UP, Step.CLOSED)
WAITING = (OrientationRequest.Status.WAITING, OrientationRequest.Status.TAKEN)
SEEN = "Toutes les décisions ont leur issue : dossier achevé."


def hear(event: OrientationEvent) -> None:
    case = _case_of(event)
    if case is None or event.kind in SILENT:
        return
    user = User.objects.filter(pk=event.by_id).first() if event.by_id else None
    if event.kind == "red_flag":
        flag(case, by=None, at=event.at, user=user, text=event.text)
        return
    append_as(case, user=user, at=event.at, kind=f"orientation.{event.kind}"[:24], text=event.text, **event.data)
    _move(case, event)
    tell(case, at=event.at)


def _case_of(event: OrientationEvent) -> CaseFile | None:
    """The file that asked, or the one it is now part of."""
    files = CaseFile.objects.select_for_update().filter(sas_id=event.sas_id)
    case = files.filter(number=event.case_number).first()
    while case is not None and case.merged_into_id is not None:
        case = files.get(pk=case.merged_into_id)
    return case


def _move(case: CaseFile, event: OrientationEvent) -> None:
    """A file that a doctor holds again stays with the doctor, whatever happens to the appointment."""
    if event.kind == "returned":
        back_to_work(case, by=None, at=event.at, text="Rendu au médecin par l’OSNP.")
    elif event.kind != "withdrawn" and case.step in ORIENTATION_STEPS and case.state in ("ACTIF", "ACHEVE", "VALIDE"):
        _settle(case, event)


def _settle(case: CaseFile, event: OrientationEvent) -> None:
    live = set(live_requests(case).values_list("status", flat=True))
    if live & set(WAITING):
        _step(case, Step.OSNP, event)
    elif live:
        _step(case, Step.FOLLOW_UP, event)
    elif case.step != Step.CLOSED:
        end(case, by=None, at=event.at, text=SEEN)


def _step(case: CaseFile, step: Step, event: OrientationEvent) -> None:
    if case.step == step:
        return
    if step == Step.OSNP:
        case.waiting_since = event.at
    case.step, case.state, case.closed_at = step, "ACTIF", None
    case.save(update_fields=["step", "state", "closed_at", "waiting_since"])


def register() -> None:
    subscribe(OrientationEvent, hear)
