"""Rows made without Model.__init__ are what Django would have made."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quinze.accounts.models import User
from quinze.base.models import LiveEvent
from quinze.base.rows import fresh, tie
from quinze.directory.models import Commune, Departement
from quinze.orientation.models import RequestEvent
from tests.factories import orientation as make

AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def test_a_fresh_row_has_the_defaults_of_its_model():
    made, usual = fresh(RequestEvent, kind="held", at=AT), RequestEvent(kind="held", at=AT)
    assert {k: v for k, v in made.__dict__.items() if k != "_state"} == {
        k: v for k, v in usual.__dict__.items() if k != "_state"
    }
    assert made._state.adding


def test_a_list_by_default_is_each_row_s_own():
    fresh(RequestEvent).data["seen"] = True
    assert fresh(RequestEvent).data == {}


def test_a_column_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="sas"):
        fresh(LiveEvent, sas=3)


def test_a_tied_row_is_not_read_again():
    made = fresh(RequestEvent, kind="held", at=AT, by_id=7)
    user = User(pk=7)
    tie(made, by=user)
    assert made.by is user
    assert made.by_id == 7


@pytest.mark.django_db
def test_a_fresh_row_is_saved_as_any_other():
    row = fresh(LiveEvent, sas_id=3, topics=["one"], at=AT)
    row.save()
    assert LiveEvent.objects.get() == row
    assert LiveEvent.objects.get().topics == ["one"]


@pytest.mark.django_db
def test_a_quick_model_reads_later_what_it_did_not_read():
    commune = make.territory().commune
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = Commune.objects.only("insee").get(pk=commune.pk)
        assert found.get_deferred_fields()
        assert found.name == commune.name
    assert len(asked) == 2
    assert isinstance(found.departement, Departement)
