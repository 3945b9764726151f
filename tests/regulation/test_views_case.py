"""The chronology of a file, who read it, and finding a file again."""

import itertools
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.patients.models import AccessRecord
from quinze.regulation import durations, queries
from quinze.regulation import operations as ops
from quinze.regulation.models import CaseFile
from tests.factories import orientation
from tests.factories import regulation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def case(at: datetime) -> CaseFile:
    return make.decided_case(at=at - timedelta(minutes=10))[0]


def url(name: str, *args: object) -> str:
    return reverse(f"regulation:{name}", args=args)


def read(client: Client, role: Role, case: CaseFile, name: str = "case") -> str:
    return login(client, make_actor(role)).get(url(name, case.number)).content.decode()


# --- chronology ---------------------------------------------------------------------------------------------------


def test_the_chronology_tells_who_did_what_and_how_long_after_the_call(client: Client, case: CaseFile) -> None:
    page = read(client, Role.SUPERVISOR, case)
    for words in ("PINSON Noé", "Appel", "Qualification", "Régulation médicale", "régulation SNP", "5:00", "5 min 00"):
        assert words in page
    assert "06 39 98 41 27" in page
    assert "+33639984127" not in page


def test_a_page_fetched_again_is_the_same(client: Client, case: CaseFile) -> None:
    login(client, make.supervisor(at=clock.now()))
    page = client.get(url("case", case.number)).content.decode()
    again = client.get(url("case_events", case.number)).content.decode()

    def still(text: str) -> str:
        """Without the token of the form and the second of reading."""
        lines = text.split('<div class="chro-2">')[1].split("</table>", maxsplit=1)[0]
        return lines.split("<tbody>", 1)[1]

    assert still(again) == still(page)


def test_opening_is_recorded_and_shown_to_those_allowed(client: Client, case: CaseFile) -> None:
    reader = make.supervisor(at=clock.now())
    page = login(client, reader).get(url("case", case.number)).content.decode()
    assert "Qui a lu ce dossier" in page
    assert str(reader.user) in page
    assert AccessRecord.objects.filter(reference=case.number, user=reader.user).count() == 1


def test_an_arm_does_not_see_who_read(client: Client, case: CaseFile) -> None:
    assert "Qui a lu ce dossier" not in read(client, Role.ARM, case)


def test_an_osnp_reads_no_interrogation(client: Client, case: CaseFile) -> None:
    page = read(client, Role.OSNP, case)
    assert "39,4 depuis hier." not in page
    assert "M19.05.00" not in page
    assert "Fièvre" not in page


def test_the_whole_list_of_readings_has_its_page(client: Client, case: CaseFile) -> None:
    login(client, make.supervisor(at=clock.now()))
    for _ in range(3):
        client.get(url("case", case.number))
    assert "3 lectures" in client.get(url("accesses", case.number)).content.decode()


def test_an_administrator_reads_the_list_of_readings_not_the_file(client: Client, case: CaseFile) -> None:
    page = read(client, Role.ADMINISTRATOR, case, "accesses")
    assert url("case", case.number) not in page
    assert "PINSON" not in page
    assert client.get(url("case", case.number)).status_code == 403


def test_printing_is_recorded_before_the_page_prints_itself(client: Client, case: CaseFile) -> None:
    login(client, make.supervisor(at=clock.now()))
    page = client.post(url("case_print", case.number), follow=True).content.decode()
    assert "regulation/print.js" in page
    assert AccessRecord.objects.filter(reference=case.number, why="imprimé").count() == 1


def test_a_note_is_one_more_line(client: Client, case: CaseFile) -> None:
    login(client, make.arm(at=clock.now()))
    page = client.post(url("case_note", case.number), {"text": "La voisine a les clés."}, follow=True).content.decode()
    assert "La voisine a les clés." in page


def test_an_empty_note_is_refused_beside_its_field(client: Client, case: CaseFile) -> None:
    answer = login(client, make.arm(at=clock.now())).post(url("case_note", case.number), {"text": "  "})
    assert answer.status_code == 422
    assert "note-error" in answer.content.decode()


def test_a_letter_opens_in_the_page_and_its_reading_is_recorded(client: Client, at: datetime) -> None:
    doctor = make.doctor(at=at)
    case, decision = make.decided_case(by=doctor, at=at - timedelta(minutes=10))
    letter = ops.make_letter(decision, by=doctor, at=at)
    answer = login(client, make.supervisor(at=at)).get(url("letter", case.number, letter.pk))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert AccessRecord.objects.filter(kind="letter", reference=str(letter.pk)).count() == 1
    other = make.case(at=at)
    assert client.get(url("letter", other.number, letter.pk)).status_code == 404


