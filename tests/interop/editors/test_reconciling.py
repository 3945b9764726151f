"""An appointment taken at an editor, seen again in what that editor still offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from quinze.availability.models import EditorAgenda, Slot
from quinze.directory.models import Place
from quinze.interop.editors.fake_editor import FakeEditor
from quinze.interop.editors.refreshing import refresh
from quinze.orientation.models import Booking, OrientationRequest, RequestEvent
from quinze.orientation.operations import release_hold
from quinze.orientation.operations.reconciling import reconcile
from tests.factories import editors as make
from tests.factories import orientation
from tests.factories.editors import Pki
from tests.factories.orientation import AT, Territory

pytestmark = pytest.mark.django_db
MINUTES = timedelta(minutes=1)


@dataclass
class Scene:
    land: Territory
    place: Place
    fake: FakeEditor
    agendas: list[EditorAgenda]
    request: OrientationRequest

    def reads(self, minutes: float) -> None:
        refresh(self.agendas, at=AT + minutes * MINUTES)

    def is_taken_there(self) -> None:
        self.fake.doctors[0].hours[0].is_free = False

    def told(self) -> list[str]:
        kinds = ("editor_taken", "editor_still_free")
        return list(RequestEvent.objects.filter(kind__in=kinds).order_by("pk").values_list("kind", flat=True))


@pytest.fixture
def scene(papers: Pki) -> Iterator[Scene]:
    land = orientation.territory()
    place = orientation.doctor(land, "Cormier")
    with make.answering(papers, make.doctor_of(place, 2)) as fake:
        _, agendas = make.registered(fake, papers, place)
        refresh(agendas, at=AT)
        yield Scene(land, place, fake, agendas, orientation.request(land))


def test_an_hour_gone_there_is_said_taken_once(scene: Scene) -> None:
    booking = orientation.held(scene.request, scene.place, Slot.objects.get(), scene.land)
    scene.reads(1)
    assert scene.told() == []
    scene.is_taken_there()
    scene.reads(2)
    scene.reads(3)

    assert scene.told() == ["editor_taken"]
    booking.refresh_from_db()
    assert booking.status == Booking.Status.HELD
    text = RequestEvent.objects.get(kind="editor_taken").text
    assert text == "Agendix ne propose plus cette heure : elle y est prise"


def test_an_hour_said_taken_here_and_still_free_there_is_told_after_a_while(scene: Scene) -> None:
    orientation.booked(scene.request, scene.place, Slot.objects.get(), scene.land)
    scene.reads(2)
    assert scene.told() == []
    scene.reads(4)
    scene.reads(6)
    assert scene.told() == ["editor_still_free"]
    scene.is_taken_there()
    scene.reads(8)
    assert scene.told() == ["editor_still_free", "editor_taken"]


def test_a_seat_given_back_is_of_nobody(scene: Scene) -> None:
    booking = orientation.held(scene.request, scene.place, Slot.objects.get(), scene.land)
    release_hold(booking=booking, by=scene.land.osnp, at=AT)
    scene.is_taken_there()
    scene.reads(2)
    assert scene.told() == []


def test_an_answer_to_a_question_of_before_the_hold_says_nothing(scene: Scene) -> None:
    orientation.held(scene.request, scene.place, Slot.objects.get(), scene.land, at=AT + 3 * MINUTES)
    scene.is_taken_there()
    scene.reads(2)
    assert scene.told() == []


@pytest.mark.django_db(transaction=True)
def test_two_readings_at_once_tell_it_once(scene: Scene) -> None:
    orientation.held(scene.request, scene.place, Slot.objects.get(), scene.land)
    Slot.objects.update(status="withdrawn")

    def run() -> None:
        try:
            reconcile(scene.agendas[0], asked_at=AT + MINUTES, declared=(), at=AT + MINUTES)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert scene.told() == ["editor_taken"]
