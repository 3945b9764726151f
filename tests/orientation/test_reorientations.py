"""An emergency department sends people to town: its nurse finds them a seat among those who take reorientations."""

import csv
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Place, Structure
from quinze.directory.operations import Terms, set_participation
from quinze.orientation import operations, queries
from quinze.orientation.models import Booking, Message, OrientationRequest, RankingLog
from quinze.orientation.operations import Reoriented, Wish
from quinze.orientation.queries.inputs import gather
from quinze.orientation.queries.reorientations import figures, request_for
from quinze.orientation.views import reorienting
from quinze.orientation.views.reorienting import HEADS
from quinze.patients.models import AccessRecord, Patient
from tests.factories import orientation as make
from tests.factories import patients
from tests.factories.accounts import login, make_actor

from .test_races import race

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_PAGE = 9
QUERIES_OF_THE_FILE = 6
Status = OrientationRequest.Status


@dataclass
class Emergency:
    land: make.Territory
    house: Structure
    nurse: Actor
    page: Client
    at: datetime

    def sent(self, name: str = "Loriot", **fields: Any) -> OrientationRequest:
        return make.reoriented(self.land, self.house, self.nurse, name, at=self.at, **fields)

    def doctor(self, name: str, *, hours: float = 2, **fields: Any) -> Place:
        place = make.doctor(self.land, name, **{"takes_reorientations": True} | fields)
        make.slot(place, hours, at=self.at)
        return place

    def register(self, **fields: object) -> str:
        """As typed; the page that follows."""
        typed = {
            "department": self.house.pk, "family_name": "Loriot", "given_name": "Zoé", "birth": "12/03/1980",
            "sex": "F", "callback_phone": "06 39 98 41 27", "care": "10/SM54", "modalities": ["AMB"],
            "within_hours": "24", "decided_by": "Dr Grive", "accepted": "on",
        }  # fmt: skip
        response = self.page.post(url("reorientations"), typed | fields, follow=True)
        return response.content.decode()


@pytest.fixture
def emergency() -> Emergency:
    at = clock.now()
    land = make.territory(at=at)
    house = make.department(land)
    nurse = make.nurse(land, house, at=at)
    return Emergency(land, house, nurse, login(Client(), nurse), at)


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


def names(view: queries.SearchView) -> list[str]:
    return [proposal.label for level in view.levels for proposal in level.proposals]


# ---- from the door to the appointment


def test_a_person_is_registered_searched_booked_and_leaves_with_a_slip(emergency: Emergency) -> None:
    emergency.doctor("Sittelle")

    page = emergency.register()

    found = OrientationRequest.objects.get()
    assert (found.emergency, found.decided_by, found.taken_by) == (emergency.house, "Dr Grive", emergency.nurse.user)
    assert found.patient.family_name == "Loriot"
    assert RankingLog.objects.filter(request=found, by=emergency.nurse.user).count() == 1
    (choice,) = re.findall(r'form="retenir" name="choice" value="([^"]+)"', page)
    log = RankingLog.objects.get()
    emergency.page.post(url("hold", found.pk), {"ranking": log.pk, "choice": choice})
    booked = emergency.page.post(url("confirm", found.pk), follow=True).content.decode()
    assert "Fiche à remettre" in booked
    assert found.bookings.get().status == Booking.Status.CONFIRMED
    assert Message.objects.filter(booking__request=found).exists()
    slip = emergency.page.get(url("reorientation_slip", found.pk)).content.decode()
    assert "Sittelle" in slip
    assert emergency.house.finess in slip
    assert "Dr Grive" in slip
    assert AccessRecord.objects.filter(user=emergency.nurse.user, why="fiche imprimée").exists()


def test_it_has_no_case_file_and_says_so_in_its_own_history(emergency: Emergency) -> None:
    first, second = emergency.sent(), emergency.sent("Mésange")

    assert re.fullmatch(r"REO\d{12}", first.case_number)
    assert first.case_number < second.case_number
    text = first.events.order_by("pk").first().text
    assert "Réorientation décidée par Dr Grive" in text


def test_without_consent_or_without_a_decision_nobody_is_sent(emergency: Emergency) -> None:
    assert "Elle peut refuser" in emergency.register(accepted="")
    assert "À remplir" in emergency.register(decided_by="  ")
    with pytest.raises(Refusal) as refused:
        emergency.sent(accepted=False)
    assert refused.value.field == "accepted"
    assert not OrientationRequest.objects.exists()
    assert not Patient.objects.exists()


