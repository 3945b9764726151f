"""People for tests. `from tests.factories import patients as make`, then make.patient(...)."""

from datetime import UTC, date, datetime
from typing import Any

from quinze.accounts.models import Sas
from quinze.patients.identity import search_name
from quinze.patients.models import Patient
from tests.factories.accounts import make_sas

SINCE = datetime(2026, 11, 4, 20, 14, tzinfo=UTC)


def patient(sas: Sas | None = None, **fields: Any) -> Patient:
    """A child whom the SAS has known for two weeks, provisional like most."""
    defaults = {
        "family_name": "Pinson",
        "given_name": "Noé",
        "birth_date": date(2022, 3, 8),
        "sex": "M",
        "created_at": SINCE,
    }
    values = defaults | fields
    values.setdefault("search_name", search_name(str(values["family_name"]), str(values["given_name"])))
    return Patient.objects.create(sas=sas or make_sas(), **values)


def validated(sas: Sas | None = None, **fields: Any) -> Patient:
    return patient(sas, **{"identity": Patient.Identity.VALIDATED} | fields)
