"""How many seats each participant offered to a SAS: the denominator of "fairest", counted ahead of the searches."""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from quinze.accounts.models import Sas
from quinze.orientation.queries.candidates import FAIRNESS

STATEMENT = (Path(__file__).parent / "offered_seats.sql").read_text(encoding="utf-8")


def count_offered_seats(*, sas: Sas, at: datetime) -> int:
    """Over the last 28 days. Running it twice at one instant changes nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('offered_seats'), %s)", [sas.pk])
        cursor.execute(STATEMENT, {"sas": sas.pk, "at": at, "since": at - FAIRNESS})
        return int(cursor.rowcount)


def count_offered_seats_everywhere(*, at: datetime) -> int:
    return sum(count_offered_seats(sas=sas, at=at) for sas in Sas.objects.order_by("pk"))