def test_postgresql_refuses_a_reorientation_that_nobody_decided(emergency: Emergency) -> None:
    found = emergency.sent()

    with pytest.raises(IntegrityError, match="reorientation_says_who_decided"), transaction.atomic():
        OrientationRequest.objects.filter(pk=found.pk).update(decided_by="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"family_name": ""},
        {"birth": "le 31 février"},
        {"birth": "12/03/2199"},
        {"callback_phone": "12"},
        {"care": "99/PIGEON"},
        {"modalities": ["HH"]},
        {"modalities": []},
        {"within_hours": "1000"},
        {"commune_text": "Nulle-Part", "commune": "00000"},
        {"department": "0"},
        {"decided_by": "x" * 121},
        {"family_name": "\0"},
        {"same": "-1", "birth": ""},
    ],
)
def test_what_is_typed_wrong_is_explained_and_nothing_is_written(
    emergency: Emergency, wrong: dict[str, object]
) -> None:
    page = emergency.register(**wrong)

    assert "Personne à réorienter" in page
    assert "invalid-feedback" in page or 'role="alert"' in page or "q-error" in page
    assert not OrientationRequest.objects.exists()


def test_somebody_known_is_recognised_only_when_the_nurse_says_so(emergency: Emergency) -> None:
    emergency.register()
    known = Patient.objects.get()

    asked = emergency.register()
    assert "Est-ce la même personne" in asked
    assert OrientationRequest.objects.count() == 1
    emergency.register(same=str(known.pk))
    assert OrientationRequest.objects.filter(patient=known).count() == 2
    emergency.register(same="0")
    assert Patient.objects.count() == 2
    assert "Est-ce la même personne" in emergency.register(same="999999")
    assert "Est-ce la même personne" not in emergency.register(birth="13/03/1980")


# ---- who is asked


def test_only_those_who_take_reorientations_are_proposed_in_the_same_order(emergency: Emergency) -> None:
    near, far = emergency.doctor("Sittelle", km=2), emergency.doctor("Huppe", km=6, hours=5)
    refusing = emergency.doctor("Verdier", km=1, takes_reorientations=False)
    make.structure(emergency.land, "MMG", "Maison médicale de garde")
    ordinary = make.request(emergency.land, at=emergency.at)
    sent = emergency.sent()

    shown = names(make.searched(sent, emergency.land, at=emergency.at))
    everyone = names(make.searched(ordinary, emergency.land, at=emergency.at))

    assert shown == ["Dr Hélène Sittelle", "Dr Hélène Huppe"]
    assert [name for name in everyone if name in shown] == shown
    assert "Dr Hélène Verdier" in everyone
    log = queries.latest_ranking(sent)
    assert log
    assert refusing.professional
    assert "urgences" in queries.why_not(log=log, professional=refusing.professional).sentence
    options = operations.SearchOptions()
    all_read = gather(request=sent, charter=log.charter, options=options, at=emergency.at).inputs.candidates
    assert {each.id for each in all_read} == {f"p{each.professional_id}@{each.pk}" for each in (near, far)}


def test_a_duty_house_that_takes_them_is_proposed_and_emergencies_never_are(emergency: Emergency) -> None:
    house = make.structure(emergency.land, "MMG", "Maison médicale de garde")
    assert house.structure
    make.takes_reorientations(house.structure, emergency.land)
    sent = emergency.sent()

    read = gather(request=sent, charter=emergency.land.charter, options=operations.SearchOptions(), at=emergency.at)

    assert [each.label for each in read.inputs.candidates] == ["Maison médicale de garde"]


def test_a_doctor_who_ticks_the_term_is_found_by_the_next_search(emergency: Emergency) -> None:
    place = emergency.doctor("Sittelle", takes_reorientations=False)
    sent = emergency.sent()
    assert names(make.searched(sent, emergency.land, at=emergency.at)) == []

    place.professional.participations.update(takes_reorientations=True)

    assert names(make.searched(sent, emergency.land, at=emergency.at)) == ["Dr Hélène Sittelle"]


# ---- whose it is


