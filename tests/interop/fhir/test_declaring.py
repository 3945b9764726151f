"""INT_R03 as an editor: what is declared of our appointments, to a platform that is our own server or a failing one."""

import json
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest
from django.db import connection, connections, transaction
from django.test import Client, override_settings
from procrastinate.contrib.django.models import ProcrastinateJob

from quinze.base.errors import NotFound
from quinze.interop import tasks
from quinze.interop.fhir import declaring, sending
from quinze.interop.fhir.appointment import NATIONAL, Rdv
from quinze.interop.fhir.declaring import not_accepted, send_again
from quinze.interop.fhir.facts import PROFILES
from quinze.interop.models import DeclaredBooking, EditorAppointment, Flow
from quinze.orientation import operations
from quinze.orientation.models import Booking
from tests.factories import orientation as make
from tests.interop.fhir.conformance import assert_conformant
from tests.interop.fhir.exchange import PROXY, SECRET, register
from tests.interop.fhir.test_appointments import card
from tests.pki import Authority

AT = make.AT
SYSTEM = "https://sas.exemple.test/rdv"


@pytest.fixture(autouse=True)
def _on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT)
    with override_settings(
        QUINZE_PLATFORM_URL="https://plateforme.test/fhir",
        QUINZE_PLATFORM_SYSTEM=SYSTEM,
        QUINZE_FHIR_PROXY_SECRET=SECRET,
        ALLOWED_HOSTS=["plateforme.test"],
    ):
        yield


class Scene:
    def __init__(self) -> None:
        self.land = make.territory()
        self.place = make.doctor(self.land)
        card(self.land.osnp.user)

    def booked(self, hours: float = 2) -> Booking:
        return make.booked(make.request(self.land), self.place, make.slot(self.place, hours), self.land)


class Platform(httpx.BaseTransport):
    """Our own server, as a platform: what it receives goes through all of it."""

    def __init__(self) -> None:
        register(Flow.APPOINTMENTS)
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.query.decode()))
        answer = Client().generic(
            request.method, request.url.raw_path.decode(), request.read(), headers=dict(request.headers) | PROXY,
            content_type=request.headers["Content-Type"],
        )  # fmt: skip
        return httpx.Response(answer.status_code, content=answer.content)


def answering(status: int, body: Any = None) -> httpx.MockTransport:
    """A platform that refuses: our server never answers that."""
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def only() -> DeclaredBooking:
    return DeclaredBooking.objects.get()


def jobs() -> int:
    return int(ProcrastinateJob.objects.filter(task_name=declaring.TASK).count())


# ---- what is declared


@pytest.mark.django_db
def test_each_state_of_an_appointment_reaches_the_platform() -> None:
    scene, platform = Scene(), Platform()
    booking = scene.booked()
    sending.send(only().pk, at=AT, transport=platform)
    there = EditorAppointment.objects.get()
    assert (there.system, there.value, there.status) == (SYSTEM, str(only().key), "booked")
    assert (there.starts_at, there.professional) == (booking.starts_at, scene.place.professional)
    assert there.user == scene.land.osnp.user
    moved = operations.move(booking=booking, slot=make.slot(scene.place, 5).pk, by=scene.land.osnp, at=AT)
    sending.send(only().pk, at=AT, transport=platform)
    there.refresh_from_db()
    assert (there.starts_at, there.revision) == (moved.starts_at, 2)
    operations.record_outcome(booking=moved, outcome="no_show", by=scene.land.osnp, at=AT + timedelta(hours=6))
    operations.correct_outcome(
        booking=moved, outcome="fulfilled", reason="erreur", by=scene.land.osnp, at=AT + timedelta(hours=6)
    )
    sending.send(only().pk, at=AT + timedelta(hours=6), transport=platform)
    there.refresh_from_db()
    assert (there.status, there.revision) == ("fulfilled", 3)  # the state of then: what was said meanwhile is past
    assert [method for method, _ in platform.asked] == ["POST", "PUT", "PUT"]
    assert (only().accepted, only().next_try_at) == (only().revision, None)
    assert not EditorAppointment.objects.exclude(pk=there.pk).exists()


@pytest.mark.reference
@pytest.mark.django_db
def test_what_is_sent_conforms_to_the_official_profile() -> None:
    scene, sent = Scene(), []
    scene.booked()

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201)

    sending.send(only().pk, at=AT, transport=httpx.MockTransport(keep))
    assert_conformant(sent[0], PROFILES["appointment"])


