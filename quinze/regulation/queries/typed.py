"""Reads that follow what somebody is typing."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from quinze.accounts.actor import Actor
from quinze.base import phones
from quinze.base.codes import fold
from quinze.base.errors import Refusal
from quinze.patients import births
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


def as_typed(case: CaseFile, *, by: Actor, at: datetime) -> CaseFile:
    """The file as its typist sees it: drafts on top, nothing saved. Only for looking for similar files."""
    today = at.astimezone(ZoneInfo(case.sas.zone)).date()
    for draft in Draft.objects.filter(case=case, user=by.user):
        for name, value in draft.values.items():
            _overlay(case, name, value, today=today)
    case.patient.search_name = fold(f"{case.patient.family_name} {case.patient.given_name}".strip())
    return case


def _overlay(case: CaseFile, name: str, value: object, *, today: date) -> None:
    text = str(value or "").strip()
    match name:
        case "callback_phone" | "caller_number":
            setattr(case, name, _phone(text))
        case "address":
            case.address = text
        case "commune":
            case.commune_id = text or None
        case "lat" | "lon":
            setattr(case, name, _number(text))
        case "family_name" | "given_name":
            setattr(case.patient, name, text)
        case "birth":
            case.patient.birth_date = _birth(text, today=today)


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


def _birth(text: str, *, today: date) -> date | None:
    try:
        return births.parse(text, on=today).day
    except Refusal:
        return None
