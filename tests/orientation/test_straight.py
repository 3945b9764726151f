"""The straight road of a hold and of a confirmation writes what the long one writes, and gives way to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from quinze.availability.models import Slot
from quinze.base import at_once, events
from quinze.base.errors import Refusal
from quinze.base.models import LiveEvent
from quinze.orientation import operations
from quinze.orientation.models import Booking, OrientationRequest
from quinze.orientation.operations import straight
from quinze.orientation.operations.messages import WRITTEN
from quinze.regulation import operations as regulation
from quinze.regulation.decisions import Orientation
from quinze.regulation.models import CaseFile
from tests.factories import orientation as make
from tests.factories import regulation as files

AT = make.AT
pytestmark = pytest.mark.django_db
NEW = "nouvelle@exemple.test"
TABLES = (
    "orientation_booking", "orientation_bookingstatus", "orientation_requestevent", "orientation_rankingchoice",
    "orientation_orientationrequest", "orientation_message", "regulation_casefile", "regulation_caseevent",
    "procrastinate_jobs", "availability_slot",
)  # fmt: skip


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From now on every way is found blocked, and the long road is taken."""

    def block() -> None:
        monkeypatch.setattr(straight, "_write", lambda *_: False)

    return block


def of_a_file(land: make.Territory) -> OrientationRequest:
    """Asked by a doctor, from a file whose chronology follows."""
    doctor = files.doctor(sas=land.sas, at=AT)
    case = files.waiting_case(sas=land.sas, at=AT)
    decision = regulation.decide(case, by=doctor, at=AT, details=Orientation("CABINET", within_hours=24))
    asked = decision.orientation_request
    assert asked is not None
    asked.lat, asked.lon = make.HERE
    asked.commune, asked.email = land.commune, "pinson@exemple.test"
    asked.save()
    return asked


def everything(since: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows of each table as text, those of before excepted."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")  # noqa: S608  (names above)
            rows = [row[0] for row in cursor.fetchall()]
            found[table] = [row for row in rows if row not in since.get(table, ())]
    return found


def written(land: make.Territory, place: Any, slot: Slot, **told: Any) -> dict[str, list[str]]:
    """What holding and confirming write, with the identifiers that differ from one booking to the next struck out."""
    request = of_a_file(land)
    view = make.searched(request, land)
    before = everything({})
    LiveEvent.objects.all().delete()
    booking = operations.hold(
        request=request, ranking=view.ranking_id, candidate=f"p{place.professional_id}@{place.pk}", slot=slot.pk,
        modality="AMB", by=land.osnp, at=AT, reason="souhait du patient",
    )  # fmt: skip
    operations.confirm(booking=booking, by=land.osnp, at=AT, **told)
    rows = everything(before)
    rows["heard"] = sorted({topic for event in LiveEvent.objects.all() for topic in event.topics})
    booking.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(data::text) FROM regulation_caseevent WHERE data ? 'booking_id'")
        assert cursor.fetchone()[0] > 0
    return {table: _struck(found, request, booking) for table, found in rows.items()}


def _struck(rows: list[str], request: OrientationRequest, booking: Booking) -> list[str]:
    """Every number of two digits or more becomes N: what remains is the words, the states, the columns."""
    import re

    cleaned = [re.sub(r"rdv/[^/]+/", "rdv/LINK/", row.replace(request.case_number, "NUMBER")) for row in rows]
    return sorted(re.sub(r"\b\d+\b", "N", row) for row in cleaned)


@pytest.mark.parametrize("told", [{}, {"told": True, "notify": ()}, {"instruction": " Venir à jeun. "}])
def test_both_roads_write_the_same_rows(land: make.Territory, blocked: Any, told: dict[str, Any]):
    place = make.doctor(land, "Cormier", email="cabinet@exemple.test")
    first, second = make.slot(place, 2), make.slot(place, 3)
    short = written(land, place, first, **told)
    blocked()
    long = written(land, place, second, **told)
    assert {table: len(rows) for table, rows in short.items()} == {table: len(rows) for table, rows in long.items()}
    for table in long:
        assert [row.replace("13 h", "12 h") for row in long[table]] == [
            row.replace("13 h", "12 h") for row in short[table]
        ]


def test_the_straight_road_is_the_one_that_is_taken(land: make.Territory, monkeypatch: pytest.MonkeyPatch):
    roads: list[bool] = []
    write = straight._write
    monkeypatch.setattr(straight, "_write", lambda *asked: roads.append(write(*asked)) or roads[-1])
    place = make.doctor(land)
    make.booked(make.request(land), place, make.slot(place), land)
    assert roads == [True, True]


def test_a_seat_with_limits_is_refused_to_whom_it_is_not_for(land: make.Territory):
    place = make.doctor(land)
    seat = make.slot(place)
    request = make.request(land, patient=make.patient(land, age_months=300, age_declared_on=AT.date()))
    view = make.searched(request, land)
    Slot.objects.filter(pk=seat.pk).update(max_age_months=24)
    with pytest.raises(Refusal, match="âge") as refused:
        operations.hold(
            request=request, ranking=view.ranking_id, candidate=view.first.candidate, slot=seat.pk, modality="AMB",
            by=land.osnp, at=AT,
        )  # fmt: skip
    assert refused.value.code == "misfit"


def test_nothing_is_read_but_what_the_two_readings_read(land: make.Territory):
    """A column that an act looks at without having read it would be a query of its own, at each booking."""
    place = make.doctor(land, email="cabinet@exemple.test")
    slot, request = make.slot(place, 2), of_a_file(land)
    view = make.searched(request, land)
    with CaptureQueriesContext(connection) as held:
        booking = operations.hold(
            request=request, ranking=view.ranking_id, candidate=f"p{place.professional_id}@{place.pk}", slot=slot.pk,
            modality="AMB", by=land.osnp, at=AT, reason="souhait du patient",
        )  # fmt: skip
    booking = Booking.objects.get(pk=booking.pk)
    with CaptureQueriesContext(connection) as given:
        operations.confirm(booking=booking, by=land.osnp, at=AT)
    assert [each["sql"] for each in (*held, *given) if "SAVEPOINT" not in each["sql"]] == []


