"""Appointments told by the platform, and by us: stored, answered, joined to a file by a person, followed."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings

from quinze.base.errors import Conflict, Refusal
from quinze.directory.models import Place
from quinze.interop.lrm import envelope, rdv
from quinze.interop.lrm.inbox import receive
from quinze.interop.lrm.linking import link, set_aside
from quinze.interop.lrm.matching import files
from quinze.interop.lrm.outbox import take
from quinze.interop.lrm.partners import register_partner
from quinze.interop.lrm.rdv import Faulty
from quinze.interop.models import HubIdentity, HubMessage, PlatformRdv, ToldRdv
from quinze.orientation import operations
from quinze.orientation.models import Booking, OrientationRequest
from quinze.regulation.models import CaseFile
from quinze.regulation.operations.called import Brought, open_brought
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import login
from tests.factories.orientation import AT
from tests.interop.lrm.test_rdv import HUB, SAID

PLATFORM, OURS = "fr.health.test.ptfsas", "fr.health.samu860"
RPPS = "10002909371"


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT)


@pytest.fixture
def land(db: None) -> make.Territory:
    return prepared()


def prepared() -> make.Territory:
    made = make.territory()
    HubIdentity.objects.create(sas=made.sas, hub_id=OURS, created_at=AT)
    return made


def sent(number: str = "1", *, minutes: int = 0, **changed: Any) -> bytes:
    """As the platform sends it, so many minutes after `AT`."""
    said = SAID | {"regulator": SAID["regulator"] | {"regulatorEmail": "osnp@exemple.test"}} | changed
    whole = envelope.report(
        {name: value for name, value in said.items() if value is not None},
        number=f"{PLATFORM}_{number}", sender=PLATFORM, recipient=OURS, at=AT + timedelta(minutes=minutes),
    )  # fmt: skip
    return json.dumps(whole).encode()


def came(number: str = "1", **changed: Any) -> PlatformRdv:
    minutes = changed.get("minutes", 0)
    receive(sent(number, **changed), at=AT + timedelta(minutes=minutes))
    return PlatformRdv.objects.select_related("sas", "professional", "user").get()


def answers() -> list[tuple[str, Any]]:
    """Kind and content of what waits to leave."""
    found = HubMessage.objects.filter(way="out").order_by("pk")
    return [(one.kind, envelope.read(json.dumps(one.content).encode()).message) for one in found]


def update(number: str, **changed: Any) -> bytes:
    return sent(number, method=rdv.UPDATE, **changed)


# ---- the inbox


def test_a_message_is_stored_and_acknowledged_once_however_often_it_comes(land: make.Territory) -> None:
    for _ in range(3):
        assert receive(sent(), at=AT).state == "done"
    (kept,) = HubMessage.objects.filter(way="in")
    assert kept.content == json.loads(sent())
    ((kind, message),) = answers()
    assert (kind, message["reference"]) == ("Ack", {"distributionID": f"{PLATFORM}_1"})
    found = PlatformRdv.objects.get()
    assert (found.number, found.status, found.state, found.revision) == (SAID["appointmentId"], "booked", "to_match", 1)


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"status": "perdu"}, 300, "appointment.status"),
        ({"regulator": None}, 300, "appointment.regulator : manque"),
        ({"patient": {"name": "x"}}, 300, "patient : élément inconnu"),
        ({"minutes": -3000}, 400, "périmé"),
    ],
)
def test_what_is_wrong_is_kept_and_answered_with_its_reason(
    land: make.Territory, changed: dict[str, Any], code: int, words: str
) -> None:
    refused = receive(sent(**changed), at=AT)
    assert (refused.state, words in refused.problem) == ("refused", True)
    ((kind, message),) = answers()
    assert (kind, message["error"]["errorCode"]["statusCode"]) == ("Error", code)
    assert message["error"]["referencedDistributionID"] == f"{PLATFORM}_1"
    assert not PlatformRdv.objects.exists()


def test_a_second_creation_is_refused_and_an_unknown_update_creates(land: make.Territory) -> None:
    receive(update("1"), at=AT)
    assert receive(sent("2"), at=AT).state == "refused"
    assert [kind for kind, _ in answers()] == ["Ack", "Error"]
    assert answers()[1][1]["error"]["errorCode"] == {"statusCode": 701, "statusString": "CASE_ALREADY_EXISTS"}
    assert PlatformRdv.objects.get().words.count() == 1


def test_an_older_word_that_arrives_late_is_history_only(land: make.Territory) -> None:
    came("1")
    receive(update("3", minutes=10, status="cancelled"), at=AT + timedelta(minutes=10))
    receive(update("2", minutes=5, status="booked"), at=AT + timedelta(minutes=11))
    found = PlatformRdv.objects.get()
    assert (found.status, found.revision) == ("cancelled", 3)
    assert [word.content["status"] for word in found.words.order_by("revision")] == ["booked", "cancelled", "booked"]


def test_a_recipient_who_is_not_here_is_kept_and_not_answered(land: make.Territory) -> None:
    HubIdentity.objects.all().delete()
    assert receive(sent(), at=AT).problem == "Ce destinataire n’est pas ici."
    assert answers() == []


@pytest.mark.reference
def test_the_official_samples_go_through_the_inbox(land: make.Territory) -> None:
    samples = sorted((HUB / "examples" / "RS-SAS-RDV").glob("*.json"))
    if not samples:
        pytest.skip("the official samples of the Hub Santé are not beside this checkout")
    for order, path in enumerate(sorted(samples, key=lambda path: "MAJ" in path.name)):
        said = json.loads(path.read_text(encoding="utf-8"))["appointment"]
        whole = envelope.report(said, number=f"{PLATFORM}_{order}", sender=PLATFORM, recipient=OURS, at=AT)
        assert receive(json.dumps(whole).encode(), at=AT).state == "done", path.name
    assert sorted(PlatformRdv.objects.values_list("status", flat=True)) == [
        "booked",
        "cancelled",
        "fulfilled",
        "noshow",
    ]


# ---- to which file


def waits(land: make.Territory, name: str = "Pinson") -> CaseFile:
    brought = Brought("ici", "10", "SM54", ("AMB",), 48, commune=land.commune, family_name=name)
    request = open_brought(brought, by=land.osnp, at=AT)
    return CaseFile.objects.get(number=request.case_number)


def known_doctor(land: make.Territory, *, km: float = 4) -> Place:
    place = make.doctor(land, "Cormier", km=km)
    person = place.professional
    assert person is not None
    person.rpps = RPPS
    person.save()
    return place


def of_osnp(land: make.Territory) -> dict[str, Any]:
    return {"regulator": SAID["regulator"] | {"regulatorEmail": land.osnp.user.email, "regulatorId": "3620100057/1"}}


def test_the_file_of_that_regulator_at_that_hour_and_place_comes_first(land: make.Territory) -> None:
    known_doctor(land)
    mine = waits(land)
    other = waits(land, "Autre")
    CaseFile.objects.filter(pk=other.pk).update(opened_by=land.doctor.user, opened_at=AT - timedelta(hours=5))
    OrientationRequest.objects.filter(case_number=other.number).update(taken_by=land.doctor.user)
    old = waits(land, "Vieux")
    CaseFile.objects.filter(pk=old.pk).update(opened_at=AT - timedelta(days=10))
    elsewhere = make.territory("17")
    waits(elsewhere, "Ailleurs")
    first, second = files(came(**of_osnp(land)), at=AT)
    assert (first.key, first.why) == (
        mine.number, ("même régulateur", "à la même heure", "lieu proche", "attend un rendez-vous"),
    )  # fmt: skip
    assert (second.key, second.why) == (other.number, ("lieu proche", "attend un rendez-vous"))
    (typed,) = files(PlatformRdv.objects.get(), at=AT, text="vieux")
    assert typed.key == old.number


def test_a_person_joins_the_two_and_the_request_has_its_appointment(land: make.Territory) -> None:
    place = known_doctor(land)
    case = waits(land)
    done = link(came(), number=case.number, by=land.osnp, at=AT)
    assert (done.state, done.case, done.matched_by, done.problem) == ("linked", case, land.osnp.user, "")
    booking = Booking.objects.get()
    assert (booking.status, booking.place, booking.starts_at.isoformat()) == (
        "booked", place, "2026-11-17T13:00:00+00:00",
    )  # fmt: skip
    assert OrientationRequest.objects.get().status == "booked"
    line = case.events.get(kind="platform.rdv")
    assert line.text == "Rendez-vous de la plateforme SAS, pris et confirmé : Hélène CORMIER, 17/11 à 14:00."


def test_what_the_platform_says_next_follows_by_itself(land: make.Territory) -> None:
    known_doctor(land)
    case = waits(land)
    link(came(), number=case.number, by=land.osnp, at=AT)
    receive(update("2", minutes=1, start="2026-11-17T15:00:00+01:00", end="2026-11-17T15:20:00+01:00"), at=AT)
    moved = Booking.objects.get(status="booked")
    assert moved.starts_at.isoformat() == "2026-11-17T14:00:00+00:00"
    receive(update("3", minutes=2, start="2026-11-17T15:00:00+01:00", status="cancelled"), at=AT)
    moved.refresh_from_db()
    assert moved.status == "cancelled"
    assert [line.data["status"] for line in case.events.filter(kind="platform.rdv").order_by("pk")] == [
        "booked", "booked", "cancelled",
    ]  # fmt: skip
    assert PlatformRdv.objects.get().problem == ""


def test_without_a_known_place_the_file_has_its_line_and_the_request_stays_open(land: make.Territory) -> None:
    case = waits(land)
    done = link(came(), number=case.number, by=land.osnp, at=AT)
    assert "reste ouverte" in done.problem
    assert OrientationRequest.objects.get().status == "taken"
    assert case.events.filter(kind="platform.rdv").count() == 1


def test_of_several_places_the_person_says_which(land: make.Territory) -> None:
    first = known_doctor(land)
    person = first.professional
    assert person is not None
    second = directory.place(person, land.commune, lat=46.7, lon=0.34)
    case, found = waits(land), came()
    stranger = make.doctor(land, "Autre")
    with pytest.raises(Refusal, match="Ce lieu"):
        link(found, number=case.number, by=land.osnp, at=AT, place=stranger.pk)
    client = login(Client(), land.osnp)
    assert "plusieurs lieux" in client.get(f"/suivi/plateforme/{found.pk}/").content.decode()
    client.post(f"/suivi/plateforme/{found.pk}/rattacher/", {"case": case.number, "place": second.pk})
    assert Booking.objects.get().place == second
    receive(update("2", minutes=1, start="2026-11-17T16:00:00+01:00", end="2026-11-17T16:20:00+01:00"), at=AT)
    assert Booking.objects.get(status="booked").place == second


def test_an_outcome_before_its_hour_is_said_beside_and_undoes_nothing(land: make.Territory) -> None:
    known_doctor(land)
    link(came(), number=waits(land).number, by=land.osnp, at=AT)
    assert receive(update("2", minutes=1, status="fulfilled"), at=AT).state == "done"
    found = PlatformRdv.objects.get()
    assert (found.status, "pas commencé" in found.problem) == ("fulfilled", True)
    assert Booking.objects.get().status == "booked"


def test_a_file_of_another_sas_or_none_is_refused(land: make.Territory) -> None:
    elsewhere = make.territory("17")
    found = came()
    for number in (waits(elsewhere).number, "DRFR0"):
        with pytest.raises(Refusal, match="n’existe pas"):
            link(found, number=number, by=land.osnp, at=AT)
    assert set_aside(found, by=land.osnp, at=AT).state == "alone"


@pytest.mark.django_db(transaction=True)
def test_two_people_on_one_appointment_one_wins_and_the_other_is_told() -> None:
    land = prepared()
    numbers = [waits(land).number, waits(land, "Autre").number]
    found = came()

    def joined(number: str) -> str:
        try:
            link(found, number=number, by=land.osnp, at=AT)
        except Conflict as conflict:
            return conflict.code
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as desks:
        said = list(desks.map(joined, numbers))
    assert sorted(said) == ["linked", "won"]
    won = PlatformRdv.objects.select_related("case").get()
    assert won.case is not None
    assert sum(case.events.filter(kind="platform.rdv").count() for case in CaseFile.objects.all()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_envelope_twice_at_once_is_one_appointment() -> None:
    prepared()

    def once(_: int) -> str:
        try:
            return receive(sent(), at=AT).state
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hubs:
        assert set(hubs.map(once, range(2))) == {"done"}
    assert (PlatformRdv.objects.count(), HubMessage.objects.filter(way="out").count()) == (1, 1)


# ---- the page


def test_the_osnp_chooses_among_files_with_their_reasons(land: make.Territory) -> None:
    known_doctor(land)
    case = waits(land)
    found = came(**of_osnp(land))
    client = login(Client(), land.osnp)
    assert "Hélène CORMIER" in client.get("/suivi/plateforme/").content.decode()
    page = client.get(f"/suivi/plateforme/{found.pk}/").content.decode()
    assert all(words in page for words in ("PINSON", "même régulateur", "lieu proche", case.number))
    nothing = client.post(f"/suivi/plateforme/{found.pk}/rattacher/")
    assert (nothing.status_code, "Choisissez un dossier" in nothing.content.decode()) == (409, True)
    assert client.post(f"/suivi/plateforme/{found.pk}/rattacher/", {"case": case.number}).status_code == 302
    again = client.post(f"/suivi/plateforme/{found.pk}/sans-dossier/")
    assert "vient d’être rattaché" in again.content.decode()
    assert "Rien à rapprocher" in client.get("/suivi/plateforme/").content.decode()


def test_each_candidate_shown_is_a_reading_and_another_sas_sees_nothing(land: make.Territory) -> None:
    case = waits(land)
    found = came()
    client = login(Client(), land.osnp)
    client.get(f"/suivi/plateforme/{found.pk}/")
    assert case.patient.accesses.filter(why="rendez-vous à rapprocher", user=land.osnp.user).count() == 1
    stranger = login(Client(), make.territory("17").osnp)
    assert stranger.get(f"/suivi/plateforme/{found.pk}/").status_code == 404


def _listed(count: int) -> None:
    for order in range(count):
        receive(sent(str(order), appointmentId=f"rdv-{order}"), at=AT)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_reads_as_much_whatever_its_length(
    land: make.Territory, count: int, django_assert_num_queries: Any
) -> None:
    _listed(count)
    client = login(Client(), land.osnp)
    client.get("/suivi/plateforme/")
    with django_assert_num_queries(4):
        client.get("/suivi/plateforme/", headers={"HX-Request": "true"})


# ---- told by us


@pytest.fixture
def told(land: make.Territory) -> make.Territory:
    register_partner(name="LRM", origin="lrm-86", hub_id="fr.health.samu330", sas=land.sas, at=AT)
    return land


def out() -> list[rdv.Rdv]:
    return [rdv.read(message["appointment"]) for kind, message in answers() if kind == "Report"]


@override_settings(QUINZE_HUB_PLATFORM=PLATFORM)
def test_the_life_of_an_appointment_is_told_under_one_identifier(told: make.Territory) -> None:
    place = known_doctor(told)
    first, second = make.slot(place, 2), make.slot(place, 5)
    booking = make.booked(make.request(told), place, first, told)
    moved = operations.move(booking=booking, slot=second.pk, by=told.osnp, at=AT, reason="plus tard")
    operations.cancel(booking=moved, by_kind="staff", by=told.osnp, at=AT, reason="guéri")
    said = out()
    assert [(one.method, one.status) for one in said] == [
        (rdv.CREATE, "booked"), (rdv.UPDATE, "booked"), (rdv.UPDATE, "cancelled"),
    ]  # fmt: skip
    assert {one.id for one in said} == {str(ToldRdv.objects.get().pk)}
    assert (said[0].start, said[1].start) == (first.starts_at, second.starts_at)
    assert said[0].practitioner is not None
    assert (said[0].practitioner.rppsId, said[0].category) == (f"8{RPPS}", "PS")
    assert said[0].regulator.regulatorEmail == told.osnp.user.email
    assert HubMessage.objects.filter(way="out", recipient="fr.health.samu330").count() == 3


@override_settings(QUINZE_HUB_PLATFORM="")
def test_nothing_is_told_where_nobody_asked(told: make.Territory) -> None:
    place = known_doctor(told)
    make.booked(make.request(told), place, make.slot(place), told)
    assert not HubMessage.objects.exists()


@override_settings(QUINZE_HUB_PLATFORM=PLATFORM)
def test_what_we_tell_is_valid_and_says_nothing_of_the_patient(told: make.Territory) -> None:
    place = known_doctor(told)
    make.booked(make.request(told), place, make.slot(place), told)
    text = json.dumps(HubMessage.objects.get().content, ensure_ascii=False)
    for word in ("Pinson", "PINSON", "639984127", "pinson@", "DRFR"):
        assert word not in text


@override_settings(QUINZE_HUB_PLATFORM=PLATFORM)
def test_the_outbox_gives_each_message_once_and_hears_the_answer(told: make.Territory) -> None:
    place = known_doctor(told)
    make.booked(make.request(told), place, make.slot(place), told)
    taken: list[HubMessage] = []
    assert (take(taken.append, at=AT), take(taken.append, at=AT)) == (1, 0)
    ours = envelope.read(json.dumps(taken[0].content).encode())
    answer = envelope.ack(ours, number="fr.health.samu330_9", at=AT)
    assert receive(json.dumps(answer).encode(), at=AT).state == "done"
    assert HubMessage.objects.get(way="out").state == "acked"
    unknown = json.dumps(answer).replace(ours.number, f"{PLATFORM}_autre").replace("330_9", "330_10")
    assert "pas envoyé" in receive(unknown.encode(), at=AT).problem


@override_settings(QUINZE_HUB_PLATFORM=PLATFORM)
def test_a_transport_that_fails_leaves_the_message_waiting(told: make.Territory) -> None:
    place = known_doctor(told)
    make.booked(make.request(told), place, make.slot(place), told)

    def broken(_: HubMessage) -> None:
        raise OSError("le hub ne répond pas")

    with pytest.raises(OSError, match="hub"):
        take(broken, at=AT)
    assert HubMessage.objects.get().state == "waiting"


# ---- by files


def test_messages_are_read_and_written_as_files(land: make.Territory, tmp_path: Path) -> None:
    said = StringIO()
    call_command("rdv", "address", "--sas", "86", "--hub", "fr.health.samu861", stdout=said)
    call_command("rdv", "address", "--sas", "86", "--hub", OURS, stdout=said)
    (tmp_path / "bon.json").write_bytes(sent())
    (tmp_path / "faux.json").write_bytes(b"{")
    call_command("rdv", "in", str(tmp_path / "bon.json"), stdout=said)
    with pytest.raises(CommandError, match="1 message refusé"):
        call_command("rdv", "in", *map(str, sorted(tmp_path.glob("*.json"))), stdout=said, stderr=said)
    assert "bon.json : traité" in said.getvalue()
    assert "faux.json : illisible" in said.getvalue()
    call_command("rdv", "out", str(tmp_path / "out"), stdout=said)
    (written,) = (tmp_path / "out").iterdir()
    assert envelope.read(written.read_bytes()).kind == "Ack"
    with pytest.raises(CommandError, match="commence par"):
        call_command("rdv", "address", "--sas", "86", "--hub", "samu", stdout=said)


def test_garbage_is_not_stored(land: make.Territory) -> None:
    for text in (b"", b"{}", b"[]", b"\xff", sent().replace(f"{PLATFORM}_1".encode(), b"autre_1")):
        with pytest.raises(Faulty):
            receive(text, at=AT)
    assert not HubMessage.objects.exists()
