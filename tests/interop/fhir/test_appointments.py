"""INT_R03 as an editor speaks it: what is declared becomes the booking of the right orientation, or a work item."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections
from django.test import Client, override_settings

from quinze.accounts.models import NationalIdentity, User
from quinze.availability.models import Slot
from quinze.base.errors import Refusal
from quinze.directory.models import Place
from quinze.interop.editors.fake_agenda import Doctor, Hour, declaration
from quinze.interop.fhir import http
from quinze.interop.fhir.appointment import TECHNICAL
from quinze.interop.fhir.clients import Pace
from quinze.interop.fhir.facts import PROFILES
from quinze.interop.fhir.matching import places
from quinze.interop.fhir.settling import link, set_aside, settle_due
from quinze.interop.models import EditorAppointment, EditorAppointmentWord, Flow, PlatformRegulator
from quinze.orientation import operations
from quinze.orientation.models import Booking, BookingStatus, Message, OrientationRequest
from tests.factories import orientation as make
from tests.factories.orientation import Territory
from tests.interop.fhir.conformance import assert_conformant
from tests.interop.fhir.exchange import PROXY, SECRET, Answer, register
from tests.interop.fhir.test_appointment import CARD, EDITOR, KEY, ONE, operator, participant, sound
from tests.interop.fhir.test_regulator import identifier

AT = make.AT
State = EditorAppointment.State


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(http, "pace", Pace())
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT)
    with override_settings(QUINZE_FHIR_PROXY_SECRET=SECRET, QUINZE_PUBLIC_URL="https://sas.exemple.test"):
        yield


def send(method: str, resource: Any, query: str = "", *, kind: str = "application/json", **headers: str) -> Answer:
    sent = PROXY | {"Accept": "application/json+fhir"} | {key.replace("_", "-"): said for key, said in headers.items()}
    body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    address = "/fhir/Appointment" + (f"?{query}" if query else "")
    return Answer(Client().generic(method, address, body, content_type=kind, headers=sent))


def post(resource: Any, **headers: str) -> Answer:
    return send("POST", resource, **headers)


def put(resource: Any, value: str = KEY, *, name: str = "identifier") -> Answer:
    return send("PUT", resource, f"{name}={quote(f'{EDITOR}|{value}', safe=':/')}")


def only() -> EditorAppointment:
    return EditorAppointment.objects.get()


def card(user: User, subject: str = CARD) -> None:
    NationalIdentity.objects.create(user=user, subject=subject, how="enrolled", linked_at=AT, said_at=AT)


def known(place: Place) -> str:
    """The prefixed identifier of the doctor of a place."""
    assert place.professional is not None
    return f"8{place.professional.rpps}"


def hours(start: float, *, minutes: int = 15) -> dict[str, str]:
    begin = AT + timedelta(hours=start)
    return {"start": begin.isoformat(), "end": (begin + timedelta(minutes=minutes)).isoformat()}


class Scene:
    """An OSNP whose card is known, a doctor found for the request that they took, at an editor."""

    def __init__(self, **fields: Any) -> None:
        self.land: Territory = make.territory()
        self.place = make.doctor(self.land, "Aubier")
        register(Flow.APPOINTMENTS, name="Agenda Bleu")
        card(self.land.osnp.user)
        self.request = self.taken(**fields)

    def taken(self, **fields: Any) -> OrientationRequest:
        request = make.request(self.land, at=AT - timedelta(minutes=20), **fields)
        operations.claim(request=request, by=self.land.osnp, at=AT)
        make.slot(self.place, 1 + OrientationRequest.objects.count())  # something to propose
        make.searched(request, self.land)
        return request

    def said(self, *, start: float = 4, **changes: Any) -> dict[str, Any]:
        return sound(**hours(start) | {"participant": [participant(known(self.place))]} | changes)

    def said_of(self, seat: Slot) -> dict[str, Any]:
        return self.said() | {"start": seat.starts_at.isoformat(), "end": seat.ends_at.isoformat()}

    def booking(self) -> Booking:
        return Booking.objects.get(request=self.request, status__in=["booked", "confirmed", "fulfilled", "no_show"])


def reasons(booking: Booking) -> list[tuple[str, str, str]]:
    rows = BookingStatus.objects.filter(booking=booking).order_by("pk")
    return list(rows.values_list("status", "by_kind", "reason"))


# ---- from declaration to booking


@pytest.mark.django_db
def test_an_appointment_made_at_an_editor_becomes_the_booking_of_its_orientation() -> None:
    scene = Scene()
    answer = post(scene.said())
    assert (answer.status, answer.json["resourceType"]) == (201, "Appointment")
    assert answer.http.headers["Location"] == f"https://sas.exemple.test/fhir/Appointment/{only().pk}"
    booking = scene.booking()
    assert (booking.kind, booking.place, booking.starts_at) == ("editor", scene.place, AT + timedelta(hours=4))
    assert (booking.held_by, booking.doctor_notified_at) == (scene.land.osnp.user, AT)
    assert (only().state, only().booking, only().sas) == (State.LINKED, booking, scene.land.sas)
    scene.request.refresh_from_db()
    assert scene.request.status == "booked"
    assert "Agenda Bleu" in scene.request.events.get(kind="booked").text
    assert {message.purpose for message in Message.objects.all()} == {"confirmation"}  # the doctor's agenda has it


@pytest.mark.reference
@pytest.mark.django_db
def test_what_is_answered_conforms_to_the_official_profile() -> None:
    scene = Scene()
    assert_conformant(post(scene.said()).json, PROFILES["appointment"])
    assert_conformant(put(scene.said(status="cancelled")).json, PROFILES["appointment"])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["identifier", "Identifier"])
def test_both_spellings_of_the_criterion_change_the_same_appointment(name: str) -> None:
    scene = Scene()
    created = post(scene.said())
    changed = put(scene.said(status="cancelled"), name=name)
    assert (changed.status, changed.http.headers["Location"]) == (200, created.http.headers["Location"])
    assert only().status == "cancelled"


@pytest.mark.django_db
def test_an_unknown_identifier_is_declared_by_put() -> None:
    scene = Scene()
    assert put(scene.said()).status == 201
    assert put(scene.said()).status == 200
    assert scene.booking()
    assert EditorAppointmentWord.objects.count() == 1


@pytest.mark.django_db
def test_the_hold_of_that_slot_becomes_the_appointment() -> None:
    scene = Scene()
    seat = make.slot(scene.place, 6, source="agenda-bleu", external_id="1")
    hold = make.held(scene.request, scene.place, seat, scene.land)
    post(scene.said_of(seat))
    booking = scene.booking()
    assert (booking.pk, booking.slot, booking.kind) == (hold.pk, seat, "slot")
    seat.refresh_from_db()
    assert seat.taken == 1


@pytest.mark.django_db
def test_the_hold_of_another_slot_is_given_back() -> None:
    scene = Scene()
    seat = make.slot(scene.place, 6)
    hold = make.held(scene.request, scene.place, seat, scene.land)
    post(scene.said())
    hold.refresh_from_db()
    assert hold.status == "released"
    assert scene.booking().starts_at == AT + timedelta(hours=4)


@pytest.mark.django_db
def test_what_the_osnp_typed_already_is_that_appointment() -> None:
    scene = Scene()
    seat = make.slot(scene.place, 6, source="agenda-bleu", external_id="1")
    typed = operations.confirm(
        booking=make.held(scene.request, scene.place, seat, scene.land), by=scene.land.osnp, at=AT
    )
    longer = {"end": (seat.ends_at + timedelta(minutes=5)).isoformat()}
    post(scene.said_of(seat) | longer)
    assert (only().state, only().booking) == (State.LINKED, typed)
    assert Booking.objects.filter(status="booked").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("created", ["2019-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "2026-11-17"])
def test_an_absurd_instant_of_creation_hides_nothing(created: str) -> None:
    scene = Scene()
    post(scene.said(created=created))
    assert only().booking == scene.booking()


@pytest.mark.django_db
def test_a_regulator_without_a_card_is_known_by_the_identifier_that_we_gave_to_editors() -> None:
    scene = Scene()
    NationalIdentity.objects.all().delete()
    ours = PlatformRegulator.objects.create(user=scene.land.osnp.user, created_at=AT)
    post(scene.said(extension=[operator(str(ours.technical_id).upper(), TECHNICAL, "INTRN")]))
    assert scene.booking().held_by == scene.land.osnp.user


@pytest.mark.django_db
def test_what_the_simulated_editor_declares_makes_the_hold_an_appointment() -> None:
    """Its declaration and our reading were written apart, from the guide."""
    scene = Scene()
    seat = make.slot(scene.place, 6, source="agendix", external_id="1", minutes=15)
    hold = make.held(scene.request, scene.place, seat, scene.land)
    doctor = Doctor(known(scene.place), "Aubier", "Rose", "1 rue des Tilleuls", "Poitiers", "86000")
    said = declaration(doctor, Hour(seat.starts_at), regulator=identifier(value=CARD), key="1", created=AT)
    assert post(said).status == 201
    assert scene.booking().pk == hold.pk
    assert send("PUT", said | {"status": "cancelled"}, "identifier=https://editeur.exemple/rdv|1").status == 200
    hold.refresh_from_db()
    assert hold.status == "cancelled"


# ---- what the editor says next


@pytest.mark.django_db
def test_a_cancellation_at_the_editor_puts_the_person_back_in_the_list() -> None:
    scene = Scene()
    post(scene.said())
    put(scene.said(status="cancelled"))
    scene.request.refresh_from_db()
    assert scene.request.status == "waiting"
    booking = Booking.objects.get(status="cancelled")
    assert reasons(booking)[-1] == ("cancelled", "editor", "annulé chez Agenda Bleu")
    assert Message.objects.filter(purpose="cancellation").exists()


@pytest.mark.django_db
def test_another_hour_is_a_move_of_the_same_appointment() -> None:
    scene = Scene()
    post(scene.said())
    first = scene.booking()
    put(scene.said(start=8))
    first.refresh_from_db()
    moved = scene.booking()
    assert (first.status, first.moved_to, moved.starts_at) == ("moved", moved, AT + timedelta(hours=8))
    assert (only().booking, only().problem) == (moved, "")
    assert moved.held_by == scene.land.osnp.user


@pytest.mark.django_db
def test_a_replaced_practitioner_is_a_move_to_another_place() -> None:
    scene = Scene()
    other = make.doctor(scene.land, "Bouleau")
    post(scene.said())
    put(scene.said(participant=[participant(known(other))]))
    assert (scene.booking().place, scene.booking().professional) == (other, other.professional)


@pytest.mark.django_db
@pytest.mark.parametrize(("said", "status"), [("fulfilled", "fulfilled"), ("noshow", "no_show")])
def test_the_outcome_comes_back(said: str, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    post(scene.said(start=1))
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT + timedelta(hours=2))
    assert put(scene.said(start=1, status=said)).status == 200
    booking = scene.booking()
    assert booking.status == status
    assert reasons(booking)[-1][1:] == ("editor", "dit par Agenda Bleu")
    put(scene.said(start=1, status="fulfilled" if said == "noshow" else "noshow"))
    booking.refresh_from_db()
    assert booking.status != status
    assert reasons(booking)[-1][2].startswith("Correction")


@pytest.mark.django_db
def test_an_outcome_said_before_the_hour_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    post(scene.said(start=1))
    put(scene.said(start=1, status="fulfilled"))
    assert (scene.booking().status, only().problem != "") == ("booked", True)
    assert settle_due(at=AT + timedelta(hours=2)) == 1
    assert (scene.booking().status, only().problem) == ("fulfilled", "")
    assert settle_due(at=AT + timedelta(hours=2)) == 0


@pytest.mark.django_db
def test_an_appointment_cancelled_then_restored_goes_back_to_the_same_request() -> None:
    scene = Scene()
    post(scene.said())
    put(scene.said(status="cancelled"))
    put(scene.said())
    assert only().booking == scene.booking()
    assert [booking.status for booking in Booking.objects.order_by("pk")] == ["cancelled", "booked"]


@pytest.mark.django_db
def test_cancelled_here_and_kept_there_is_said_to_people() -> None:
    scene = Scene()
    post(scene.said())
    operations.cancel(booking=scene.booking(), by_kind="staff", reason="va mieux", by=scene.land.osnp, at=AT)
    put(scene.said(start=8))
    assert "appelez le cabinet" in only().problem
    assert not Booking.objects.filter(status="booked").exists()


@pytest.mark.django_db
def test_an_association_is_booked_before_it_says_who_comes() -> None:
    scene = Scene()
    association = make.structure(scene.land, "SOS", "SOS Médecins Vienne")
    make.searched(scene.request, scene.land, opened_levels=frozenset({4, 5, 6}), opening_reason="à domicile")
    waiting = {"type": [{"coding": [{"code": "ADM"}]}], "status": "needs-action"}
    profile = {"profile": [PROFILES["sos_appointment"]]}
    assert post(scene.said(meta=profile, status="pending", participant=[waiting])).status == 201
    booking = scene.booking()
    assert (booking.structure, booking.professional, booking.slot) == (association.structure, None, None)
    assert "En attente de confirmation" in reasons(booking)[0][2]
    put(scene.said(meta=profile, participant=[participant(known(scene.place))]))
    booking.refresh_from_db()
    assert (booking.professional, booking.status) == (scene.place.professional, "booked")
    assert "Médecin désigné" in reasons(booking)[-1][2]


# ---- never a guess


@pytest.mark.django_db
@pytest.mark.parametrize(("ends", "linked"), [("held", True), ("expired", True), ("released", False)])
def test_of_two_orientations_the_one_for_which_that_hour_was_kept_is_meant(ends: str, linked: bool) -> None:
    scene = Scene()
    scene.taken()
    seat = make.slot(scene.place, 4, minutes=15)
    make.held(scene.request, scene.place, seat, scene.land)
    if ends != "held":
        Booking.objects.update(status=ends)
        Slot.objects.filter(pk=seat.pk).update(taken=0)
    post(scene.said_of(seat))
    assert (only().state == State.LINKED) is linked
    if linked:
        assert only().booking == scene.booking()


@pytest.mark.django_db
def test_two_orientations_of_the_same_osnp_are_left_to_a_person() -> None:
    scene = Scene()
    second = scene.taken()
    post(scene.said())
    assert (only().state, only().booking) == (State.TO_MATCH, None)
    assert not Booking.objects.exists()
    place = places(only(), second)[0]
    link(only(), request=second, place=place, by=scene.land.osnp, at=AT)
    assert Booking.objects.get().request == second
    assert (only().state, only().matched_by) == (State.LINKED, scene.land.osnp.user)


@pytest.mark.django_db
def test_a_doctor_with_two_places_is_asked_where() -> None:
    scene = Scene()
    make.directory.place(scene.place.professional, scene.land.commune, lat=46.6, lon=0.34)
    post(scene.said())
    assert (only().state, only().booking) == (State.TO_MATCH, None)
    assert "choisissez" in only().problem


@pytest.mark.django_db
def test_an_appointment_after_the_deadline_is_left_to_a_person() -> None:
    scene = Scene()
    post(scene.said(start=72))
    assert (only().state, only().booking) == (State.TO_MATCH, None)


@pytest.mark.django_db
def test_an_unknown_regulator_is_kept_counted_and_said() -> None:
    scene = Scene()
    answer = post(scene.said(extension=[operator("9999999999/1")]))
    assert (answer.status, answer.issue["severity"], answer.issue["expression"]) == (
        201, "warning", ["Appointment.extension"],
    )  # fmt: skip
    assert (only().state, only().sas) == (State.ALONE, scene.land.sas)


@pytest.mark.django_db
def test_an_unknown_practitioner_is_kept_for_a_person() -> None:
    scene = Scene()
    answer = post(scene.said(participant=[participant("810100050075")]))
    assert (answer.status, answer.issue["severity"]) == (201, "warning")
    assert (only().state, only().professional) == (State.TO_MATCH, None)
    set_aside(only(), by=scene.land.osnp, at=AT)
    put(scene.said(start=9, participant=[participant("810100050075")]))
    assert (only().state, only().revision) == (State.ALONE, 2)


@pytest.mark.django_db
def test_an_appointment_that_no_orientation_asked_stays_counted() -> None:
    scene = Scene()
    operations.give_back(request=scene.request, reason="rien", by=scene.land.osnp, at=AT)
    post(scene.said())
    assert (only().state, only().booking) == (State.ALONE, None)


# ---- the exchange


@pytest.mark.django_db
def test_the_same_declaration_twice_is_one_appointment() -> None:
    scene = Scene()
    assert [post(scene.said()).status for _ in range(2)] == [201, 200]
    put(scene.said(status="cancelled"))
    assert post(scene.said()).status == 200  # a retry that comes late revives nothing
    assert (only().status, only().revision) == ("cancelled", 2)
    answer = post(scene.said(start=9))
    assert (answer.status, answer.issue["code"]) == (409, "duplicate")


@pytest.mark.django_db
def test_another_editor_changes_nothing_of_it() -> None:
    scene = Scene()
    post(scene.said())
    register(Flow.APPOINTMENTS, common_name="autre.test")
    headers = {"X_Client_Subject": "CN=autre.test,OU=SAS"}
    query = f"identifier={EDITOR}|{KEY}"
    answers = [post(scene.said(), **headers), send("PUT", scene.said(status="cancelled"), query, **headers)]
    assert [answer.status for answer in answers] == [422, 422]
    assert only().status == "booked"


@pytest.mark.django_db
def test_what_is_not_as_specified_is_refused_and_changes_nothing() -> None:
    register()
    for changes, (status, where) in ONE:
        for answer in (post(sound(**changes)), put(sound(**changes))):
            assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")
            assert where in {issue["expression"][0] for issue in answer.json["issue"]}
    assert not EditorAppointment.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (json.dumps(sound()).encode(), "application/xml", 415),
        (json.dumps(sound()).encode(), "text/plain", 415),
        (json.dumps(sound(comment="x" * http.LONGEST_BODY)).encode(), "application/json", 413),
    ],
)
def test_a_body_that_is_no_appointment(body: bytes, kind: str, status: int) -> None:
    register()
    for method, query in (("POST", ""), ("PUT", f"identifier={EDITOR}|{KEY}")):
        answer = send(method, body, query, kind=kind)
        assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"identifier={KEY}", 400),
        (f"identifier={EDITOR}|", 400),
        (f"identifier={EDITOR}|{KEY}&Identifier={EDITOR}|{KEY}", 400),
        (f"identifier={EDITOR}|{KEY}&status=booked", 400),
        (f"identifier={EDITOR}|autre", 422),
    ],
)
def test_a_criterion_that_is_not_one_changes_nothing(query: str, status: int) -> None:
    scene = Scene()
    post(scene.said())
    answer = send("PUT", scene.said(status="cancelled"), query)
    assert (answer.status, answer.json["resourceType"]) == (status, "OperationOutcome")
    assert only().status == "booked"


@pytest.mark.django_db
def test_another_flow_or_another_method_is_refused() -> None:
    register(Flow.SLOTS)
    assert post(sound()).status == 403
    register(Flow.APPOINTMENTS, common_name="autre.test")
    assert send("DELETE", b"", X_Client_Subject="CN=autre.test,OU=SAS").status == 405


@pytest.mark.django_db
def test_what_was_said_is_never_rewritten() -> None:
    scene = Scene()
    post(scene.said())
    put(scene.said(start=9))
    words = list(EditorAppointmentWord.objects.order_by("revision"))
    assert [(word.revision, word.status, word.content["start"]) for word in words] == [
        (1, "booked", (AT + timedelta(hours=4)).isoformat()),
        (2, "booked", (AT + timedelta(hours=9)).isoformat()),
    ]
    with pytest.raises(Exception, match="Cannot update"):
        words[0].save()


# ---- at once


def at_once(*acts: Any) -> list[Any]:
    barrier = Barrier(len(acts))

    def run(act: Any) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(run, act) for act in acts]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", [post, put])
def test_the_same_declaration_twice_at_once_is_one_booking(method: Any) -> None:
    scene = Scene()
    answers = at_once(lambda: method(scene.said()).status, lambda: method(scene.said()).status)
    assert sorted(answers) == [200, 201]
    assert (EditorAppointment.objects.count(), EditorAppointmentWord.objects.count()) == (1, 1)
    assert Booking.objects.filter(status="booked").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_move_at_the_editor_and_our_cancellation_at_once_leave_one_truth() -> None:
    scene = Scene()
    seat = make.slot(scene.place, 6, source="agenda-bleu", external_id="1")
    post(scene.said_of(seat))
    booking = scene.booking()
    answers = at_once(
        lambda: put(scene.said(start=9)).status,
        lambda: operations.cancel(booking=booking, by_kind="staff", reason="va mieux", by=scene.land.osnp, at=AT),
    )
    assert answers[0] == 200
    booking.refresh_from_db()
    seat.refresh_from_db()
    live = Booking.objects.filter(status__in=["held", "booked", "confirmed"])
    scene.request.refresh_from_db()
    if booking.status == "cancelled":  # ours came first: theirs is said to people
        assert (live.count(), scene.request.status, only().problem != "") == (0, "waiting", True)
    else:  # theirs came first: ours is refused, the appointment is elsewhere now
        assert (booking.status, live.count(), scene.request.status) == ("moved", 1, "booked")
        assert isinstance(answers[1], Exception)
    assert seat.taken == 0
