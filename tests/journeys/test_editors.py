"""Journey: slots of two editors and our own, one editor down; booked at the other, whose outcome comes back."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from quinze.interop.editors.declaring import Platform
from quinze.interop.editors.fake_agenda import Doctor, hours
from quinze.interop.editors.fake_editor import FakeEditor
from tests.config.programs import eventually, started
from tests.factories.editors import Pki, pki
from tests.journeys.company import Company
from tests.journeys.conftest import TUESDAY_MORNING
from tests.journeys.people import TheDoctor, TheOsnpAtEditors, TheSupervisor
from tests.journeys.service import Service, living_at

pytestmark = pytest.mark.journey
SECRET = "le secret que le mandataire et Quinze partagent"
EARLY, LATER = "2026-11-17T09:50+01:00", "2026-11-17T09:55+01:00"
AT_NOON = "2026-11-17T12:00+01:00"


@dataclass
class Editors:
    """Two editors, registered and read by the commands that an installation uses; the second stops before ten."""

    papers: Pki
    stack: ExitStack
    agendix: FakeEditor = field(init=False)

    def open(self, service: Service) -> None:
        genet, ajonc = _doctors(service)
        agendix = self.agendix = _editor("Agendix", self.papers, genet, "10:40", "11:20")
        docto = _editor("Docto", self.papers, ajonc, "14:10")
        self.stack.enter_context(agendix.running())
        with docto.running():
            for fake in (agendix, docto):
                _register(service, fake, self.papers)
            assert "2 agendas lus, 3 créneaux ouverts, 0 écartés" in service.command("fhir-editor", "refresh", at=EARLY)
        assert "docto est injoignable" in service.command("fhir-editor", "refresh", "docto", at=LATER)
        service.command("fhir-client", "add", "--name", "Agendix", "--cn", "agendix", "--flow", "INT_R03")
        self.tells(service)

    def tells(self, service: Service) -> None:
        self.agendix.declare = Platform(f"{service.url}/fhir", "agendix", SECRET).tell


@pytest.fixture
def the_editors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editors]:
    with ExitStack() as stack:
        yield Editors(pki(tmp_path_factory.mktemp("pki")), stack)


@pytest.fixture
def service(the_editors: Editors, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("editors")
    secret = {"QUINZE_FHIR_PROXY_SECRET": SECRET}
    with living_at(TUESDAY_MORNING, folder=folder, before=the_editors.open, **secret) as service:
        yield service


def _doctors(service: Service) -> list[Doctor]:
    with started("-m", "tests.journeys.scene_of_editors", **service.environment) as scene:
        said, _ = scene.communicate(timeout=60)
    assert scene.returncode == 0, said
    return [Doctor(**each) for each in json.loads(said.strip().splitlines()[-1])]


def _editor(name: str, papers: Pki, doctor: Doctor, *times: str) -> FakeEditor:
    doctor.hours = hours(datetime.fromisoformat(TUESDAY_MORNING), *times, minutes=20)
    now = datetime.fromisoformat(TUESDAY_MORNING) + timedelta(minutes=2)
    return FakeEditor(name, papers.server, str(papers.authority.certificate), [doctor], now=lambda: now)


def _register(service: Service, fake: FakeEditor, papers: Pki) -> None:
    code = fake.name.lower()
    service.command(
        "fhir-editor", "add", code, "--name", fake.name, "--endpoint", fake.endpoint, "--kind", "PS",
        "--certificate", str(papers.client.certificate), "--key", str(papers.client.key),
        "--authority", str(papers.authority.certificate),
    )  # fmt: skip
    service.command("fhir-editor", "attach", code, fake.doctors[0].identifier)


def test_an_appointment_is_taken_at_an_editor_while_another_is_down(
    service: Service, the_editors: Editors, company: Company
) -> None:
    # Given the agendas of two editors, read at ten to ten; one of the two stopped since
    # When the OSNP takes their post, the editor that answers knows them
    the_osnp = company(TheOsnpAtEditors, trusting=True)
    eventually(lambda: bool(the_editors.agendix.accounts), within=60)

    # They see the slots of both editors beside our own, and who is silent
    the_osnp.takes_the_request_of("MÉSANGE Rosalie")
    the_osnp.is_offered("Dr Inès Sorbier")
    the_osnp.is_offered("14:10 · Docto")
    the_osnp.is_offered("10:40 · Agendix")
    the_osnp.reads_that_an_editor_is_silent("Docto n’a pas répondu, 09:55")

    # Who runs the room sees it too
    the_supervisor = company(TheSupervisor)
    the_supervisor.sees_how_editors_do("Docto", "Muet", "Est injoignable", "Agendix", "En service")

    # And keep a seat of the other, which is looked at again
    asked = len(the_editors.agendix.asked)
    the_osnp.reaches_the_first_seat_of("Dr Louise Genêt")
    the_osnp.holds_the_seat_and_says_why("médecin préféré")
    the_osnp.sees_the_seat_held("10:40")
    the_osnp.reads_in_the_bar("Encore libre à 10:0")
    eventually(lambda: len(the_editors.agendix.asked) > asked, within=30)  # the worker does, behind

    # When they book it on the editor's own page
    assert the_osnp.books_at_the_editor("Agenda de Dr Louise Genêt") == "Rendez-vous pris."

    # Then the appointment is here, without a word typed
    the_osnp.sees_the_appointment_taken("10:40")

    # When the patient was seen, and the editor says so
    (declared,) = the_editors.agendix.told
    with service.later(AT_NOON) as noon:
        the_editors.tells(noon)
        assert the_editors.agendix.says(declared["identifier"][0]["value"], "fulfilled") == 200

        the_regulator = company(TheDoctor, "snp", at=noon)
        the_regulator.reads_the_chronology_of("Mésange")
        the_regulator.sees_in_the_chronology("Rendez-vous pris chez Agendix", "dit par Agendix")
        the_osnp.leaves()
        the_regulator.leaves()
