from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.base.errors import Refusal
from quinze.orientation.models import CharterVersion
from quinze.science.charter import Charter, CharterError, Fault, charter_from_json

NO_CHARTER = "Aucune charte d’adressage n’est en vigueur : le référent territorial doit en publier une."


def charter_in_force(*, sas: Sas, at: datetime) -> CharterVersion | None:
    return CharterVersion.objects.filter(sas=sas, in_force__contains=at).exclude(status="draft").first()


def charter_required(*, sas: Sas, at: datetime) -> CharterVersion:
    version = charter_in_force(sas=sas, at=at)
    if version is None:
        raise Refusal(NO_CHARTER, code="no_charter")
    return version


def charter_draft(*, sas: Sas) -> CharterVersion | None:
    return CharterVersion.objects.filter(sas=sas, status=CharterVersion.Status.DRAFT).first()


def charter_versions(*, sas: Sas) -> QuerySet[CharterVersion]:
    return CharterVersion.objects.filter(sas=sas).select_related("created_by", "published_by").order_by("-number")


def charter_faults(document: Any) -> tuple[Fault, ...]:
    try:
        charter_from_json(document)
    except CharterError as error:
        return error.faults
    return ()


def parsed_charter(version: CharterVersion) -> Charter:
    """A published text never changes, so it is read once per process."""
    if version.status == CharterVersion.Status.DRAFT or version.published_at is None:
        return charter_from_json(version.document)
    return _published(version.pk, version.published_at, _Document(version))


class _Document:
    """Carries the text past the cache, which knows a published version by its number and instant alone."""

    __slots__ = ("version",)

    def __init__(self, version: CharterVersion) -> None:
        self.version = version

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Document)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=256)
def _published(_pk: int, _published_at: datetime, document: _Document) -> Charter:
    return charter_from_json(document.version.document)
