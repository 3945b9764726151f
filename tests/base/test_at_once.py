from datetime import UTC, datetime

import pytest
from django.db import DataError

from quinze.base.at_once import AtOnce, prepared
from quinze.base.models import LiveEvent

AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def act(given: str, *values: object) -> AtOnce:
    """Two rows, whatever happened."""
    made = AtOnce(given, *values)
    made.insert(LiveEvent(sas_id=1, topics=["one"], subject="first", at=AT))
    made.publish(sas_id=1, topics=["two"], at=AT, subject="second")
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


@pytest.mark.parametrize(
    "topics", [[], ["plain"], ['with "quotes"', "back\\slash", "com,ma {brace}", "é’", "NULL", ""]]
)
def test_texts_of_a_list_are_written_as_they_are(topics: list[str]):
    for row in (LiveEvent(sas_id=1, topics=topics, at=AT), LiveEvent(sas_id=1, topics=topics, at=AT)):
        one = AtOnce("given AS (SELECT)")
        one.insert(row)
        assert one.write()
    together = AtOnce("given AS (SELECT)")
    together.insert(*(LiveEvent(sas_id=1, topics=topics, at=AT) for _ in range(2)))
    together.publish(sas_id=1, topics=["end"], at=AT)
    assert together.write()
    assert list(LiveEvent.objects.exclude(topics=["end"]).values_list("topics", flat=True)) == [topics] * 4


def test_a_text_too_long_for_its_list_is_refused():
    act = AtOnce("given AS (SELECT)")
    act.insert(LiveEvent(sas_id=1, topics=["x" * 61], at=AT))
    with pytest.raises(DataError, match="too long"):
        act.write()


def test_small_and_large_numbers_are_one_prepared_statement():
    assert [prepared("SELECT %s + 1", (number,)) for number in (1, 2**40)] == [[(2,)], [(2**40 + 1,)]]