def test_the_nurse_of_other_emergencies_sees_nothing_of_it(emergency: Emergency) -> None:
    sent = emergency.sent()
    other = make.nurse(emergency.land, make.department(emergency.land, "Urgences de la Gare"), at=emergency.at)
    page = login(Client(), other)

    for name in ("request", "state", "changes", "bar", "why_not", "reorientation_slip"):
        assert page.get(url(name, sent.pk)).status_code == 404, name
    for name in ("claim", "search", "hold", "confirm", "person", "close", "release", "reorientation_cancel"):
        assert page.post(url(name, sent.pk)).status_code == 404, name
    assert "Loriot" not in page.get(url("reorientations")).content.decode()
    with pytest.raises(NotFound):
        make.reoriented(emergency.land, emergency.house, other, "Mésange", at=emergency.at)


def test_a_nurse_reads_no_request_of_the_regulation(emergency: Emergency) -> None:
    ordinary = make.request(emergency.land, at=emergency.at)

    assert emergency.page.get(url("request", ordinary.pk)).status_code == 404


def test_a_nurse_who_left_the_department_sees_nothing_more(emergency: Emergency) -> None:
    sent = emergency.sent()
    emergency.house.nurses.update(during=(emergency.at - timedelta(days=9), emergency.at - timedelta(days=1)))

    assert emergency.page.get(url("request", sent.pk)).status_code == 404
    assert "Aucunes urgences" in emergency.page.get(url("reorientations")).content.decode()


def test_a_colleague_of_the_same_department_goes_on(emergency: Emergency) -> None:
    sent = emergency.sent()
    colleague = make.nurse(emergency.land, emergency.house, at=emergency.at)
    page = login(Client(), colleague)

    page.post(url("release", sent.pk))
    page.post(url("claim", sent.pk))

    sent.refresh_from_db()
    assert sent.taken_by == colleague.user


def test_handed_over_it_is_in_the_list_of_the_sas_with_its_department(emergency: Emergency) -> None:
    sent = emergency.sent()
    osnp = login(Client(), emergency.land.osnp)

    emergency.page.post(url("release", sent.pk))

    assert "Loriot".upper() in osnp.get(url("desk")).content.decode()
    osnp.post(url("claim", sent.pk))
    page = osnp.get(url("request", sent.pk)).content.decode()
    assert "Réorientation" in page
    assert emergency.house.name in page
    assert url("red_flag", sent.pk) not in page
    with pytest.raises(Refusal, match="ARM"):
        operations.red_flag(request=sent, by=emergency.land.osnp, at=emergency.at)


# ---- the doctor changes their mind


def unticked(place: Place, by: Actor, at: datetime) -> None:
    set_participation(place.professional, Terms(), by=by, at=at)


def wanted(emergency: Emergency, request: OrientationRequest) -> dict[str, Any]:
    view = operations.search(request=request, by=emergency.nurse, at=emergency.at)
    assert view.first
    return {
        "request": request, "ranking": view.ranking_id, "candidate": view.first.candidate,
        "slot": view.first.slots[0].id, "modality": "AMB", "by": emergency.nurse,
    }  # fmt: skip


def test_who_takes_no_reorientations_any_more_is_not_held_and_the_next_one_is_offered(emergency: Emergency) -> None:
    first, second = emergency.doctor("Sittelle", hours=2), emergency.doctor("Pouillot", hours=3)
    sent = emergency.sent()
    wish = wanted(emergency, sent)
    unticked(first, emergency.land.osnp, emergency.at + timedelta(seconds=1))

    with pytest.raises(Refusal, match="n’accepte plus les personnes que les urgences réorientent") as refused:
        operations.hold(**wish, at=emergency.at + timedelta(seconds=2))

    assert refused.value.data["proposal"].startswith(f"p{second.professional_id}@")
    assert not Booking.objects.exists()


def test_the_refusal_is_on_the_nurse_s_page_with_the_next_seat(emergency: Emergency) -> None:
    first, _ = emergency.doctor("Sittelle", hours=2), emergency.doctor("Pouillot", hours=3)
    sent = emergency.sent()
    wish = wanted(emergency, sent)
    unticked(first, emergency.land.osnp, emergency.at)

    choice = f"{wish['candidate']}|{wish['slot']}|AMB"
    answer = emergency.page.post(url("hold", sent.pk), {"ranking": wish["ranking"], "choice": choice})

    assert answer.status_code == 409
    html = answer.content.decode()
    assert "n’accepte plus" in html
    assert "Retenir Dr Hélène Pouillot" in html
    assert "N’accepte plus les réorientations" in html


