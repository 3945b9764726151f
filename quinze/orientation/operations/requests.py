from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.at_once import AtOnce
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Conflict, Refusal
from quinze.base.written import Written
from quinze.directory.models import Commune, Structure
from quinze.orientation.models import Booking, OrientationRequest, ReferringAttempt
from quinze.orientation.operations.journal import Told, record, tell, telling
from quinze.orientation.operations.locks import lock_next_waiting, lock_request, lock_slots
from quinze.orientation.operations.seats import let_go
from quinze.orientation.queries.calendar import zone_of
from quinze.orientation.queries.doctors import absence_of
from quinze.orientation.queries.requests import OPEN, live_booking
from quinze.orientation.referring import referring_for
from quinze.orientation.sentences import moment, until
from quinze.patients.models import Patient

Status = OrientationRequest.Status
Result = ReferringAttempt.Result
ATTEMPTED = Written(
    lambda request: ReferringAttempt.objects.filter(request_id=request).values_list("pk", flat=True)[:1], request=int
)
CONTACT_FIELDS = (
    "callback_phone",
    "contact_name",
    "email",
    "reminder_channel",
    "address",
    "commune",
    "lat",
    "lon",
    "language",
    "needs_wheelchair",
    "mobility",
)


def create_request(
    *,
    sas: Sas,
    case_number: str,
    patient: Patient,
    priority: str,
    deadline: datetime,
    limit_at: datetime,
    by: Actor,
    at: datetime,
    profession: str = "10",
    specialty: str = "SM54",
    modalities: Iterable[str] = ("AMB",),
    instruction: str = "",
    care: str = "",
    callback_phone: str = "",
    contact_name: str = "",
    email: str = "",
    address: str = "",
    commune: Commune | None = None,
    lat: float | None = None,
    lon: float | None = None,
    language: str = "",
    needs_wheelchair: bool = False,
    mobility: str = "",
    vulnerabilities: Iterable[str] = (),
    emergency: Structure | None = None,
    decided_by: str = "",
) -> OrientationRequest:
    """`emergency`: the department that reorients the person, and `decided_by` its doctor; for a call, neither."""
    if deadline <= at:
        raise Refusal("L’échéance est déjà passée : donnez une heure à venir.", field="deadline")
    with refuse_violations():
        request = OrientationRequest.objects.create(
            sas=sas,
            case_number=case_number,
            patient=patient,
            requested_by=by.user,
            requested_by_role=by.role,
            requested_at=at,
            waiting_since=at,
            priority=priority,
            profession=profession,
            specialty=specialty,
            modalities=list(modalities),
            deadline=deadline,
            limit_at=limit_at,
            instruction=instruction,
            care=care,
            callback_phone=callback_phone or patient.phone,
            contact_name=contact_name,
            email=email or patient.email,
            address=address,
            commune=commune,
            lat=lat,
            lon=lon,
            language=language or patient.language,
            needs_wheelchair=needs_wheelchair,
            mobility=mobility,
            vulnerabilities=list(vulnerabilities),
            emergency=emergency,
            decided_by=decided_by,
        )
        asked = f"Réorientation décidée par {decided_by} ({emergency})" if emergency else "Orientation demandée"
        text = f"{asked}, à voir avant {moment(deadline, zone_of(request))}"
        record(request=request, kind="requested", text=text, by=by, at=at)
    return request


def claim_next(*, sas: Sas, by: Actor, at: datetime) -> OrientationRequest | None:
    """The most pressing request that nobody has; two OSNP asking at once get two different ones."""
    with transaction.atomic():
        chosen = lock_next_waiting(sas.pk)
        return _take(chosen, by=by, at=at) if chosen else None


def claim(*, request: OrientationRequest, by: Actor, at: datetime, version: int | None = None) -> OrientationRequest:
    """Takes one request, or says who has it. Taking over from a colleague is open to the whole desk, and written."""
    with transaction.atomic():
        locked = lock_request(request.pk)
        if locked.status == Status.TAKEN and locked.taken_by_id == by.user.pk:
            return locked
        if locked.status != Status.WAITING or (version is not None and version != locked.version):
            raise _not_waiting(locked)
        return _take(locked, by=by, at=at)


def _not_waiting(request: OrientationRequest) -> Conflict:
    holder = request.taken_by
    if request.status == Status.TAKEN and holder:
        return Conflict(f"{holder} s’occupe déjà de cette demande : prenez la suivante.", code="taken", who=str(holder))
    if request.status == Status.WAITING:
        return Conflict("La demande vient de changer : relisez-la avant de la prendre.", code="changed")
    return Conflict(f"Cette demande est {request.get_status_display()} : elle n’attend plus.", code="not_waiting")


