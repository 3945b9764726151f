from datetime import UTC, datetime

import pytest

from quinze.base.at_once import AtOnce, prepared
from quinze.base.models import LiveEvent

AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def act(given: str, *values: object) -> AtOnce:
    """Two rows and an effect that answers whatever happened."""
    made = AtOnce(given, *values)
    made.insert(LiveEvent(sas_id=1, topics=["one"], subject="first", at=AT))
    made.publish(sas_id=1, topics=["two"], at=AT, subject="second")
    made.effect("SELECT count(*)::text FROM given")
    return made


def test_rows_are_written_in_their_order():
    assert act("given AS (SELECT WHERE %s = 7)", 7).write()
    assert list(LiveEvent.objects.order_by("pk").values_list("subject", flat=True)) == ["first", "second"]


def test_nothing_is_written_when_what_was_given_is_no_more():
    assert not act("given AS (SELECT WHERE %s = 7)", 8).write()
    assert not LiveEvent.objects.exists()


def test_an_update_changes_the_columns_named_and_no_other():
    row = LiveEvent.objects.create(sas_id=1, topics=["one"], subject="first", at=AT)
    row.subject, row.sas_id = "changed", 2
    change = AtOnce("given AS (SELECT)")
    change.update(row, "subject")
    assert change.write()
    row.refresh_from_db()
    assert (row.subject, row.sas_id) == ("changed", 1)


def test_small_and_large_numbers_are_one_prepared_statement():
    assert [prepared("SELECT %s + 1", (number,)) for number in (1, 2**40)] == [[(2,)], [(2**40 + 1,)]]