def test_a_hold_made_before_and_a_call_of_the_regulation_are_left_alone(emergency: Emergency) -> None:
    place = emergency.doctor("Sittelle")
    booking = operations.hold(**wanted(emergency, emergency.sent()), at=emergency.at)
    unticked(place, emergency.land.osnp, emergency.at + timedelta(seconds=1))
    booking = operations.confirm(booking=booking, by=emergency.nurse, at=emergency.at + timedelta(seconds=2))
    assert booking.status == Booking.Status.BOOKED

    ordinary = make.request(emergency.land, at=emergency.at)
    assert make.held(ordinary, place, make.slot(place, 4, at=emergency.at), emergency.land, at=emergency.at)


@pytest.mark.django_db(transaction=True)
def test_unticking_and_holding_at_the_same_instant_wait_for_each_other() -> None:
    """Two connections: a hold that waited for the doctor's change reads it; a change waits for the hold in progress."""
    at = make.AT
    land = make.territory()
    house = make.department(land)
    emergency = Emergency(land, house, make.nurse(land, house), Client(), at)
    first = emergency.doctor("Sittelle")
    wish = wanted(emergency, emergency.sent())
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            unticked(first, land.osnp, at + timedelta(seconds=1))
            late = other.submit(lambda: race(lambda: operations.hold(**wish, at=at))[0])
            waits_for_a_lock()
        assert isinstance(late.result(timeout=20), Refusal)
        assert late.result().code == "no_reorientation"
        again = at + timedelta(seconds=9)
        set_participation(first.professional, Terms(takes_reorientations=True), by=land.osnp, at=again)
        with transaction.atomic():
            operations.hold(**wish, at=again)
            change = other.submit(race, lambda: unticked(first, land.osnp, again + timedelta(seconds=1)))
            waits_for_a_lock()
        assert change.result(timeout=20) == [None]
    assert Booking.objects.filter(status="held").count() == 1


def waits_for_a_lock() -> None:
    """Until the other connection is stopped by ours."""
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")


# ---- what came of it


def given(emergency: Emergency, request: OrientationRequest, place: Place, hours: float = 3) -> Booking:
    slot = make.slot(place, hours, at=emergency.at)
    return make.booked(request, place, slot, emergency.land, at=emergency.at)


def test_the_list_says_who_was_seen_and_the_figures_count_everyone_once(emergency: Emergency) -> None:
    place = emergency.doctor("Sittelle")
    seen, missed, kept = (
        given(emergency, emergency.sent(name), place, 3 + rank / 2) for rank, name in enumerate("ABC")
    )
    later = emergency.at + timedelta(hours=8)
    operations.record_outcome(booking=seen, outcome="fulfilled", by=emergency.land.osnp, at=later)
    operations.record_outcome(booking=missed, outcome="no_show", by=emergency.land.osnp, at=later)
    operations.close_without_booking(request=emergency.sent("D"), reason="refus", by=emergency.nurse, at=emergency.at)
    emergency.sent("E")
    make.request(emergency.land, at=emergency.at)

    page = emergency.page.get(url("reorientations")).content.decode()

    assert page.count("pas venue") >= 1
    for words in ("Attendues : 1", "Issue connue : 2", "À orienter : 1", "Sans rendez-vous : 1"):
        assert words in page
    (count,) = figures(sas=emergency.land.sas, since=emergency.at - timedelta(days=1), until=later)
    assert (count.sent, count.seen, count.missed, count.expected, count.without) == (5, 1, 1, 2, 1)
    assert count.share == 50
    assert kept.request_id


