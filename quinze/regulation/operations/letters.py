"""A prescription or an advice letter, as a PDF that will never change. What people typed is data, never markup."""

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from django.conf import settings
from django.db import transaction

from quinze.accounts.actor import Actor
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Professional
from quinze.patients.models import Patient
from quinze.patients.queries import age_words, display_name
from quinze.regulation import decisions, rules
from quinze.regulation.models import Decision, Letter
from quinze.regulation.operations.record import UNKNOWN, allow, append, tell_readers

TEMPLATE = Path(__file__).parents[1] / "letters" / "letter.typ"
KINDS = {"PMT": "prescription", "CONSEIL": "advice"}
SEXES = {"M": "masculin", "F": "féminin", "O": "autre", "UN": ""}


@transaction.atomic
def make_letter(decision: Decision, *, by: Actor, at: datetime, kind: str = "") -> Letter:
    if decision.case.sas_id != by.sas.pk:
        raise NotFound(UNKNOWN, code="not_found")
    allow(rules.can_decide(by), "Seul un médecin régulateur fait une lettre.")
    kind = kind or KINDS.get(decision.nature, "")
    if kind not in KINDS.values() or KINDS.get(decision.nature) != kind:
        raise Refusal("Une lettre se fait à partir d’un conseil ou d’une ordonnance.", field="kind")
    pdf = render(content(decision, kind=kind, at=at))
    letter = Letter.objects.create(
        case=decision.case, decision=decision, kind=kind, at=at, by=by.user, pdf=pdf, sha256=sha256(pdf).hexdigest()
    )
    text = f"{letter.get_kind_display().capitalize()} en PDF, empreinte {letter.sha256[:8]}."
    append(decision.case, by=by, at=at, kind="letter", text=text, letter=letter.pk, sha256=letter.sha256)
    tell_readers(decision.case, at=at)
    return letter


def render(data: dict[str, Any]) -> bytes:
    pdf: bytes = typst.compile(str(TEMPLATE), sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return pdf


def content(decision: Decision, *, kind: str, at: datetime) -> dict[str, Any]:
    case, person = decision.case, decision.patient
    local = at.astimezone(ZoneInfo(case.sas.zone))
    return {
        "kind": kind,
        "title": "Ordonnance par téléphone" if kind == "prescription" else "Conseils médicaux",
        "sas": case.sas.name,
        "sas_code": case.sas.code,
        "number": case.number,
        "day": f"{local:%d/%m/%Y}",
        "time": f"{local:%H:%M}",
        "doctor": str(decision.by),
        "doctor_role": "médecin régulateur",
        "person": display_name(person),
        "rpps": Professional.objects.filter(account=decision.by).values_list("rpps", flat=True).first() or "",
        "facts": _facts(person, at=local),
        "identity": Patient.Identity(person.identity).label,
        "demo": "DÉMONSTRATION" if settings.QUINZE_DEMO else "",
        **_body(decisions.parse(decision.nature, decision.details)),
    }


def _facts(person: Patient, *, at: datetime) -> str:
    age = age_words(person, on=at.date())
    born = {"M": "né", "F": "née"}.get(person.sex, "né(e)")
    birth = f"{born} le {person.birth_date:%d/%m/%Y} ({age})" if person.birth_date else age
    sex = f"sexe {SEXES[person.sex]}" if SEXES.get(person.sex) else ""
    return ", ".join(filter(None, (birth, sex)))


def _body(details: decisions.Details) -> dict[str, Any]:
    if isinstance(details, decisions.Prescription):
        drugs = [
            {"name": drug.name, "use": ", ".join(filter(None, (drug.dosage, drug.duration)))} for drug in details.drugs
        ]
        return {"drugs": drugs, "pharmacy": details.pharmacy, "text": "", "recall": details.recall_signs_told}
    text = details.text if isinstance(details, decisions.Advice) else ""
    return {"drugs": [], "pharmacy": "", "text": text, "recall": True}
