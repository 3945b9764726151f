"""Two connections at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from quinze.base.errors import Refusal
from quinze.staffing.models import NationalSamu
from quinze.staffing.operations import load_sae
from tests.staffing.sae import POITIERS, file_of

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def waiting() -> bool:
    """Somebody in this database. Activity is read once a transaction; locks are read as they are."""
    here = "SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN ({here})")  # noqa: S608
        return bool(cursor.fetchone()[0])


def other(presented: int) -> str:
    try:
        load_sae(file_of(POITIERS | {"APP": presented}), at=AT)
    except Refusal as refusal:
        return refusal.message
    finally:
        connections.close_all()
    return ""


@pytest.mark.parametrize("already", [False, True])
def test_of_two_loads_of_one_year_the_second_is_told_and_nothing_is_mixed(already: bool) -> None:
    if already:
        load_sae(file_of(POITIERS), at=AT)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            load_sae(file_of(POITIERS | {"APP": 190_000}), at=AT)
            second = pool.submit(other, 200_000)
            until = time.monotonic() + 20
            while not waiting() and time.monotonic() < until:
                time.sleep(0.05)
            assert waiting()
        assert "vient d’être chargée par quelqu’un d’autre" in second.result(timeout=20)
    assert NationalSamu.objects.get().presented == 190_000
