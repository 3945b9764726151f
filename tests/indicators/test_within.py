import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from quinze.directory.operations import set_parameter
from quinze.indicators.queries.within import Within, within_72_hours
from quinze.indicators.spans import span
from quinze.orientation import operations as orientation
from quinze.regulation import operations as ops
from quinze.regulation.decisions import Intervention
from quinze.regulation.models import CaseFile
from quinze.regulation.operations.afterwards import record_answer
from quinze.regulation.queries.afterwards import drawn, to_ask
from tests.factories import orientation as make
from tests.factories import regulation as cases
from tests.factories.accounts import login, make_actor

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def now():
    return clock.now()


@pytest.fixture
def land(now) -> make.Territory:
    return make.territory(at=now - 6 * DAY)


def decided(land, details, *, at) -> CaseFile:
    arm = cases.arm(land.sas, at=at)
    case = cases.waiting_case("SNP", at=at, by=arm)
    cases.save(case, "place", by=arm, at=at, commune=land.commune.pk)
    ops.decide(case, by=make_actor(Role.REGULATEUR_SNP, land.sas), at=at, details=details)
    return case


def booked(land, case: CaseFile, *, hours: float, at, outcome: str = ""):
    request = case.decisions.get().orientation_request
    place = make.doctor(land)
    booking = make.booked(request, place, make.slot(place, hours, at=at), land, at=at)
    if outcome:
        orientation.record_outcome(booking=booking, outcome=outcome, by=land.osnp, at=at + timedelta(hours=hours + 1))
    return booking


def everyone(land, now) -> None:
    set_parameter("follow_up_calls_percent", 100, by=land.referent, at=now - DAY, reason="essai")


def test_appointments_within_72_hours_are_counted_by_week_of_the_call_with_their_denominators(land, now):
    at = now - 4 * DAY
    booked(land, decided(land, cases.CITY, at=at), hours=2, at=at, outcome="fulfilled")
    booked(land, decided(land, cases.CITY, at=at), hours=3, at=at, outcome="no_show")
    cancelled = booked(land, decided(land, cases.CITY, at=at), hours=4, at=at)
    orientation.cancel(booking=cancelled, by_kind="staff", reason="x", by=land.osnp, at=at + HOUR)
    decided(land, cases.CITY, at=at)
    advised = [decided(land, cases.ADVICE, at=at) for _ in range(4)]
    for case, saw in zip(advised, ("referring", "nobody", "unreached"), strict=False):
        record_answer(case, saw=saw, by=land.osnp, at=now)
    decided(land, Intervention("SIS.VSAV"), at=at)
    decided(land, cases.CITY, at=now - HOUR)  # its 72 hours are not over

    lines = within_72_hours(span(sas=land.sas, at=now))
    asked, advised_only = (sum((getattr(line, name) for line in lines), Within()) for name in ("asked", "advised"))
    assert asked == Within(files=4, given=2, seen=1)
    assert advised_only == Within(files=4, called=3, answered=2, saw=1)
    assert sum(bool(line.asked.files) for line in lines) == 1

    reader = login(Client(), make_actor(Role.INDICATOR_READER, land.sas))
    html = reader.get(reverse("indicators:within")).content.decode()
    assert "PINSON" not in html
    assert "style=" not in html
    rows = list(csv.DictReader(io.StringIO(reader.get(reverse("indicators:within_export")).content.decode("utf-8-sig")),
                               delimiter=";"))  # fmt: skip
    assert len(rows) == 24
    assert sum(int(row["Rendez-vous en 72 h par le SAS"]) for row in rows) == 2


def test_who_was_advised_is_asked_three_days_later_and_answers_once(land, now):
    everyone(land, now)
    case = decided(land, cases.ADVICE, at=now - 73 * HOUR)
    decided(land, cases.ADVICE, at=now - 71 * HOUR)  # too soon
    decided(land, cases.CITY, at=now - 73 * HOUR)  # the SAS knows by itself
    desk = login(Client(), make_actor(Role.OSNP, land.sas))
    page = desk.get(reverse("regulation:afterwards")).content.decode()
    assert "À appeler : 1" in page
    assert "Fièvre" not in page  # an OSNP reads no reason
    desk.post(reverse("regulation:afterwards_answer", args=[case.number]), {"saw": "doctor"})
    assert case.follow_up_answer.saw == "doctor"
    assert to_ask(sas=land.sas, at=now) == []
    with pytest.raises(Conflict, match="déjà notée"):
        record_answer(case, saw="nobody", by=land.osnp, at=now)
    with pytest.raises(Refusal, match="Choisissez une réponse"):
        record_answer(case, saw="<b>", by=land.osnp, at=now)


def test_a_tenth_of_them_is_drawn_and_always_the_same(land, now):
    numbers = [f"DRFR158626321{order:05d}" for order in range(2000)]
    chosen = [number for number in numbers if drawn(number, share=10)]
    assert 150 < len(chosen) < 250
    assert set(chosen) <= {number for number in numbers if drawn(number, share=30)}
    assert not any(drawn(number, share=0) for number in numbers)


@pytest.mark.parametrize("people", [1, 3])
def test_the_calls_read_as_often_for_one_person_as_for_three(land, now, people, django_assert_num_queries):
    everyone(land, now)
    for _ in range(people):
        decided(land, cases.ADVICE, at=now - 80 * HOUR)
    desk = login(Client(), make_actor(Role.OSNP, land.sas))
    with django_assert_num_queries(5):
        desk.get(reverse("regulation:afterwards"))
