"""The calls expected in the demonstration: the page of the forecast has something to show the day it is opened."""

from datetime import UTC, datetime, timedelta

import pytest

from quinze.interop.demo import calls, staff
from quinze.staffing.models import CallForecast
from tests.factories.accounts import make_sas

AT = datetime(2026, 11, 17, 10, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_a_forecast_is_kept_for_the_days_to_come_and_made_again_when_they_run_out() -> None:
    staff.create(sas=make_sas(), at=AT, doctors=[])
    assert calls.keep_forecast(at=AT)
    found = CallForecast.objects.get()
    assert found.first == AT.date()
    assert "%" in found.report, "its error on the past is said"
    assert sum(found.content["mean"]) / found.days == pytest.approx(calls.CALLS_AN_HOUR * 24, rel=0.15)
    assert not calls.keep_forecast(at=AT + timedelta(days=14)), "days are still to come"
    assert calls.keep_forecast(at=AT + timedelta(days=25))
    assert CallForecast.objects.count() == 2


@pytest.mark.django_db
def test_counts_have_no_hour_that_the_clocks_skipped() -> None:
    content = calls.counts(make_sas(), until=datetime(2026, 4, 10, 10, 0, tzinfo=UTC)).decode()
    assert "2026-03-29T01:00:00+01:00;" in content
    assert "2026-03-29T02:00" not in content, "Paris went from 2:00 to 3:00"
    assert "2026-03-29T03:00:00+02:00;" in content
    assert len(content.splitlines()) == 1 + 24 * calls.COUNTED - 1


@pytest.mark.django_db
def test_without_a_demonstration_nothing_is_forecast() -> None:
    assert not calls.keep_forecast(at=AT)