def _take(request: OrientationRequest, *, by: Actor, at: datetime) -> OrientationRequest:
    act = _change(request, Status.TAKEN, taken_by=by.user, taken_at=at)
    facts = [telling(request=request, kind="taken", text=f"Demande prise par {by.name}", by=by, at=at)]
    if noted := _noted_by_itself(request, by, at):
        act.insert(noted.attempt)
        facts.append(noted.told)
    tell(*facts, after=act)
    return request


def release(*, request: OrientationRequest, by: Actor, at: datetime) -> OrientationRequest:
    with transaction.atomic():
        locked = _open(request)
        if locked.status == Status.WAITING:
            return locked
        text = f"Demande rendue à la liste par {by.name}"
        told = telling(request=locked, kind="released", text=text, by=by, at=at)
        tell(told, after=_change(locked, Status.WAITING, taken_by=None, taken_at=None))
    return locked


def log_referring_attempt(
    *, request: OrientationRequest, result: str, by: Actor, at: datetime, note: str = ""
) -> ReferringAttempt:
    """What came of trying the referring doctor: one key of the OSNP (REG-07)."""
    kind = referring_for(request.profession)
    doctor = kind.of(request.patient)
    attempt = ReferringAttempt(
        request=request, professional=doctor, result=Result(result), at=at, by=by.user, note=note
    )
    name = str(doctor) if doctor else kind.text_of(request.patient) or "non déclaré"
    return _write(_noted(attempt, f"{kind.words.capitalize()} ({name}) : {Result(result).label}", by))


def record_referring_absence(*, request: OrientationRequest, by: Actor | None, at: datetime) -> ReferringAttempt | None:
    """Nobody calls a doctor who declared being away: the attempt is written from the absence, once."""
    noted = _noted_by_itself(request, by, at)
    return _write(noted) if noted else None


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of trying the referring doctor, and how it is told; not written yet."""

    attempt: ReferringAttempt
    told: Told


def _noted_by_itself(request: OrientationRequest, by: Actor | None, at: datetime) -> Noted | None:
    kind = referring_for(request.profession)
    doctor = kind.of(request.patient)
    if ATTEMPTED(request=request.pk):
        return None
    if doctor is None:
        return None if kind.text_of(request.patient) else _nobody_to_try(request, by, at)
    absence = absence_of(doctor, at=at)
    if absence is None:
        return None
    away = until(absence.during.upper, zone_of(request))
    attempt = ReferringAttempt(
        request=request, professional=doctor, result=Result.AWAY, automatic=True, at=at, note=away
    )
    return _noted(attempt, f"{kind.words.capitalize()} ({doctor}) : absence déclarée, {away}", by)


def _nobody_to_try(request: OrientationRequest, by: Actor | None, at: datetime) -> Noted:
    attempt = ReferringAttempt(request=request, result=Result.UNKNOWN, automatic=True, at=at)
    return _noted(attempt, referring_for(request.profession).nobody, by)


def _noted(attempt: ReferringAttempt, text: str, by: Actor | None) -> Noted:
    data = {"result": attempt.result, "automatic": attempt.automatic}
    if attempt.note and not attempt.automatic:
        text = f"{text} ({attempt.note})"
    told = telling(request=attempt.request, kind="referring_attempt", text=text, by=by, at=attempt.at, data=data)
    return Noted(attempt, told)


def _write(noted: Noted) -> ReferringAttempt:
    with transaction.atomic():
        noted.attempt.save()
        tell(noted.told)
    return noted.attempt


def give_back(*, request: OrientationRequest, reason: str, by: Actor, at: datetime) -> OrientationRequest:
    """To the doctor who asked, with what prevented it."""
    return _end(request, Status.RETURNED, "returned", f"Demande rendue au médecin : {_required(reason)}", by=by, at=at)


def close_without_booking(*, request: OrientationRequest, reason: str, by: Actor, at: datetime) -> OrientationRequest:
    return _end(request, Status.CLOSED, "closed", f"Demande close sans rendez-vous : {_required(reason)}", by=by, at=at)


def withdraw(*, request: OrientationRequest, reason: str, by: Actor, at: datetime) -> OrientationRequest:
    """By the doctor: the person needs something else, or nothing any more."""
    return _end(request, Status.WITHDRAWN, "withdrawn", f"Demande retirée : {_required(reason)}", by=by, at=at)


def red_flag(*, request: OrientationRequest, by: Actor, at: datetime, note: str = "") -> OrientationRequest:
    """The red button: the request leaves the desk; regulation hears it in this same transaction and makes it a P0."""
    if request.emergency_id is not None:
        raise Refusal(
            "Cette demande vient des urgences et n’a pas de dossier de régulation : passez l’appel à un ARM du 15.",
            code="no_case",
        )
    text = f"Bouton rouge de {by.name} : alerte au médecin AMU" + (f" ({note})" if note else "")
    return _end(request, Status.RETURNED, "red_flag", text, by=by, at=at, even_closed=True)


def _required(reason: str) -> str:
    if not reason.strip():
        raise Refusal("Dites pourquoi, en quelques mots.", field="reason")
    return reason.strip()


def _end(
    request: OrientationRequest,
    status: Status,
    kind: str,
    text: str,
    *,
    by: Actor,
    at: datetime,
    even_closed: bool = False,
) -> OrientationRequest:
    with transaction.atomic():
        locked = lock_request(request.pk)
        if not even_closed:
            _require_open(locked)
        _let_hold_go(locked, by=by, at=at)
        told = telling(request=locked, kind=kind, text=text, by=by, at=at)
        tell(told, after=_change(locked, status, closed_at=at, taken_by=None, taken_at=None))
    return locked


def _let_hold_go(request: OrientationRequest, *, by: Actor, at: datetime) -> None:
    """Slots before bookings, as everywhere; what is read before its slot is locked may have run out meanwhile."""
    live = live_booking(request)
    if live is None or live.status != Booking.Status.HELD:
        return
    lock_slots([live.slot_id])
    live.refresh_from_db(fields=["status"])
    if live.status == Booking.Status.HELD:
        let_go(live, Booking.Status.RELEASED, by=by, at=at)


def update_contact(
    *, request: OrientationRequest, version: int, by: Actor, at: datetime, **values: object
) -> OrientationRequest:
    """Administrative completion by the OSNP. Someone else's change is shown, never overwritten."""
    unknown = values.keys() - set(CONTACT_FIELDS)
    if unknown:
        raise TypeError(f"not contact fields: {', '.join(sorted(unknown))}")
    with refuse_violations():
        locked = lock_request(request.pk)
        if locked.version != version:
            current = {name: getattr(locked, name) for name in CONTACT_FIELDS}
            raise Conflict(
                "La demande a changé pendant votre saisie : comparez et choisissez.", code="changed", current=current
            )
        for name, value in values.items():
            setattr(locked, name, value)
        locked.version += 1
        locked.save(update_fields=[*values, "version"])
        record(request=locked, kind="contact_updated", text="Coordonnées complétées par l’OSNP", by=by, at=at)
    return locked


