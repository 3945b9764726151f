from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from quinze.accounts.models import Sas
from quinze.directory.models import SasParameter
from quinze.directory.parameters import DECLARED, declared


def parameter(sas: Sas, name: str, at: datetime) -> Any:
    """The SAS's choice at that instant, else the declared default. Raises Refusal for an unknown name."""
    default = declared(name).default
    row = SasParameter.objects.filter(sas=sas, name=name, during__contains=at).values_list("value", flat=True)
    return next(iter(row), default)


def parameters(sas: Sas, at: datetime) -> dict[str, Any]:
    """Every declared parameter with its value at that instant, in one query."""
    chosen = dict(SasParameter.objects.filter(sas=sas, during__contains=at).values_list("name", "value"))
    return {declared.name: chosen.get(declared.name, declared.default) for declared in DECLARED}


def parameter_history(sas: Sas, name: str) -> QuerySet[SasParameter]:
    return SasParameter.objects.filter(sas=sas, name=name).select_related("set_by").order_by("-during")


def target_seconds(sas: Sas, worklist: str, at: datetime, *, priority: str = "") -> int:
    """How long a file may wait in the worklist "arm", "amu", "snp" or "osnp"; P2 where no priority is set."""
    suffix = "" if worklist in ("arm", "osnp") else f"_{(priority or 'P2').lower()}"
    seconds: int = parameter(sas, f"target_{worklist}{suffix}_seconds", at)
    return seconds