@pytest.mark.django_db
def test_a_cancellation_is_declared_unless_nobody_heard_of_the_appointment() -> None:
    scene, platform = Scene(), Platform()
    first, second = scene.booked(), scene.booked(4)
    known = DeclaredBooking.objects.get(booking=first)
    sending.send(known.pk, at=AT, transport=platform)
    for booking in (first, second):
        operations.cancel(booking=booking, by_kind="staff", reason="va mieux", by=scene.land.osnp, at=AT)
    for row in DeclaredBooking.objects.all():
        sending.send(row.pk, at=AT, transport=platform)
    assert EditorAppointment.objects.get().status == "cancelled"
    assert [method for method, _ in platform.asked] == ["POST", "PUT"]
    assert not not_accepted(sas=scene.land.sas, at=AT).exists()


@pytest.mark.django_db
def test_an_overbooking_is_declared_and_a_call_is_not() -> None:
    scene = Scene()
    land = scene.land
    doctor = make.doctor(land, accepts_overbooking=True, overbooking_per_day=2)
    operations.record_overbooking(
        request=make.request(land), professional=doctor.professional, place=doctor, starts_at=AT + timedelta(hours=3),
        consent="le médecin, par téléphone", by=land.osnp, at=AT,
    )  # fmt: skip
    assert only().booking.kind == "overbooking"


@pytest.mark.django_db
def test_an_appointment_in_the_agenda_of_an_editor_is_left_to_that_editor() -> None:
    scene = Scene()
    seat = make.slot(scene.place, 2, source="agenda-bleu", external_id="1")
    make.booked(make.request(scene.land), scene.place, seat, scene.land)
    assert not DeclaredBooking.objects.exists()


@pytest.mark.django_db
def test_nothing_is_written_while_no_platform_is_set() -> None:
    with override_settings(QUINZE_PLATFORM_URL=""):
        Scene().booked()
        assert not DeclaredBooking.objects.exists()
        assert jobs() == 0


@pytest.mark.django_db(transaction=True)
def test_the_outbox_and_the_act_are_one_transaction() -> None:
    scene = Scene()
    request, seat = make.request(scene.land), make.slot(scene.place, 2)
    hold = make.held(request, scene.place, seat, scene.land)
    with transaction.atomic():
        operations.confirm(booking=hold, by=scene.land.osnp, at=AT)
        assert (DeclaredBooking.objects.count(), jobs()) == (1, 1)
        transaction.set_rollback(True)
    assert (DeclaredBooking.objects.count(), jobs()) == (0, 0)


# ---- what is not accepted


@pytest.mark.django_db
def test_a_silent_platform_is_asked_again_later_and_later() -> None:
    scene = Scene()
    scene.booked()
    at, waits = AT, []
    for _ in range(declaring.MOST_ATTEMPTS):
        row = sending.send(only().pk, at=at, transport=answering(503))
        assert row is not None
        if row.next_try_at is not None:
            waits.append((row.next_try_at - at).total_seconds() / 60)
            at = row.next_try_at
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (only().next_try_at, only().failing_since) == (None, AT)
    assert sending.send(only().pk, at=at, transport=answering(503)) is None


@pytest.mark.django_db
def test_a_refusal_waits_for_a_person_who_sends_it_again() -> None:
    scene, platform = Scene(), Platform()
    scene.booked()
    said = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "Praticien inconnu"}]}
    sending.send(only().pk, at=AT, transport=answering(422, said))
    (row,) = not_accepted(sas=scene.land.sas, at=AT)
    assert (row.error, row.failing_since, row.next_try_at) == (
        "Réponse 422 de la plateforme nationale : Praticien inconnu", AT, None,
    )  # fmt: skip
    later = AT + timedelta(hours=1)
    with pytest.raises(NotFound):
        send_again(sas=make.territory("87").sas, pk=row.pk, at=later)
    send_again(sas=scene.land.sas, pk=row.pk, at=later)
    sending.send(row.pk, at=later, transport=platform)
    assert [method for method, _ in platform.asked] == ["PUT"]  # it may be known there
    assert not not_accepted(sas=scene.land.sas, at=later).exists()
    assert only().failing_since is None


@pytest.mark.django_db
def test_what_is_known_there_already_is_said_by_put() -> None:
    scene = Scene()
    scene.booked()
    row = sending.send(only().pk, at=AT, transport=answering(409))
    assert row is not None
    assert (row.tried, row.next_try_at) == (True, AT)