def test_who_comes_too_late_costs_one_reading_more_each(land: make.Territory):
    """A thousand people may want the same seat: what is told to all but one is read at once, column by column known."""
    place = make.doctor(land)
    slot, first, second = make.slot(place, 2), make.request(land), make.request(land)
    make.held(first, place, slot, land)
    view = make.searched(second, land)
    with CaptureQueriesContext(connection) as late, pytest.raises(Refusal):
        operations.hold(
            request=second, ranking=view.ranking_id, candidate=f"p{place.professional_id}@{place.pk}", slot=slot.pk,
            modality="AMB", by=land.osnp, at=AT, reason="souhait du patient",
        )  # fmt: skip
    plain = [each["sql"] for each in late if "SAVEPOINT" not in each["sql"]]
    assert not [sql for sql in plain if "LIMIT 21" in sql], "a column that was not read, fetched by itself"


def test_what_changed_between_the_reading_and_the_writing_takes_the_long_road(
    land: make.Territory, monkeypatch: pytest.MonkeyPatch
):
    """The request is completed by a colleague at that very moment: the message goes to the new address."""
    place = make.doctor(land)
    request = make.request(land)
    booking = make.held(request, place, make.slot(place), land)
    write = straight._write

    def late(*asked: Any) -> bool:
        found = OrientationRequest.objects.get(pk=request.pk)
        if found.email != NEW:
            operations.update_contact(request=found, version=found.version, by=land.osnp, at=AT, email=NEW)
        return write(*asked)

    monkeypatch.setattr(straight, "_write", late)
    given = operations.confirm(booking=booking, by=land.osnp, at=AT + timedelta(minutes=1))
    assert {message.recipient for message in given.messages.filter(channel="email")} == {NEW}


def test_what_a_booking_tells_the_desks_leaves_together(land: make.Territory):
    """A desk that shows the request and the file reads again once."""
    place = make.doctor(land)
    request = of_a_file(land)
    booking = make.held(request, place, make.slot(place), land)
    LiveEvent.objects.all().delete()
    operations.confirm(booking=booking, by=land.osnp, at=AT)
    (told,) = LiveEvent.objects.all()
    assert {f"request:{request.pk}", f"case:{request.case_number}", "worklist", "slots"} <= set(told.topics)
    assert len(told.topics) == len(set(told.topics))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("road", ["straight", "long"])
def test_a_booking_says_once_that_there_is_something_to_send(land: make.Territory, road: str, blocked: Any):
    """Two messages or three, and no job: what is to be sent is what the outbox holds."""
    place = make.doctor(land, email="cabinet@exemple.test")
    booking = make.held(of_a_file(land), place, make.slot(place), land)
    if road == "long":
        blocked()
    with heard() as notices:
        operations.confirm(booking=booking, by=land.osnp, at=AT)
    assert notices == [""]
    assert operations.due_messages(at=AT) == list(booking.messages.order_by("pk").values_list("pk", flat=True))
    assert booking.messages.count() > 1
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_appointment_that_nobody_is_told_of_wakes_nobody(land: make.Territory):
    place = make.doctor(land)
    booking = make.held(of_a_file(land), place, make.slot(place), land)
    with heard() as notices:
        operations.confirm(booking=booking, by=land.osnp, at=AT, notify=())
    assert notices == []


@contextmanager
def heard() -> Iterator[list[str]]:
    """What another connection is told of the outbox meanwhile."""
    notices: list[str] = []
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute(f"LISTEN {WRITTEN}")
        yield notices
        notices += [each.payload for each in other.notifies(timeout=0.2)]


@pytest.mark.parametrize("other", ["waiting", "withdrawn"])
def test_a_file_with_another_live_request_takes_the_long_road(
    land: make.Territory, other: str, monkeypatch: pytest.MonkeyPatch
):
    """Its step depends on what the other one has become."""
    place = make.doctor(land)
    request = of_a_file(land)
    beside = make.request(land, case_number=request.case_number)
    OrientationRequest.objects.filter(pk=beside.pk).update(status=other)
    roads: list[bool] = []
    write = straight._write
    monkeypatch.setattr(straight, "_write", lambda *asked: roads.append(write(*asked)) or roads[-1])
    booking = make.held(request, place, make.slot(place), land)
    operations.confirm(booking=booking, by=land.osnp, at=AT)
    case = CaseFile.objects.get(number=request.case_number)
    alone = other == "withdrawn"
    assert (case.step, roads) == ("follow_up" if alone else "osnp", [True, alone])


def test_an_appointment_given_is_one_statement_that_everyone_joins(
    land: make.Territory, monkeypatch: pytest.MonkeyPatch
):
    """A folder above that hears of bookings says beforehand what it writes, or that it writes nothing."""
    alone: list[bool] = []
    joined = events.joined
    monkeypatch.setattr(events, "joined", lambda *asked: alone.append(not (left := joined(*asked))) or left)
    place = make.doctor(land)
    booking = make.held(of_a_file(land), place, make.slot(place), land)
    asked: list[bytes] = []
    planned = at_once.planned
    monkeypatch.setattr(at_once, "planned", lambda *given: asked.append(given[0]) or planned(*given))
    operations.confirm(booking=booking, by=land.osnp, at=AT)
    assert alone == [True, True]
    assert len(asked) == 2  # all that is read, all that is written
