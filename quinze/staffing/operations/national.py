from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from quinze.base.constraints import refuse_violations
from quinze.base.errors import Refusal
from quinze.science.calibration import effective
from quinze.science.national import NUMBERS, Samu, Unreadable, anomalies, read
from quinze.staffing.models import NationalSamu


@dataclass(frozen=True, slots=True)
class LoadedYear:
    year: int
    samus: tuple[Samu, ...]
    replaced: int
    doubtful: int
    """SAMU with at least one figure missing or impossible."""
    calibrated: int


def load_sae(content: bytes, *, at: datetime) -> LoadedYear:
    """One year of the SMURSAMU file, all or nothing; a year already there is replaced. Takes seconds: it calibrates.

    Refuses what is not such a file, naming the first lines that cannot be read.
    """
    try:
        samus = read(content)
    except Unreadable as error:
        raise Refusal(str(error), code="unreadable", field="file") from error
    rows = [_row(samu, at) for samu in samus]
    year = samus[0].year
    with refuse_violations(), transaction.atomic():
        replaced, _ = NationalSamu.objects.filter(year=year).delete()
        NationalSamu.objects.bulk_create(rows)
    doubtful = sum(bool(anomalies(samu)) for samu in samus)
    return LoadedYear(year, samus, replaced, doubtful, sum(row.effective_handling_s is not None for row in rows))


def _row(samu: Samu, at: datetime) -> NationalSamu:
    found = effective(samu)
    return NationalSamu(
        year=samu.year,
        finess=samu.finess,
        departement=samu.departement,
        name=samu.name,
        effective_handling_s=found.handling_s if found else None,
        effective_patience_s=found.patience_s if found else None,
        loaded_at=at,
        **{name: getattr(samu, name) for name in NUMBERS},
    )