@pytest.mark.django_db
def test_an_operator_without_a_card_is_said_to_the_manager() -> None:
    land = make.territory()
    place = make.doctor(land)
    make.booked(make.request(land), place, make.slot(place, 2), land)
    sending.send(only().pk, at=AT, transport=answering(500))
    assert "Pro Santé Connect" in only().error
    assert only().next_try_at is None


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"issue": 3}', b'{"issue": [3]}', b'{"issue": [{}]}', b"\xff", b"[" * 5000]
)
def test_whatever_a_platform_answers_is_only_text(content: bytes) -> None:
    found = sending.read(422, content)
    assert (found.says, found.is_final) == ("Réponse 422 de la plateforme nationale.", True)


def test_a_long_refusal_is_shortened() -> None:
    body = json.dumps({"issue": [{"diagnostics": "a\n\tb" * 1000}]}).encode()
    assert sending.read(400, body).says.startswith("Réponse 400 de la plateforme nationale : a ba b")
    assert len(sending.read(400, body).says) == 300


# ---- over the network, with certificates


class _Accepting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def listening(tls: ssl.SSLContext) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Accepting)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_platform_and_we_know_each_other_by_certificate(tmp_path: Path) -> None:
    until = AT + timedelta(minutes=15)
    rdv = Rdv(SYSTEM, "1", "booked", AT, until, NATIONAL, "810002673899")
    (tmp_path / "other").mkdir()
    authority = Authority(tmp_path)
    theirs, ours = authority.server("localhost"), authority.client("quinze.test")
    tls = authority.server_context(theirs, clients=ssl.CERT_REQUIRED)
    stranger = Authority(tmp_path / "other").client("quinze.test")
    with listening(tls) as url:
        for known, accepted in ((ours, True), (stranger, False)):
            with override_settings(
                QUINZE_PLATFORM_URL=url, QUINZE_PLATFORM_CERTIFICATE=str(known.certificate),
                QUINZE_PLATFORM_KEY=str(known.key), QUINZE_PLATFORM_AUTHORITY=str(authority.ca),
            ):  # fmt: skip
                assert sending.ask(rdv, zone="Europe/Paris", is_known=False).is_accepted == accepted
    with override_settings(QUINZE_PLATFORM_URL=url, QUINZE_PLATFORM_CERTIFICATE="", QUINZE_PLATFORM_KEY=""):
        assert "certificats" in sending.ask(rdv, zone="Europe/Paris", is_known=False).says


# ---- at once


@pytest.mark.django_db(transaction=True)
def test_a_change_while_the_platform_answers_is_sent_next() -> None:
    scene = Scene()
    booking = scene.booked()
    pk = only().pk

    def meanwhile(_: httpx.Request) -> httpx.Response:
        act: Callable[[], Any] = lambda: operations.cancel(  # noqa: E731
            booking=booking, by_kind="staff", reason="va mieux", by=scene.land.osnp, at=AT
        )
        with ThreadPoolExecutor(1) as pool:  # another connection: nothing is locked while a platform is asked
            pool.submit(_closing, act).result(timeout=10)
        return httpx.Response(201)

    sending.send(pk, at=AT, transport=httpx.MockTransport(meanwhile))
    row = only()
    assert (row.accepted, row.revision, row.next_try_at) == (1, 2, AT)
    seen: list[str] = []
    sending.send(
        pk, at=AT, transport=httpx.MockTransport(lambda r: seen.append(r.content.decode()) or httpx.Response(200))
    )
    assert '"cancelled"' in seen[0]
    assert (only().accepted, only().next_try_at) == (2, None)


def _only_cancelled(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200 if json.loads(request.content)["status"] == "cancelled" else 422)


def _closing(act: Callable[[], Any]) -> Any:
    try:
        connection.ensure_connection()
        return act()
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_two_revisions() -> None:
    scene = Scene()
    row = (scene.booked(), only())[1]
    barrier = Barrier(2)

    def again() -> None:
        barrier.wait(timeout=10)
        with transaction.atomic():
            declaring._say_again(row, at=AT)

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(_closing, again) for _ in range(2)]:
            future.result()
    assert only().revision == 3


@pytest.mark.django_db
def test_the_job_of_a_platform_that_is_down_leaves_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "now", lambda: AT)
    Scene().booked()
    with override_settings(QUINZE_PLATFORM_URL="http://127.0.0.1:1/fhir"):
        tasks.declare_booking(only().pk)
        assert "injoignable" in only().error
        assert tasks.declare_bookings(0) == 0
        monkeypatch.setattr(tasks, "now", lambda: AT + timedelta(minutes=1))
        before = jobs()
        assert tasks.declare_bookings(0) == 1
        assert jobs() == before + 1
