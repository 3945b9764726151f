"""What a doctor changes is told to the open desks of the SAS, once, when it is committed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from quinze.availability.operations import add_absence, add_rule, end_rule, generate_slots, withdraw_absence
from quinze.base.models import LiveEvent
from tests.factories import availability as make
from tests.factories.availability import NOW, Effecteur

TUESDAY = datetime(2026, 11, 17, 14, tzinfo=ZoneInfo("Europe/Paris"))
pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Effecteur:
    return make.effecteur()


def told(doctor: Effecteur) -> list[list[str]]:
    found = LiveEvent.objects.filter(sas_id=doctor.sas.pk).order_by("pk").values_list("topics", flat=True)
    return list(found)


def test_rules_and_absences_are_told(doctor: Effecteur) -> None:
    change = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    posted = add_absence(doctor.professional, start=TUESDAY, end=TUESDAY + timedelta(hours=1), by=doctor.actor, at=NOW)
    withdraw_absence(posted.absence, by=doctor.actor, at=NOW)
    end_rule(change.rules, by=doctor.actor, at=NOW)
    assert told(doctor) == [["slots"]] * 4


def test_the_nightly_run_disturbs_nobody(doctor: Effecteur) -> None:
    make.rule(doctor.place)
    generate_slots(at=NOW)
    assert told(doctor) == []
