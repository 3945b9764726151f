from datetime import datetime, timedelta

from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Duty
from quinze.accounts.roles import Role
from quinze.base.codes import fold
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.written import Written
from quinze.orientation.models import OrientationRequest
from quinze.orientation.operations.evaluating import ask_assistance, ask_evaluation
from quinze.orientation.operations.requests import create_request
from quinze.regulation import decisions, rules, sections
from quinze.regulation.attribution import regulated
from quinze.regulation.models import CaseFile, Decision, Step
from quinze.regulation.operations.claims import refuse_if_held
from quinze.regulation.operations.closing import back_to_work, check_reopenable, live_requests
from quinze.regulation.operations.record import allow, free, hold, line, locked_open, write

# What a decision may change of its file.
FOLLOWED = (
    "stream", "step", "claimed_by", "claimed_at", "waiting_since", "attribution", "care_level", "callback_due_at",
    "callback_reason",
)  # fmt: skip


@transaction.atomic
def decide(case: CaseFile, *, by: Actor, at: datetime, details: decisions.Details, care_level: str = "") -> Decision:
    """One more decision for the person. None is ever edited: a change of mind is another decision."""
    case = locked_open(case, by=by)
    allow(rules.can_decide(by), "Seul un médecin régulateur décide.")
    refuse_if_held(case, by=by)
    details.check()
    _check_care_level(care_level)
    _take_up(case, by=by, at=at)
    request = _ask_osnp(case, details, by=by, at=at)
    decision = Decision.objects.create(
        case=case,
        patient=case.patient,
        at=at,
        by=by.user,
        role=by.role,
        nature=details.nature,
        details=decisions.to_json(details),
        care_level=care_level,
        orientation_request=request,
    )
    _follow(case, decision, by=by, at=at)
    level = f" Niveau {care_level}." if care_level else ""
    said = line(case, by=by, at=at, kind="decision", text=f"{details.sentence()}{level}", nature=details.nature,
                decision=decision.pk)  # fmt: skip
    write(case, *FOLLOWED, lines=[said], at=at, also=("requests",) if request else ())
    return decision


def _check_care_level(code: str) -> None:
    if code and code not in sections.CARE_LEVELS:
        raise Refusal("Le niveau de soin est R1, R2, R3 ou R4.", field="care_level")


def _take_up(case: CaseFile, *, by: Actor, at: datetime) -> None:
    """A decision brings an achieved file back to life, and the doctor who decides is the one who holds it."""
    if case.step == Step.CLOSED:
        check_reopenable(case)
        back_to_work(case, by=by, at=at, text="Dossier rouvert pour une nouvelle décision.")
    case.stream = case.stream or rules.STREAM_OF_ROLE.get(by.role, "AMU")
    if case.step == Step.ARM:
        case.step = Step.SNP if case.stream == "SNP" else Step.AMU
    if case.claimed_by_id is None and case.step in (Step.AMU, Step.SNP):
        hold(case, user=by.user, at=at)


def _ask_osnp(case: CaseFile, details: decisions.Details, *, by: Actor, at: datetime) -> OrientationRequest | None:
    if not isinstance(details, decisions.Orientation) or not details.to_city_care:
        return None
    same = live_requests(case).filter(profession=details.profession, specialty=details.specialty)
    if same.exists():
        raise Refusal("L’OSNP a déjà cette demande : retirez-la avant d’en faire une autre.", code="already_asked")
    person, commune = case.patient, case.commune
    with refuse_violations():
        request = create_request(
            sas=case.sas,
            case_number=case.number,
            patient=person,
            by=by,
            at=at,
            priority=case.priority,
            profession=details.profession,
            specialty=details.specialty,
            modalities=details.modalities,
            deadline=at + timedelta(hours=details.within_hours),
            limit_at=case.snp_deadline or at + timedelta(hours=48),
            instruction=details.instruction,
            care=details.asked_of_nurse,
            callback_phone=case.callback_phone or case.caller_number,
            contact_name=case.caller_name,
            email=person.email,
            address=case.address,
            commune=commune,
            lat=case.lat if case.lat is not None or commune is None else commune.lat,
            lon=case.lon if case.lon is not None or commune is None else commune.lon,
            language=person.language,
            needs_wheelchair="fauteuil" in fold(case.transport),
            mobility=case.transport[:40],
            vulnerabilities=case.vulnerabilities,
        )
        if details.evaluate:
            ask_evaluation(request=request, question=details.evaluate)
        if details.assisted:
            ask_assistance(request=request, doctor=details.assisted_by, join=details.assisted_join, by=by)
        return request


def _follow(case: CaseFile, decision: Decision, *, by: Actor, at: datetime) -> None:
    case.attribution = regulated(
        role=by.role, stream=case.stream, snp_doctor_on_duty=by.role == Role.REGULATEUR_SNP or _on_duty(by, at=at)
    )
    case.care_level = decision.care_level or case.care_level
    case.callback_due_at, case.callback_reason = None, ""
    if decision.orientation_request is not None:
        case.step, case.waiting_since = Step.OSNP, at
        free(case)


SNP_DUTY = Written(
    lambda sas, at: Duty.objects.filter(sas_id=sas, role=Role.REGULATEUR_SNP, during__contains=at).values_list("pk")[
        :1
    ],
    sas=int,
    at=datetime,
)


def _on_duty(by: Actor, *, at: datetime) -> bool:
    return bool(SNP_DUTY(sas=by.sas.pk, at=at))
