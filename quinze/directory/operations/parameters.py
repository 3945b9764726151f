from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import JSONField, Value

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.base.periods import period
from quinze.directory.models import SasParameter
from quinze.directory.parameters import checked


@transaction.atomic
def set_parameter(name: str, value: Any, *, by: Actor, at: datetime, reason: str = "") -> SasParameter:
    """The SAS's new choice from `at` on. What was in force before stays written, with its dates and its author."""
    kept = checked(name, value)
    Sas.objects.select_for_update(no_key=True).get(pk=by.sas.pk)
    rows = SasParameter.objects.filter(sas=by.sas, name=name)
    current = rows.filter(during__contains=at).first()
    if current is not None and current.value == kept:
        return current
    if rows.filter(during__startswith__gte=at).exists():
        raise Refusal(
            "Un changement plus récent de ce paramètre est déjà enregistré.", code="later_change", field="value"
        )
    if current is not None:
        current.during = period(current.during.lower, at)
        current.save(update_fields=["during"])
    stored = Value(None, JSONField()) if kept is None else kept  # a JSON null: the column itself is never empty
    with refuse_violations():
        row = SasParameter.objects.create(
            sas=by.sas, name=name, value=stored, during=period(at), set_by=by.user, set_at=at, reason=reason.strip()
        )
    row.value = kept
    return row