def test_an_appointment_is_cancelled_while_the_person_is_there(emergency: Emergency) -> None:
    sent = emergency.sent()
    booking = given(emergency, sent, emergency.doctor("Sittelle"))

    emergency.page.post(url("reorientation_cancel", sent.pk), {"reason": ""})
    booking.refresh_from_db()
    assert booking.status == Booking.Status.BOOKED
    emergency.page.post(url("reorientation_cancel", sent.pk), {"reason": "mauvaise heure"})

    booking.refresh_from_db()
    sent.refresh_from_db()
    assert (booking.status, sent.status) == (Booking.Status.CANCELLED, Status.WAITING)
    assert emergency.page.get(url("reorientation_slip", sent.pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_reads_as_much_whatever_the_people(emergency: Emergency, count: int) -> None:
    place = emergency.doctor("Sittelle")
    for rank in range(count):
        given(emergency, emergency.sent(f"Loriot {rank}"), place, 3 + rank / 2)
    emergency.page.get(url("reorientations"))

    with CaptureQueriesContext(connection) as queries_run:
        emergency.page.get(url("reorientations"))

    assert len(queries_run) == QUERIES_OF_THE_PAGE


# ---- the list leaves for a spreadsheet


def lines(emergency: Emergency) -> list[list[str]]:
    answer = emergency.page.get(url("reorientations_export"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="reorientations-')
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_list_leaves_for_a_spreadsheet_and_the_reading_is_written(emergency: Emergency) -> None:
    seen = given(emergency, emergency.sent("Loriot"), emergency.doctor("Sittelle"))
    operations.record_outcome(
        booking=seen, outcome="fulfilled", by=emergency.land.osnp, at=emergency.at + timedelta(hours=8)
    )
    waits = emergency.sent("Mésange")
    old = emergency.sent("Rougequeue")
    operations.close_without_booking(request=old, reason="refus", by=emergency.nurse, at=emergency.at)
    OrientationRequest.objects.filter(pk=old.pk).update(requested_at=emergency.at - timedelta(days=29))

    heads, *rows = lines(emergency)

    assert heads == list(HEADS)
    assert [row[3] for row in rows] == ["MÉSANGE", "LORIOT"], "the latest first, four weeks, no more"
    assert [row[8] for row in rows] == ["à orienter", "vue"]
    assert rows[1][10:12] == ["Dr Hélène Sittelle", "Poitiers"]
    assert rows[1][2] == emergency.house.name
    assert waits.callback_phone not in str(rows)
    read = AccessRecord.objects.filter(why="export des réorientations").values_list("reference", flat=True)
    assert set(read) == {waits.case_number, seen.request.case_number}


def test_a_name_typed_as_a_formula_stays_a_name(emergency: Emergency) -> None:
    sent = emergency.sent("Loriot")
    OrientationRequest.objects.filter(pk=sent.pk).update(decided_by='=HYPERLINK("http://x";"y")')
    (_, row) = lines(emergency)
    assert row[6] == '\'=HYPERLINK("http://x";"y")'


def test_only_one_s_own_departments_leave(emergency: Emergency) -> None:
    emergency.sent("Loriot")
    other = make.department(emergency.land, "Urgences de la Boivre")
    page = login(Client(), make.nurse(emergency.land, other, at=emergency.at))
    assert "LORIOT" not in page.get(url("reorientations_export")).content.decode()
    nobody = login(Client(), make_actor(Role.IOA, emergency.land.sas))
    assert nobody.get(url("reorientations_export")).status_code == 404


def test_a_file_too_long_says_that_it_stops(emergency: Emergency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reorienting, "MOST_EXPORTED", 2)
    for name in ("Loriot", "Mésange", "Fauvette"):
        emergency.sent(name)
    _, *rows = lines(emergency)
    assert len(rows) == 3
    assert rows[-1] == ["Les 2 dernières seulement : d’autres, plus anciennes, n’y sont pas."]


@pytest.mark.parametrize("count", [1, 3])
def test_the_file_reads_as_much_whatever_the_people(emergency: Emergency, count: int) -> None:
    place = emergency.doctor("Sittelle")
    for rank in range(count):
        given(emergency, emergency.sent(f"Loriot {rank}"), place, 3 + rank / 2)
    lines(emergency)

    with CaptureQueriesContext(connection) as queries_run:
        lines(emergency)

    assert len(queries_run) == QUERIES_OF_THE_FILE


def test_the_figures_name_nobody(emergency: Emergency) -> None:
    emergency.sent()
    reader = login(Client(), make_actor(Role.INDICATOR_READER, emergency.land.sas))

    page = reader.get(url("reorientation_figures"), {"semaines": "pigeon"}).content.decode()

    assert emergency.house.name in page
    assert "LORIOT" not in page.upper()


def test_known_people_of_another_sas_are_nobody_here(emergency: Emergency) -> None:
    stranger = patients.patient(make.territory("79", at=emergency.at).sas)

    with pytest.raises(NotFound):
        operations.reorient(
            department=emergency.house, person=Reoriented(known=stranger.pk), accepted=True, by=emergency.nurse,
            at=emergency.at, wish=Wish("Dr Grive", emergency.at + timedelta(hours=4)),
        )  # fmt: skip
    with pytest.raises(NotFound):
        request_for(by=emergency.nurse, pk=10**30, at=emergency.at)
