"""The end of a file: achevé, then validé once complete, clôturé after a day, classé after three months."""

from datetime import datetime, timedelta

from django.db import models, transaction

from quinze.accounts.actor import Actor
from quinze.base import codes
from quinze.base.errors import Refusal
from quinze.orientation.models import OrientationRequest
from quinze.orientation.queries import evaluations
from quinze.regulation import attribution, rules
from quinze.regulation.models import CaseFile, Decision, Step
from quinze.regulation.operations.record import allow, append, free, locked_open, required, tell

LIVE = (
    OrientationRequest.Status.WAITING,
    OrientationRequest.Status.TAKEN,
    OrientationRequest.Status.BOOKED,
)
REOPENABLE = ("ACTIF", "ACHEVE", "VALIDE")
CLOSED_FOR_GOOD = timedelta(hours=24)
FILED_AFTER = timedelta(days=92)


@transaction.atomic
def close(case: CaseFile, *, by: Actor, at: datetime, attribution: str = "", note: str = "") -> CaseFile:
    case = locked_open(case, by=by)
    allow(rules.can_close(by, case.step), "Ce dossier n’est pas à clore depuis votre poste.")
    if case.step == Step.CLOSED:
        return case
    if evaluations.unread(_numbers(case)):
        raise Refusal("L’évaluation de l’infirmier n’est pas lue : lisez-la avant de clore.", code="unread_evaluation")
    if rules.can_regulate(by) and not attribution:
        _check_decided(case)
    else:
        _close_without_doctor(case, attribution)
    label = codes.label("attributions", case.attribution)
    end(case, by=by, at=at, text=f"Dossier clos : {label}.{f' {note.strip()}' if note.strip() else ''}")
    return case


def _check_decided(case: CaseFile) -> None:
    if not Decision.objects.filter(case=case).exists():
        raise Refusal("Aucune décision n’est prise : décidez avant de clore.", code="undecided", field="nature")
    if live_requests(case).exists():
        raise Refusal("Une orientation est en cours : attendez son issue, ou retirez la demande.", code="orienting")


def _close_without_doctor(case: CaseFile, code: str) -> None:
    if code not in dict(attribution.CLOSING):
        raise Refusal("Dites pourquoi aucun médecin n’est nécessaire.", field="attribution", code="required")
    if case.priority == "P0":
        raise Refusal("Ce dossier est en P0 : retirez le P0 avec un motif, ou laissez le médecin le clore.", code="p0")
    case.attribution = code
    case.priority = "NR"


def end(case: CaseFile, *, by: Actor | None, at: datetime, text: str) -> None:
    """Achevé: every decision has its outcome. The list that a validated file must satisfy is looked at right away."""
    case.step, case.state, case.closed_at = Step.CLOSED, "ACHEVE", at
    case.callback_due_at = None
    free(case)
    case.save()
    append(case, by=by, at=at, kind="closed", text=text, attribution=case.attribution)
    settle_state(case, by=by, at=at)
    tell(case, at=at)


def live_requests(case: CaseFile) -> models.QuerySet[OrientationRequest]:
    return OrientationRequest.objects.filter(sas=case.sas, case_number__in=_numbers(case), status__in=LIVE)


def _numbers(case: CaseFile) -> list[str]:
    return [case.number, *case.merged.values_list("number", flat=True)]


def settle_state(case: CaseFile, *, by: Actor | None, at: datetime) -> None:
    """An achieved file that is complete is validated by itself (HubSante.etat)."""
    if case.step != Step.CLOSED or case.state != "ACHEVE" or missing_to_validate(case):
        return
    case.state = "VALIDE"
    case.save(update_fields=["state"])
    append(case, by=by, at=at, kind="validated", text="Dossier validé : il est complet.")


def missing_to_validate(case: CaseFile) -> list[str]:
    if not case.attribution.startswith("DRM"):
        return []
    person = case.patient
    found = {
        "numéro de rappel": case.callback_phone,
        "lieu": case.commune_id or case.commune_text or case.address,
        "motif": case.reason_code or case.reason_label,
        "nom": person.family_name or person.used_name,
        "naissance ou âge": person.birth_date or person.age_months is not None,
        "sexe": person.sex != "UN",
    }
    return [label for label, value in found.items() if not value]


@transaction.atomic
def reopen(case: CaseFile, *, by: Actor, at: datetime, reason: str) -> CaseFile:
    case = locked_open(case, by=by)
    allow(rules.can_redirect(by), "Seuls un ARM ou un médecin régulateur rouvrent un dossier.")
    text = required(reason, field="reason", message="Dites pourquoi ce dossier est rouvert.")
    if case.step == Step.CLOSED:
        check_reopenable(case)
        back_to_work(case, by=by, at=at, text=f"Dossier rouvert : {text}")
    return case


def refuse_if_closed(case: CaseFile) -> None:
    if case.step == Step.CLOSED:
        raise Refusal("Ce dossier est clos : rouvrez-le d’abord.", code="closed")


def check_reopenable(case: CaseFile) -> None:
    if case.state not in REOPENABLE:
        raise Refusal("Ce dossier est clôturé : ouvrez un nouveau dossier, il sera relié au patient.", code="too_old")


def back_to_work(case: CaseFile, *, by: Actor | None, at: datetime, text: str) -> None:
    """To the list it came from: its doctors' when a stream was chosen, the ARM's otherwise."""
    case.step = {"": Step.ARM, "SNP": Step.SNP}.get(case.stream, Step.AMU)
    case.state, case.closed_at, case.waiting_since = "ACTIF", None, at
    if case.priority == "NR":
        case.priority = "P2"
    free(case)
    case.save()
    append(case, by=by, at=at, kind="reopened", text=text)
    tell(case, at=at)


def send_ageing_states(*, at: datetime, batch: int = 500) -> int:
    """VALIDE → CLOTURE after a day, CLOTURE → CLASSE after three months; each file's own line says so."""
    closed = CaseFile.objects.filter(step=Step.CLOSED)
    moves = (
        (closed.filter(state="VALIDE", closed_at__lte=at - CLOSED_FOR_GOOD), "CLOTURE", "Dossier clôturé."),
        (closed.filter(state="CLOTURE", opened_at__lte=at - FILED_AFTER), "CLASSE", "Dossier classé."),
    )
    return sum(_age(files.values_list("pk", flat=True)[:batch], state, text, at=at) for files, state, text in moves)


def _age(keys: models.QuerySet[CaseFile, int], state: str, text: str, *, at: datetime) -> int:
    with transaction.atomic():
        cases = list(CaseFile.objects.filter(pk__in=list(keys)).select_for_update(skip_locked=True).order_by("pk"))
        for case in cases:
            case.state = state
            case.save(update_fields=["state"])
            append(case, by=None, at=at, kind="state", text=text)
        return len(cases)
