"""What users of other systems complain of, in the room. The whole list: docs/reference/complaints.md."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from quinze.accounts import operations as accounts
from quinze.accounts.actor import Actor
from quinze.base import clock
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.queries import desk
from tests.factories import directory
from tests.factories import regulation as make
from tests.factories.accounts import login

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def doctor(at: datetime) -> Actor:
    return make.doctor(at=at)


def decide(doctor: Actor, *, at: datetime) -> None:
    ops.decide(ops.claim(make.waiting_case(at=at), by=doctor, at=at), by=doctor, at=at, details=make.ADVICE)


def test_a_regulator_taking_more_files_an_hour_than_the_norm_is_told_on_their_desk(
    client: Client, doctor: Actor, at: datetime
) -> None:
    """Complaint 3: regulators overwhelmed, 14 calls an hour where 8 or 9 are bearable, and nothing says so."""
    directory.parameter(doctor.sas, "hourly_load_alert", 2)
    page = login(client, doctor)
    decide(doctor, at=at - timedelta(minutes=61))  # of the hour before
    decide(doctor, at=at - timedelta(minutes=30))
    below = page.get(reverse("regulation:doctor")).content.decode()
    assert "1 dossier cette heure" in below
    assert "(alerte à 2)" in below

    decide(doctor, at=at - timedelta(minutes=1))
    above = page.get(reverse("regulation:doctor")).content.decode()
    assert "2 dossiers cette heure" in above
    assert "alerte" in above
    assert "(alerte à 2)" not in above


def test_the_norm_of_an_hour_is_nine_files_unless_the_sas_says_otherwise(doctor: Actor, at: datetime) -> None:
    """Complaint 3: the norm is 8 to 9 calls an hour."""
    load = desk.load(by=doctor, at=at)
    assert (load.alert, load.high) == (9, False)


def test_work_goes_only_to_someone_at_their_post(client: Client, doctor: Actor, at: datetime) -> None:
    """Complaint 24: people logged out or unavailable are still sent work."""
    case = ops.claim(make.waiting_case(at=at), by=doctor, at=at)
    present, gone = make.doctor(at=at), make.doctor(at=at)
    accounts.end_duty(gone.user, at=at)
    page = login(client, doctor)

    html = page.get(reverse("regulation:doctor_case", args=[case.number])).content.decode()
    assert f'value="{present.user.pk}:{present.role}"' in html
    assert f'value="{gone.user.pk}:{gone.role}"' not in html
    refused = page.post(
        reverse("regulation:doctor_act", args=[case.number, "hand_over"]), {"to": f"{gone.user.pk}:{gone.role}"}
    )
    assert refused.status_code == 422
    case.refresh_from_db()
    assert case.claimed_by == doctor.user


def test_a_file_that_is_closed_loses_nothing_of_what_was_done(doctor: Actor, at: datetime) -> None:
    """Complaint 24: an archived call loses its activity."""
    case = ops.claim(make.waiting_case(at=at), by=doctor, at=at)
    ops.decide(case, by=doctor, at=at, details=make.ADVICE)
    before = [(event.kind, event.at, event.by_id) for event in case.events.order_by("pk")]
    ops.close(case, by=doctor, at=at)
    after = [(event.kind, event.at, event.by_id) for event in case.events.order_by("pk")]
    assert after[: len(before)] == before
    assert len(after) > len(before)


def test_who_read_the_file_of_a_person_is_told_with_the_role_the_hour_and_the_reason(
    doctor: Actor, at: datetime
) -> None:
    """Complaint 25: a patient cannot learn who read their file."""
    case = make.waiting_case(at=at)
    ops.open_for_reading(case.number, by=doctor, at=at, why="régulation")
    records = queries.who_has_read(case, by=make.supervisor(at=at))
    assert [(record.user, record.role, record.at, record.why) for record in records] == [
        (doctor.user, doctor.role, at, "régulation")
    ]
