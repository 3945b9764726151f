from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.base.written import Written
from quinze.directory.models import SasParameter
from quinze.directory.parameters import DECLARED, declared

CHOSEN = Written(
    lambda sas, at: SasParameter.objects.filter(sas=sas, during__contains=at).values_list("name", "value"),
    sas=int,
    at=datetime,
)
CHOSEN_ONE = Written(
    lambda sas, name, at: SasParameter.objects.filter(sas=sas, name=name, during__contains=at).values_list(
        "value", flat=True
    ),
    sas=int,
    name=str,
    at=datetime,
)


def parameter(sas: Sas, name: str, at: datetime) -> Any:
    """The SAS's choice at that instant, else the declared default. Raises Refusal for an unknown name."""
    default = declared(name).default
    return next(iter(CHOSEN_ONE(sas=sas.pk, name=name, at=at)), default)


def parameters(sas: Sas, at: datetime) -> dict[str, Any]:
    """Every declared parameter with its value at that instant, in one query."""
    chosen = dict(CHOSEN(sas=sas.pk, at=at))
    return {declared.name: chosen.get(declared.name, declared.default) for declared in DECLARED}


def parameter_history(sas: Sas, name: str) -> QuerySet[SasParameter]:
    return SasParameter.objects.filter(sas=sas, name=name).select_related("set_by").order_by("-during")


def target_seconds(sas: Sas, worklist: str, at: datetime, *, priority: str = "") -> int:
    """How long a file may wait in the worklist "arm", "amu", "snp" or "osnp"; P2 where no priority is set."""
    suffix = "" if worklist in ("arm", "osnp") else f"_{(priority or 'P2').lower()}"
    seconds: int = parameter(sas, f"target_{worklist}{suffix}_seconds", at)
    return seconds
