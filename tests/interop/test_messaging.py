"""The adapters against real servers on loopback: an SMTP server, and an HTTP gateway."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from quinze.interop.messaging import channels
from quinze.orientation import operations
from quinze.orientation.models import Booking, Message
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    land = make.territory()
    place = make.doctor(land, email="cabinet@exemple.test")
    return make.booked(make.request(land), place, make.slot(place), land)


def message(booking: Booking, channel: str, purpose: str = "confirmation") -> Message:
    return booking.messages.get(channel=channel, purpose=purpose)


def delivered(row: Message, *, at: Any = AT) -> Message:
    operations.deliver(message_id=row.pk, send=channels.send, at=at)
    row.refresh_from_db()
    return row


class Gateway(HTTPServer):
    answer = 201

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Received)
        self.got: list[dict[str, Any]] = []


class Received(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append({"key": self.headers["Idempotency-Key"], "auth": self.headers["Authorization"], **body})
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    server = Gateway()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.QUINZE_SMS_URL = f"http://127.0.0.1:{server.server_port}/sms"
    settings.QUINZE_SMS_TOKEN = "jeton"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Mailbox:
    def __init__(self) -> None:
        self.got: list[Any] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append(envelope)
        return self.answer


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield box
    controller.stop()


def test_a_text_message_leaves_once_with_its_number(booking: Booking, gateway: Gateway):
    row = delivered(message(booking, "sms"))
    delivered(row)
    assert row.status == "sent"
    (got,) = gateway.got
    assert got == {
        "key": f"quinze-{row.pk}",
        "auth": "Bearer jeton",
        "to": "+33639984127",
        "text": row.body,
        "reference": str(row.pk),
    }


def test_a_number_that_the_gateway_refuses_is_not_tried_again(booking: Booking, gateway: Gateway):
    gateway.answer = 422
    row = delivered(message(booking, "sms"))
    assert (row.status, row.attempts) == ("failed", 1)
    assert row.error.startswith("Refusé par la passerelle SMS : 422")


def test_a_gateway_out_of_order_is_tried_five_times_further_and_further_apart(booking: Booking, gateway: Gateway):
    gateway.answer = 503
    row = message(booking, "sms")
    tried = []
    for minute in range(40):
        now = AT + timedelta(minutes=minute)
        if row.pk in operations.due_messages(at=now):
            delivered(row, at=now)
            tried.append(minute)
    assert tried == [0, 1, 3, 7, 15]
    assert (row.status, row.error) == ("failed", "Passerelle SMS : 503")


def test_an_email_is_given_to_the_server(booking: Booking, mailbox: Mailbox):
    row = delivered(message(booking, "email"))
    assert row.status == "sent"
    (envelope,) = mailbox.got
    assert envelope.rcpt_tos == ["pinson@exemple.test"]
    assert f"quinze-{row.pk}@86".encode() in envelope.content


def test_a_refused_address_is_not_tried_again(booking: Booking, mailbox: Mailbox):
    mailbox.answer = "550 mailbox unknown"
    assert delivered(message(booking, "email")).status == "failed"


def test_a_busy_server_is_tried_again(booking: Booking, mailbox: Mailbox):
    mailbox.answer = "451 try later"
    assert delivered(message(booking, "email")).status == "queued"


def test_the_doctor_counts_as_told_when_the_notice_has_left(booking: Booking, mailbox: Mailbox):
    delivered(message(booking, "email", "doctor_notice"))
    booking.refresh_from_db()
    assert booking.doctor_notified_at == AT


def test_the_demonstration_writes_to_its_outbox(booking: Booking, settings: Any):
    settings.QUINZE_DEMO = True
    row = delivered(message(booking, "sms"))
    assert (row.status, row.error) == ("sent", "boîte de démonstration")


def test_a_channel_that_nobody_set_up_fails_and_says_which_setting(booking: Booking, settings: Any):
    settings.QUINZE_DEMO = False
    row = delivered(message(booking, "sms"))
    assert (row.status, row.error) == ("failed", "Canal non configuré : renseignez QUINZE_SMS_URL.")


def test_a_message_corrected_by_a_person_is_sent_again(booking: Booking, gateway: Gateway):
    gateway.answer = 400
    row = delivered(message(booking, "sms"))
    gateway.answer = 201
    operations.send_again(message=row, at=AT + timedelta(hours=1))
    assert delivered(row, at=AT + timedelta(hours=1)).status == "sent"
