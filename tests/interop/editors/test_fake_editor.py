"""The fake editor as a demonstration starts it: doctors of the directory, a recording said again, its own register."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import transaction

from quinze.availability.models import EditorAgenda, Slot
from quinze.base import clock
from quinze.interop.editors import fake_agenda as agenda
from quinze.interop.editors.fake_editor import FakeEditor
from quinze.interop.editors.refreshing import refresh
from tests.config.programs import eventually, free_port
from tests.factories import orientation
from tests.factories.editors import pki
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeEditor]]:
    """What the command starts, serving in a thread so that the test goes on."""
    started: list[FakeEditor] = []

    def serve(fake: Any) -> None:
        started.append(fake.editor)
        Thread(target=type(fake).__mro__[1].serve_forever, args=(fake,), daemon=True).start()

    monkeypatch.setattr("quinze.interop.editors.fake_editor._Server.serve_forever", serve)
    monkeypatch.setattr("quinze.interop.management.commands.fake_editor.connection.close", lambda: None)
    yield started
    for fake in started:
        fake.http.shutdown()
        fake.http.server_close()


def test_it_keeps_agendas_of_the_directory_and_puts_itself_in_the_register(
    running: list[FakeEditor], tmp_path: Path
) -> None:
    land = orientation.territory(at=clock.now())
    places = [orientation.doctor(land) for _ in range(3)]
    out = StringIO()
    call_command("fake_editor", "--doctors", "2", "--port", str(free_port()), "--folder", str(tmp_path), "--register",
                 "--malformed", "1", stdout=out)  # fmt: skip
    eventually(lambda: bool(running))

    assert "2 médecins, 0 associations" in out.getvalue()
    agendas = list(EditorAgenda.objects.order_by("identifier"))
    assert {each.professional_id for each in agendas} <= {place.professional_id for place in places}
    done = refresh(agendas, at=clock.now())
    assert done.silent == {}
    assert done.fresh == {each.pk for each in agendas}
    assert done.dropped == 1
    assert Slot.objects.filter(source="agendix", status="open").exists()


def test_it_keeps_hours_of_a_cpts_and_of_an_association(running: list[FakeEditor], tmp_path: Path) -> None:
    land = orientation.territory(at=clock.now())
    land.cpts.finess = "860000017"
    land.cpts.save()
    orientation.doctor(land, member_of=(land.cpts,))
    association = orientation.structure(land, "SOS", "SOS Médecins Vienne").structure
    assert association is not None
    association.siret = "33417374840001"
    association.save()
    call_command("fake_editor", "--port", str(free_port()), "--folder", str(tmp_path), "--register", stdout=StringIO())
    eventually(lambda: bool(running))

    done = refresh(list(EditorAgenda.objects.all()), at=clock.now())

    assert (done.silent, done.dropped, len(done.fresh)) == ({}, 0, 2)
    read = Slot.objects.filter(source="agendix").values_list("audience", "cpts", "structure")
    assert set(read) == {("SNP", None, None), ("CPTS", land.cpts.pk, None), ("SNP", None, association.pk)}


def test_a_recording_is_said_again_as_if_it_were_of_today() -> None:
    doctor = agenda.Doctor("810000000017", "Cormier", "Hélène", "1 rue", "Poitiers", "86000", [agenda.Hour(AT)])
    recorded = agenda.searchset([doctor], of="x", since=AT, until=AT, asked="x")
    summer = datetime(2027, 7, 1, 6, tzinfo=AT.tzinfo)
    (said,) = (each["resource"] for each in agenda.replayed(recorded, today=summer)["entry"][:1])
    assert (said["start"], said["end"]) == ("2027-07-01T10:00:00.000+02:00", "2027-07-01T10:15:00.000+02:00")
    assert recorded["entry"][0]["resource"]["start"] == "2026-11-17T10:00:00.000+01:00"


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"resourceType": "Patient"})])
def test_a_recording_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    orientation.territory()
    path = tmp_path / "recording.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r"JSON|Bundle"), transaction.atomic():
        call_command("fake_editor", "--folder", str(tmp_path), "--port", "0", "--recording", str(path))


def test_production_refuses_it(settings: LazySettings) -> None:
    settings.MODE = "production"
    with pytest.raises(CommandError, match="refusé en production"):
        call_command("fake_editor")


def test_an_hour_is_booked_once_on_its_page_whoever_asks(tmp_path: Path) -> None:
    doctor = agenda.Doctor("810000000017", "Cormier", "Hélène", "1 rue", "Poitiers", "86000")
    doctor.hours = [agenda.Hour(AT + timedelta(hours=1))]
    papers = pki(tmp_path)
    fake = FakeEditor("Agendix", papers.server, None, [doctor])
    try:
        assert fake.book(doctor, doctor.hours[0], regulator={})
        assert fake.book(doctor, doctor.hours[0], regulator={}) == ""
    finally:
        fake.http.server_close()
