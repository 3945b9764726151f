"""A nurse evaluates: what is asked, what is written, who reads it, and the doctor who takes note (ORI-12)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory.models import Place
from quinze.orientation.models import Booking, NurseReport, OrientationRequest
from quinze.orientation.operations import record_outcome
from quinze.orientation.operations.evaluating import Seen, report
from quinze.orientation.queries.assisting import remote_acts
from quinze.regulation import operations as ops
from quinze.regulation import queries
from quinze.regulation.decisions import Orientation
from quinze.regulation.forms.decision import decision_form
from quinze.regulation.models import CaseFile, Step
from tests.factories import orientation as land_of
from tests.factories import regulation as make
from tests.factories.accounts import login, make_actor, make_user
from tests.orientation.test_races import race

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
QUESTION = "Essoufflée depuis hier : saturation, œdèmes ?"
FOUND = "Parle en phrases courtes, chevilles gonflées"
WISH = Orientation("CABINET", profession="60", specialty="", modalities=("AMB",), within_hours=12, evaluate=QUESTION)


@dataclass
class Scene:
    land: land_of.Territory
    place: Place
    nurse: Actor
    doctor: Actor
    at: datetime

    def asked(self, wish: Orientation = WISH) -> tuple[CaseFile, OrientationRequest]:
        case = make.waiting_case(at=self.at - timedelta(hours=2), sas=self.land.sas)
        decided = ops.decide(case, by=self.doctor, at=self.at - timedelta(hours=2), details=wish)
        request = decided.orientation_request
        assert request is not None
        request.commune, (request.lat, request.lon) = self.land.commune, land_of.HERE
        request.save()
        return case, request

    def booked(self, *, hours: float = -1) -> tuple[CaseFile, Booking]:
        case, request = self.asked()
        slot = land_of.slot(self.place, hours, at=self.at)
        return case, land_of.booked(request, self.place, slot, self.land, at=self.at - timedelta(minutes=110))

    def seen(self, **fields: Any) -> Seen:
        given = {"seen_at": self.at - timedelta(minutes=30), "found": FOUND, "conclusion": "doctor"}
        return Seen(**given | {"constants": {"saturation": "91 %", "pulse": "104"}} | fields)

    def page(self) -> Client:
        return login(Client(), self.nurse)

    def reported(self, booking: Booking, *, known: int = 0, **fields: Any) -> NurseReport:
        return report(booking=booking, seen=self.seen(**fields), known=known, by=self.nurse, at=self.at)


def scene_at(at: datetime) -> Scene:
    land = land_of.territory(at=at - timedelta(days=1))
    place = land_of.doctor(land, "Tilleul")
    nurse = place.professional
    nurse.profession, nurse.specialty, nurse.account = "60", "", make_user()
    nurse.save()
    own = make_actor(Role.EFFECTEUR, land.sas, user=nurse.account, at=at)
    return Scene(land, place, own, make.doctor(sas=land.sas, at=at), at)


@pytest.fixture
def scene() -> Scene:
    return scene_at(clock.now())


ASSISTED = Orientation(
    "CABINET", profession="60", specialty="", care="Sonde", assisted=True, assisted_join="https://visio.exemple.test/a?b=1",
)  # fmt: skip


def texts(case: CaseFile, by: Actor) -> str:
    return "\n".join(line.text for line in queries.chronology(case, by=by))


def test_the_evaluation_comes_back_to_the_doctor_who_says_it_was_read(scene: Scene) -> None:
    case, booking = scene.booked()
    made = scene.reported(booking)
    case.refresh_from_db()
    booking.refresh_from_db()
    assert (case.step, case.claimed_by, booking.status) == (Step.SNP, None, "fulfilled")
    said = f"Évaluation de l’infirmier : {FOUND}. Pouls 104, saturation 91 %. Conclusion : à examiner par un médecin."
    assert said in texts(case, scene.doctor)
    (row,) = queries.worklist(by=scene.doctor, at=scene.at)
    assert ("évaluation à lire", "message", True) in row.marks
    ops.claim(case, by=scene.doctor, at=scene.at)
    with pytest.raises(Refusal, match="lisez-la avant de clore"):
        ops.close(case, by=scene.doctor, at=scene.at)
    ops.read_evaluation(case, by=scene.doctor, at=scene.at, report=str(made.pk))
    assert "Évaluation de l’infirmier lue par le médecin" in texts(case, scene.doctor)
    (row,) = queries.worklist(by=scene.doctor, at=scene.at)
    assert not row.evaluated
    assert ops.close(case, by=scene.doctor, at=scene.at).step == Step.CLOSED


def test_an_osnp_reads_that_an_evaluation_is_asked_and_written_never_of_what(scene: Scene) -> None:
    case, booking = scene.booked()
    scene.reported(booking)
    blind = texts(case, scene.land.osnp)
    assert "Évaluation de l’infirmier écrite, rendue au médecin." in blind
    assert booking.request.care == "Évaluation par l’infirmier"
    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    pages = [
        desk.get(reverse(name, args=[key]), follow=True).content.decode()
        for name, key in (
            ("orientation:request", booking.request_id), ("orientation:booking", booking.pk),
            ("regulation:case", case.number),
        )
    ]  # fmt: skip
    history = "\n".join(booking.request.events.values_list("text", flat=True))
    for text in (blind, history, *pages):
        assert len(text) > 100
        for secret in ("Essoufflée", "chevilles", "91 %", "à examiner par un médecin"):
            assert secret not in text
    assert "Évaluation par l’infirmier" in pages[0]


def test_an_osnp_and_a_nurse_do_not_note_that_it_was_read(scene: Scene) -> None:
    case, booking = scene.booked()
    made = scene.reported(booking)
    for by in (scene.land.osnp, scene.nurse, make.arm(scene.land.sas)):
        with pytest.raises(Refusal, match="Seul un médecin régulateur"):
            ops.read_evaluation(case, by=by, at=scene.at, report=str(made.pk))
    elsewhere = make.doctor(sas=land_of.directory.sas("17"))
    for by, key in ((elsewhere, str(made.pk)), (scene.doctor, "0"), (scene.doctor, "x" * 5000), (scene.doctor, "")):
        with pytest.raises(NotFound):
            ops.read_evaluation(case, by=by, at=scene.at, report=key)


def test_only_the_nurse_of_the_appointment_writes(scene: Scene) -> None:
    _case, booking = scene.booked()
    other = make_actor(Role.EFFECTEUR, scene.land.sas)
    for by in (other, scene.doctor, scene.land.osnp):
        with pytest.raises(Refusal, match="Seul l’infirmier du rendez-vous"):
            report(booking=booking, seen=scene.seen(), known=0, by=by, at=scene.at)
    assert not NurseReport.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"found": "  "}, "found"),
        ({"found": "a" * 1501}, "found"),
        ({"conclusion": "'; drop table"}, "conclusion"),
        ({"constants": {"pulse": "9" * 21}}, "pulse"),
        ({"constants": {"sql": "1"}}, "sql"),
    ],
)
def test_garbage_is_refused_beside_its_field(scene: Scene, wrong: dict[str, Any], field: str) -> None:
    _case, booking = scene.booked()
    with pytest.raises(Refusal) as refused:
        scene.reported(booking, **wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("hours", [-30, 1])
def test_a_visit_is_neither_before_the_appointment_nor_to_come(scene: Scene, hours: float) -> None:
    _case, booking = scene.booked()
    with pytest.raises(Refusal, match="heure de visite"):
        scene.reported(booking, seen_at=scene.at + timedelta(hours=hours))


def test_nothing_was_asked_of_a_nurse_who_only_cares(scene: Scene) -> None:
    care = Orientation("CABINET", profession="60", specialty="", care="Pansement")
    _case, request = scene.asked(care)
    slot = land_of.slot(scene.place, -1, at=scene.at)
    booking = land_of.booked(request, scene.place, slot, scene.land, at=scene.at - timedelta(minutes=110))
    with pytest.raises(Refusal, match="Aucune évaluation n’est demandée"):
        scene.reported(booking)


@pytest.mark.parametrize(
    "wrong",
    [
        Orientation("CABINET", profession="60", specialty=""),
        Orientation("CABINET", profession="10", evaluate=QUESTION),
        Orientation("CABINET", profession="60", specialty="", evaluate="a" * 501),
    ],
)
def test_a_nurse_is_asked_for_something_and_only_a_nurse_evaluates(wrong: Orientation) -> None:
    with pytest.raises(Refusal):
        wrong.check()


def test_care_and_evaluation_may_be_asked_together(scene: Scene) -> None:
    both = Orientation("CABINET", profession="60", specialty="", care="perfusion", evaluate=QUESTION)
    _case, request = scene.asked(both)
    assert (request.care, request.evaluation.question) == ("Perfusion, évaluation par l’infirmier", QUESTION)
    assert both.sentence().count(QUESTION) == 1


def test_seen_without_a_word_is_given_back_to_the_doctor_rather_than_closed(scene: Scene) -> None:
    case, booking = scene.booked()
    record_outcome(booking=booking, outcome="fulfilled", by=scene.land.osnp, at=scene.at)
    case.refresh_from_db()
    assert case.step == Step.SNP
    assert "évaluation de l’infirmier pas encore écrite" in texts(case, scene.doctor)
    scene.reported(booking)
    case.refresh_from_db()
    assert case.step == Step.SNP


def test_a_file_in_the_hands_of_a_doctor_stays_there(scene: Scene) -> None:
    case, booking = scene.booked()
    record_outcome(booking=booking, outcome="fulfilled", by=scene.land.osnp, at=scene.at)
    ops.claim(case, by=scene.doctor, at=scene.at)
    scene.reported(booking)
    case.refresh_from_db()
    assert case.claimed_by == scene.doctor.user


def test_a_report_is_completed_by_another_and_never_edited(scene: Scene) -> None:
    _case, booking = scene.booked()
    first = scene.reported(booking)
    second = scene.reported(booking, known=1, conclusion="worse")
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(ProgrammingError), transaction.atomic():
        NurseReport.objects.filter(pk=first.pk).update(found="autre")


def test_the_nurse_writes_from_a_telephone(scene: Scene) -> None:
    _case, booking = scene.booked(hours=-0.1)
    page = scene.page()
    url = reverse("orientation:effecteur_evaluation", args=[booking.pk])
    assert QUESTION in page.get(url).content.decode()
    hour = f"{scene.at.astimezone(PARIS):%H:%M}"
    sent = {"known": "0", "seen_at": hour, "found": FOUND, "conclusion": "stays", "pulse": "104"}
    for name, value in (
        ("seen_at", "25:99"),
        ("found", ""),
        ("conclusion", "zzz"),
        ("pulse", "1" * 21),
        ("known", "x"),
    ):
        assert page.post(url, sent | {name: value}).status_code == 422
    assert not NurseReport.objects.exists()
    answer = page.post(url, sent)
    assert answer.status_code == 302
    assert NurseReport.objects.get().pulse == "104"
    again = page.post(url, sent)
    assert again.status_code == 422
    assert "vient d’être complétée" in again.content.decode()


def test_the_page_of_the_day_leads_to_the_evaluation_and_another_nurse_reads_nothing(scene: Scene) -> None:
    if (scene.at - timedelta(minutes=6)).astimezone(PARIS).date() != scene.at.astimezone(PARIS).date():
        pytest.skip("too near to midnight for a page of the day")
    _case, booking = scene.booked(hours=-0.1)
    url = reverse("orientation:effecteur_evaluation", args=[booking.pk])
    assert url in scene.page().get(reverse("orientation:effecteur_today")).content.decode()
    place = land_of.doctor(scene.land, "Saule")
    place.professional.account = make_user()
    place.professional.save()
    other = login(Client(), make_actor(Role.EFFECTEUR, scene.land.sas, user=place.professional.account))
    assert "Essoufflée" not in other.get(url, follow=True).content.decode()


def test_the_doctor_reads_and_acknowledges_on_the_file(scene: Scene) -> None:
    case, booking = scene.booked()
    made = scene.reported(booking)
    desk = login(Client(), make.doctor(sas=scene.land.sas, at=scene.at))
    page = desk.get(reverse("regulation:doctor_case", args=[case.number])).content.decode()
    assert "à lire" in page
    assert FOUND in page
    act = reverse("regulation:doctor_act", args=[case.number, "evaluation_read"])
    assert desk.post(act, {"evaluation_read-report": made.pk}).status_code == 302
    assert made.reading.by_id
    again = desk.post(act, {"evaluation_read-report": made.pk})
    assert (again.status_code, "Un confrère vient de noter" in again.content.decode()) == (422, True)


def test_reports_of_a_file_are_one_query_for_one_as_for_three(scene: Scene) -> None:
    case, booking = scene.booked()
    counts = []
    for known in range(3):
        scene.reported(booking, known=known)
        with CaptureQueriesContext(connection) as asked:
            found = queries.evaluations.nurse_reports(case, by=scene.doctor)
            assert [(each.by.pk, each.evaluation.question, hasattr(each, "reading")) for each in found] == [
                (scene.nurse.user.pk, QUESTION, False)
            ] * (known + 1)
        counts.append(len(asked))
    assert counts == [1, 1, 1]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"assisted_join": " "}, "assisted_join"),
        ({"assisted_join": "a" * 301}, "assisted_join"),
        ({"assisted_by": "a" * 121}, "assisted_join"),
        ({"modalities": ("VR",)}, "modalities"),
        ({"profession": "10", "care": ""}, "assisted"),
    ],
)
def test_an_assisted_act_says_how_to_join_and_has_a_nurse_on_the_spot(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        replace(ASSISTED, **wrong).check()
    assert refused.value.field == field


def test_the_osnp_and_the_nurse_read_which_doctor_is_there_and_how_to_join(scene: Scene) -> None:
    case, request = scene.asked(replace(ASSISTED, assisted_by="Dr Grive <b>"))
    desk = login(Client(), make_actor(Role.OSNP, scene.land.sas))
    desk.post(reverse("orientation:claim", args=[request.pk]))
    page = desk.get(reverse("orientation:request", args=[request.pk])).content.decode()
    slot = land_of.slot(scene.place, 0, at=scene.at)  # of today, even a minute before midnight
    booking = land_of.booked(request, scene.place, slot, scene.land, at=scene.at - timedelta(minutes=5))
    sheet = desk.get(reverse("orientation:booking", args=[booking.pk])).content.decode()
    own = scene.page().get(reverse("orientation:effecteur_today")).content.decode()
    for text in (page, sheet, own):
        assert "Dr Grive &lt;b&gt;" in text
        assert 'href="https://visio.exemple.test/a?b=1"' in text
    assert "Acte téléassisté, en vidéo avec Dr Grive" in texts(case, scene.doctor)
    assert remote_acts(by=scene.doctor, at=scene.at) == []  # another doctor is expected


def test_the_doctor_finds_the_hour_at_which_the_nurse_expects_them(scene: Scene) -> None:
    case, request = scene.asked(ASSISTED)
    (waiting,) = remote_acts(by=scene.doctor, at=scene.at)
    assert (waiting.name, waiting.booking) == ("PINSON Noé", None)
    slot = land_of.slot(scene.place, 1, at=scene.at)
    booking = land_of.booked(request, scene.place, slot, scene.land, at=scene.at)
    assert [act.booking for act in remote_acts(by=scene.doctor, at=scene.at)] == [booking]
    desk = login(Client(), scene.doctor)
    for name in ("regulation:doctor", "regulation:doctor_remote"):
        text = desk.get(reverse(name)).content.decode()
        assert f"{slot.starts_at.astimezone(PARIS):%H:%M}" in text
        assert reverse("regulation:doctor_case", args=[case.number]) in text
        assert f"live:request:{request.pk}" in text
    assert remote_acts(by=make.doctor(sas=scene.land.sas), at=scene.at) == []
    assert remote_acts(by=scene.doctor, at=scene.at + timedelta(hours=2)) == []


def test_the_acts_of_a_doctor_are_two_queries_for_one_as_for_three(scene: Scene) -> None:
    counts = []
    for _ in range(3):
        scene.asked(ASSISTED)
        with CaptureQueriesContext(connection) as asked:
            acts = remote_acts(by=scene.doctor, at=scene.at)
            assert all(act.name == "PINSON Noé" for act in acts)
        counts.append((len(acts), len(asked)))
    assert counts == [(1, 2), (2, 2), (3, 2)]


def test_the_sas_proposes_its_own_link(scene: Scene) -> None:
    admin = make_actor(Role.ADMINISTRATOR, scene.land.sas)
    page = login(Client(), admin)
    url = reverse("directory:parameter_set", args=["assistance_join"])
    sent = {"value": "https://visio.sas.test/salle", "reason": "Service vidéo"}
    refused = page.post(url, sent | {"value": "a" * 301})
    assert "a 300 caractères au plus" in refused.content.decode()
    assert page.post(url, sent).status_code == 302
    at = clock.now()
    case = ops.claim(make.waiting_case(at=at, sas=scene.land.sas), by=make.doctor(sas=scene.land.sas), at=at)
    assert decision_form(case, {}, at=at).initial["assisted_join"] == "https://visio.sas.test/salle"


@pytest.mark.django_db(transaction=True)
def test_two_reports_or_two_doctors_at_once_and_one_of_them_is_told() -> None:
    scene = scene_at(land_of.AT)
    case, booking = scene.booked()
    write: Callable[[], NurseReport] = lambda: scene.reported(booking)  # noqa: E731
    answers = race(write, write)
    assert sorted(isinstance(each, Refusal) for each in answers) == [False, True]
    made = NurseReport.objects.get()
    other = make.doctor(sas=scene.land.sas)
    answers = race(*(
        lambda by=by: ops.read_evaluation(case, by=by, at=scene.at, report=str(made.pk))
        for by in (scene.doctor, other)
    ))  # fmt: skip
    assert sorted(isinstance(each, Refusal) for each in answers) == [False, True]
