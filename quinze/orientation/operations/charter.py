import copy
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Upper

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base import live
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.orientation.default_charter import default_document
from quinze.orientation.models import CharterVersion
from quinze.orientation.queries.charters import charter_draft, charter_faults, charter_in_force
from quinze.orientation.rules import may_edit_charter

Status = CharterVersion.Status


def start_draft(*, sas: Sas, by: Actor, at: datetime) -> CharterVersion:
    """A copy of the charter in force, or the example for a SAS that never had one. The draft in progress, if any."""
    _require_editor(by)
    existing = charter_draft(sas=sas)
    if existing:
        return existing
    current = charter_in_force(sas=sas, at=at)
    document = copy.deepcopy(current.document) if current else default_document()
    highest: int = CharterVersion.objects.filter(sas=sas).aggregate(Max("number"))["number__max"] or 0
    with refuse_violations():
        draft = CharterVersion.objects.create(
            sas=sas,
            number=highest + 1,
            title=current.title if current else f"Charte d’adressage, {sas}",
            authors=current.authors if current else by.name,
            document=document,
            created_by=by.user,
            created_at=at,
        )
        _write_heading(draft)
        draft.save(update_fields=["document"])
        _tell(sas, at)
    return draft


def save_draft(
    *, draft: CharterVersion, title: str, authors: str, document: Any, by: Actor, at: datetime
) -> CharterVersion:
    """Keeps the draft when it is a charter; otherwise says everything that must be corrected, at once."""
    _require_editor(by)
    if not title.strip():
        raise Refusal("Donnez un titre à la charte.", field="title")
    if not authors.strip():
        raise Refusal("Dites qui a écrit cette version.", field="authors")
    if not isinstance(document, dict):
        raise Refusal("La charte est illisible : un objet JSON est attendu.", code="charter_faults", faults=[])
    with transaction.atomic():
        locked = _locked_draft(draft)
        locked.title, locked.authors, locked.document = title.strip(), authors.strip(), copy.deepcopy(document)
        _write_heading(locked)
        _require_sound(locked.document)
        locked.save(update_fields=["title", "authors", "document"])
        _tell(locked.sas, at)
    return locked


def publish(
    *, draft: CharterVersion, agreed_on: date | None, by: Actor, at: datetime, starts_at: datetime | None = None
) -> CharterVersion:
    """From that instant this version ranks, and the one before it no longer does."""
    _require_editor(by)
    start = starts_at or at
    if agreed_on is None:
        raise Refusal("Indiquez la date d’accord du comité territorial.", field="agreed_on")
    if agreed_on > at.date():
        raise Refusal("La date d’accord du comité est dans l’avenir : publiez après l’accord.", field="agreed_on")
    if start < at:
        raise Refusal("Une charte ne s’applique pas au passé : choisissez une date à venir.", field="starts_at")
    with refuse_violations():
        _lock_sas(draft.sas_id)
        locked = _locked_draft(draft)
        _supersede(locked.sas, start)
        locked.agreed_on = agreed_on
        _write_heading(locked)
        _require_sound(locked.document)
        locked.status, locked.in_force = Status.PUBLISHED, period(start)
        locked.published_by, locked.published_at = by.user, at
        locked.save()
        _tell(locked.sas, at)
    return locked


def discard_draft(*, draft: CharterVersion, by: Actor, at: datetime) -> None:
    _require_editor(by)
    with transaction.atomic():
        locked = _locked_draft(draft)
        locked.delete()
        _tell(locked.sas, at)


def _require_editor(by: Actor) -> None:
    if not may_edit_charter(by):
        raise Refusal("La charte est écrite par le référent territorial ou l’administrateur du SAS.", code="forbidden")


def _write_heading(version: CharterVersion) -> None:
    """The text names itself, so that a log carries the whole charter and not a reference to it."""
    version.document["version"] = str(version.number)
    version.document["title"] = version.title
    version.document["authors"] = [name.strip() for name in version.authors.split(",") if name.strip()]
    version.document["agreed_on"] = version.agreed_on.isoformat() if version.agreed_on else None


def _require_sound(document: Any) -> None:
    faults = charter_faults(document)
    if faults:
        count = "un point" if len(faults) == 1 else f"{len(faults)} points"
        raise Refusal(
            f"La charte a {count} à corriger : {faults[0].message}", code="charter_faults", faults=list(faults)
        )


def _lock_sas(pk: int) -> None:
    """Two people publishing at once take turns; the exclusion constraint says no whatever happens."""
    Sas.objects.select_for_update().get(pk=pk)


def _locked_draft(draft: CharterVersion) -> CharterVersion:
    locked = CharterVersion.objects.select_for_update(of=("self",)).select_related("sas").filter(pk=draft.pk).first()
    if locked is None or locked.status != Status.DRAFT:
        raise Refusal(
            "Cette version n’est plus un brouillon : elle ne se modifie plus. Créez un nouveau brouillon.",
            code="not_a_draft",
        )
    return locked


def _supersede(sas: Sas, start: datetime) -> None:
    previous = CharterVersion.objects.filter(sas=sas, status=Status.PUBLISHED).annotate(ends=Upper("in_force"))
    for version in previous:
        begins = version.in_force.lower
        if begins >= start:
            raise Refusal(
                "Une version publiée s’applique déjà à cette date ou plus tard : choisissez une date postérieure.",
                code="later_version",
                field="starts_at",
            )
        version.in_force, version.status = period(begins, start), Status.SUPERSEDED
        version.save(update_fields=["in_force", "status"])


def _tell(sas: Sas, at: datetime) -> None:
    live.publish(sas_id=sas.pk, topics=["charter"], subject="charter", at=at)