def reopen(request: OrientationRequest, *, by: Actor | None, at: datetime, text: str) -> None:
    """After a lost appointment: back in the list while the deadline allows. The request is already locked."""
    change = _change(request, Status.WAITING, taken_by=None, taken_at=None, closed_at=None, waiting_since=at)
    tell(telling(request=request, kind="reopened", text=text, by=by, at=at), after=change)


def back_in_list(request: OrientationRequest, *, told: Told, at: datetime) -> None:
    """What its holder was waiting for will not come: anybody of the desk may go on with it, where it stood in the list.

    The request is already locked. Its holder keeps it where a seat is held for the person at this instant.
    """
    held = live_booking(request)
    if request.status != Status.TAKEN or (held and (held.hold_expires_at is None or held.hold_expires_at > at)):
        return tell(told)
    return tell(told, after=_change(request, Status.WAITING, taken_by=None, taken_at=None))


def mark_booked(request: OrientationRequest) -> None:
    """The request is already locked, and the booking tells."""
    _change(request, Status.BOOKED).write()


def mark_over(request: OrientationRequest, *, by: Actor | None, at: datetime, text: str = "") -> None:
    """Nothing more is expected of the OSNP. The request is already locked."""
    told = [telling(request=request, kind="closed", text=text, by=by, at=at)] if text else []
    tell(*told, after=_change(request, Status.CLOSED, closed_at=at))


def _open(request: OrientationRequest) -> OrientationRequest:
    locked = lock_request(request.pk)
    _require_open(locked)
    return locked


def _require_open(request: OrientationRequest) -> None:
    if request.status not in OPEN:
        raise Conflict(f"Cette demande est {request.get_status_display()} : rechargez la page.", code="not_open")


def _change(request: OrientationRequest, status: Status, **values: object) -> AtOnce:
    """Not written yet: what it means is told in the same statement."""
    request.status = status
    for name, value in values.items():
        setattr(request, name, value)
    request.version += 1
    act = AtOnce("given AS (SELECT)")
    act.update(request, "status", "version", *values)
    return act


def raise_priority(*, request: OrientationRequest, priority: str, by: Actor, at: datetime) -> None:
    """The doctor changed the priority of the file; the list of the OSNP follows."""
    changed = OrientationRequest.objects.filter(pk=request.pk).exclude(priority=priority)
    if changed.update(priority=priority, version=F("version") + 1):
        record(request=request, kind="priority", text=f"Priorité de la demande : {priority}", by=by, at=at)