def test_the_file_of_another_sas_does_not_exist(client: Client, at: datetime) -> None:
    elsewhere = make.case(at=at, sas=make_sas("79"))
    login(client, make.supervisor(at=at))
    for name in ("case", "case_events", "accesses"):
        assert client.get(url(name, elsewhere.number)).status_code == 404
    assert client.post(url("case_print", elsewhere.number)).status_code == 404


def test_get_and_post_each_in_its_place(client: Client, case: CaseFile) -> None:
    login(client, make.arm(at=clock.now()))
    assert client.post(url("case", case.number)).status_code == 405
    assert client.get(url("case_note", case.number)).status_code == 405
    assert client.get(url("case_print", case.number)).status_code == 405


def test_who_has_no_business_with_files_is_refused(client: Client, case: CaseFile) -> None:
    login(client, make_actor(Role.REFERENT))
    assert client.get(url("case", case.number)).status_code == 403
    assert client.get(url("search")).status_code == 403


def test_durations_are_only_those_of_lines_that_exist(case: CaseFile) -> None:
    lines = queries.chronology(case, by=make.supervisor(sas=case.sas))
    found = durations.steps(case, lines)
    figures = {figure.label: figure.seconds for figure in durations.figures(found, lines, doctor_target=900)}
    assert figures["Décision"] == 300
    assert figures["Vu par un médecin"] is None
    phases = durations.phases(found)
    assert all(
        later.x == pytest.approx(earlier.x + earlier.width, abs=0.2) for earlier, later in itertools.pairwise(phases)
    )


def test_from_the_ring_to_the_appointment_on_one_page(client: Client) -> None:
    land, at = orientation.territory(), orientation.AT
    case = make.waiting_case(at=at, sas=land.sas)
    ops.save_section(
        case,
        by=land.doctor,
        at=at,
        section="place",
        values={"commune": land.commune.pk},
        base_version=case.place_version,
    )
    decision = ops.decide(case, by=land.doctor, at=at + timedelta(minutes=4), details=make.CITY)
    request, place = decision.orientation_request, orientation.doctor(land, "Cormier")
    assert request is not None
    orientation.booked(request, place, orientation.slot(place), land, at=at + timedelta(minutes=6))
    page = login(client, make.supervisor(land.sas, at=clock.now())).get(url("case", case.number)).content.decode()
    for words in ("Orientation", "Rendez-vous", "CORMIER", "12:00", "2 min 00", "Rendez-vous pris"):
        assert words.lower() in page.lower()


# --- search -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [("pinson", "nom du patient"), ("06 39 98 41 27", "numéro"), ("number", "numéro de dossier"), ("short", "dossier")],
)
def test_a_file_is_found_and_says_why(client: Client, case: CaseFile, text: str, why: str) -> None:
    number = case.number
    typed = {"number": number, "short": f"{number[6:8]} {number[9:11]} {number[11:14]} {number[14:]}"}.get(text, text)
    page = login(client, make.arm(at=clock.now())).get(url("search"), {"q": typed}).content.decode()
    assert url("case", number) in page
    assert why in page


def test_nothing_found_says_what_to_try(client: Client, case: CaseFile) -> None:
    page = login(client, make.arm(at=clock.now())).get(url("search"), {"q": "introuvable"}).content.decode()
    assert "Aucun dossier ne répond" in page


def test_search_stays_in_the_sas(client: Client, at: datetime) -> None:
    elsewhere = make.qualified_case(at=at, sas=make_sas("79"))
    page = login(client, make.arm(at=at)).get(url("search"), {"q": "pinson"}).content.decode()
    assert elsewhere.number not in page


def test_an_osnp_finds_a_file_without_its_reason(client: Client, case: CaseFile) -> None:
    page = login(client, make.osnp(at=clock.now())).get(url("search"), {"q": "pinson"}).content.decode()
    assert case.number in page
    assert "Fièvre" not in page


def test_search_costs_the_same_with_one_row_and_with_three(client: Client, at: datetime) -> None:
    make.qualified_case(at=at)
    login(client, make.arm(at=at))

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(url("search"), {"q": "pinson"})
        return len(seen)

    one = cost()
    for _ in range(2):
        make.qualified_case(at=at)
    assert cost() == one == 3
