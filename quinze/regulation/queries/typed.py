"""Reads that follow what somebody is typing."""

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.base import phones
from quinze.base.codes import fold
from quinze.base.errors import Refusal
from quinze.patients import births, identity
from quinze.patients.models import Patient
from quinze.regulation.models import CaseFile, Draft


def known_addresses(text: str, *, by: Actor, limit: int = 6) -> list[CaseFile]:
    """Places already called from in this SAS that hold every word typed; each address once, the latest first."""
    words = text.split()
    found = CaseFile.objects.filter(sas=by.sas).exclude(address="").select_related("commune")
    for word in words:
        found = found.filter(address__icontains=word)
    once: dict[tuple[str, str | None], CaseFile] = {}
    for case in found.order_by("-opened_at")[: limit * 5] if words else ():
        once.setdefault((fold(case.address), case.commune_id), case)
    return list(once.values())[:limit]


def as_typed(case: CaseFile, *, drafts: Iterable[Draft], at: datetime) -> CaseFile:
    """The file as its typist sees it: a copy with drafts on top, never saved. For what follows the typing."""
    typed = copy(case)
    typed.patient = copy(case.patient)
    today = at.astimezone(ZoneInfo(case.sas.zone)).date()
    for draft in drafts:
        for name, value in draft.values.items():
            _overlay(typed, name, value, today=today)
    person = typed.patient
    names = f"{person.family_name} {person.used_name}".strip(), person.given_name or person.given_names
    person.search_name = identity.search_name(*names)
    return typed


def _overlay(case: CaseFile, name: str, value: object, *, today: date) -> None:
    text = str(value or "").strip()
    match name:
        case "callback_phone" | "caller_number":
            setattr(case, name, _phone(text))
        case "address" | "commune_text" | "reason_code" | "reason_label" | "priority" | "stream":
            setattr(case, name, text)
        case "commune":
            case.commune_id = text or None
        case "lat" | "lon":
            setattr(case, name, _number(text))
        case "family_name" | "used_name" | "given_name" | "given_names":
            setattr(case.patient, name, text)
        case "birth":
            _birth(case.patient, text, today=today)


def _phone(text: str) -> str:
    try:
        return phones.normalise(text)
    except Refusal:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _birth(person: Patient, text: str, *, today: date) -> None:
    try:
        birth = births.parse(text, on=today)
    except Refusal:
        return
    declared = today if birth.age_months is not None else None
    person.birth_date, person.age_months, person.age_declared_on = birth.day, birth.age_months, declared
