"""The event server, as browsers meet it: a real one, with PostgreSQL."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.models import Duty
from quinze.accounts.roles import Role
from quinze.base import clock, live
from quinze.base.models import LiveEvent
from tests.config.programs import database_url, eventually, free_port, started, status
from tests.factories.accounts import login, make_actor, make_sas

PAGE = "http://localhost:8000"
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Desk:
    """What one browser hears, read line by line like an EventSource."""

    answer: http.client.HTTPResponse

    def next(self) -> dict[str, Any]:
        """The next message; AssertionError when the server closes the stream."""
        event, number = "message", None
        while line := self.answer.readline():
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                event = value
            if name == "id":
                number = int(value)
            if name == "data" and event == "message":
                message: dict[str, Any] = json.loads(value)
                assert message["id"] == number
                return message
            if not line.strip():
                event = "message"
        raise AssertionError("the server closed the stream")

    def silent(self) -> bool:
        """Nothing more for half a second."""
        self.answer.fp.raw._sock.settimeout(0.5)  # type: ignore[union-attr]
        try:
            return not self.answer.readline()
        except TimeoutError:
            return True


@dataclass
class Events:
    port: int
    process: subprocess.Popen[str]
    opened: ExitStack

    def ask(self, path: str = "/events", *, key: str = "", **headers: str) -> http.client.HTTPResponse:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        self.opened.callback(link.close)
        given = {"Host": f"localhost:{self.port}", "Origin": PAGE} | headers
        if key:
            given["Cookie"] = f"other=1; sessionid={key}"
        link.request("GET", path, headers={name.replace("_", "-"): value for name, value in given.items() if value})
        answer = link.getresponse()
        self.opened.callback(answer.close)
        return answer

    def desk(self, actor: Actor, path: str = "/events", **headers: str) -> Desk:
        answer = self.ask(path, key=session(actor), **headers)
        assert answer.status == 200
        assert answer.readline() + answer.readline() == b"retry: 1000\n\n"
        return Desk(answer)

    @property
    def health(self) -> str:
        return f"http://127.0.0.1:{self.port}/events/health"


@pytest.fixture
def start() -> Iterator[Callable[..., Events]]:
    with ExitStack() as stack:

        def go(**more: str) -> Events:
            port = free_port()
            given = {"DATABASE_URL": database_url(), "QUINZE_MODE": "test", "QUINZE_PUBLIC_URL": PAGE} | more
            process = stack.enter_context(started("-m", "quinze.config.events", "--port", str(port), **given))
            events = Events(port, process, stack)
            eventually(lambda: status(events.health) == 200)
            return events

        yield go


@pytest.fixture
def events(start: Callable[..., Events]) -> Events:
    return start()


def session(actor: Actor) -> str:
    key: str | None = login(Client(), actor).session.session_key
    assert key
    return key


def publish(actor: Actor, *topics: str, subject: str = "") -> None:
    with transaction.atomic():
        live.publish(sas_id=actor.sas.pk, topics=list(topics), subject=subject, at=clock.now())


def test_a_committed_change_reaches_the_desks_of_its_sas_that_follow_it(events: Events) -> None:
    arm, doctor = make_actor(Role.ARM), make_actor(Role.REGULATEUR_AMU)
    elsewhere = make_actor(Role.ARM, make_sas("79"))
    follows, all_of_it = events.desk(arm, "/events?topics=worklist,case:7"), events.desk(doctor)
    other_topic, other_sas = events.desk(arm, "/events?topics=offer"), events.desk(elsewhere)
    began = time.monotonic()
    publish(arm, "case:7", "patient:2", subject="case:7")
    heard = follows.next()
    assert time.monotonic() - began < 0.3
    assert heard == all_of_it.next()
    assert (heard["topics"], heard["subject"]) == (["case:7", "patient:2"], "case:7")
    assert other_topic.silent()
    assert other_sas.silent()


def test_what_is_rolled_back_is_never_heard(events: Events) -> None:
    arm = make_actor(Role.ARM)
    desk = events.desk(arm)
    with transaction.atomic():
        live.publish(sas_id=arm.sas.pk, topics=["worklist"], at=clock.now())
        transaction.set_rollback(True)
    publish(arm, "offer")
    assert desk.next()["topics"] == ["offer"]


def test_a_desk_that_was_away_hears_once_all_that_it_missed(events: Events) -> None:
    arm = make_actor(Role.ARM)
    desk = events.desk(arm, "/events?topics=worklist,offer")
    publish(arm, "worklist")
    last = desk.next()["id"]
    LiveEvent.objects.update(at=clock.now() - timedelta(minutes=5))
    for topic in ("offer", "case:1", "offer"):
        publish(arm, topic)
    newest = LiveEvent.objects.latest("id").pk
    again = events.desk(arm, "/events?topics=worklist,offer", Last_Event_ID=str(last)).next()
    assert set(again["topics"]) == {"offer", "worklist"}, "the last one heard is told again: harmless"
    assert again["id"] == newest
    by_page = events.desk(arm, f"/events?topics=offer&after={last}").next()
    assert by_page["topics"] == ["offer"]


def test_one_that_committed_late_is_not_lost(events: Events) -> None:
    """Its number is lower than one already heard."""
    arm = make_actor(Role.ARM)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('base_liveevent', 'id'))")
        early = cursor.fetchone()[0]
    publish(arm, "worklist")
    desk = events.desk(arm)
    last = desk.next()["id"]
    assert early < last
    LiveEvent.objects.create(pk=early, sas_id=arm.sas.pk, topics=["case:9"], at=clock.now())
    missed = events.desk(arm, Last_Event_ID=str(last)).next()
    assert "case:9" in missed["topics"]


def test_what_a_process_did_not_live_to_say_is_told_at_the_next_look(start: Callable[..., Events]) -> None:
    """Committed, and killed before its word."""
    desk = start(QUINZE_EVENTS_LOOK="0.3").desk(arm := make_actor(Role.ARM))
    publish(arm, "worklist")
    assert desk.next()["topics"] == ["worklist"]
    LiveEvent.objects.create(sas_id=arm.sas.pk, topics=["case:9"], at=clock.now())
    assert desk.next()["topics"] == ["case:9"]
    time.sleep(0.7)
    publish(arm, "offer")
    assert desk.next()["topics"] == ["offer"], "what was told once is not told at each look"


def test_a_number_no_longer_kept_means_read_everything_again(events: Events) -> None:
    arm = make_actor(Role.ARM)
    assert events.desk(arm, Last_Event_ID="123456").next()["topics"] == ["resync"]


def test_what_happened_between_the_page_and_its_stream_is_heard(events: Events) -> None:
    arm = make_actor(Role.ARM)
    publish(arm, "worklist")
    assert events.desk(arm).next()["topics"] == ["worklist"]
    LiveEvent.objects.update(at=clock.now() - timedelta(minutes=1))
    assert events.desk(arm).silent()


def test_without_a_session_or_a_post_it_is_closed(events: Events) -> None:
    arm = make_actor(Role.ARM)
    key = session(arm)
    assert events.ask().status == 401
    assert events.ask(key="0" * 32).status == 401
    assert events.ask(key="x'; DROP TABLE").status == 401
    assert events.ask(key=key).status == 200
    Duty.objects.all().delete()
    assert events.ask(key=key).status == 401


def test_only_the_page_of_this_host_may_listen(events: Events) -> None:
    key = session(make_actor(Role.ARM))
    allowed = events.ask(key=key)
    assert allowed.getheader("Access-Control-Allow-Origin") == PAGE
    assert allowed.getheader("Access-Control-Allow-Credentials") == "true"
    for origin in ("http://localhost:9999", "http://exemple.invalid:8000", "https://localhost:8000", "null"):
        assert events.ask(key=key, Origin=origin).status == 403
    assert events.ask(key=key, Host="exemple.invalid").status == 403
    behind_a_proxy = events.ask(key=key, Origin="")
    assert behind_a_proxy.status == 200
    assert behind_a_proxy.getheader("Access-Control-Allow-Origin") is None


def test_other_addresses_do_not_exist(events: Events) -> None:
    assert events.ask("/").status == 404


def test_a_session_that_ended_stops_hearing(start: Callable[..., Events]) -> None:
    events = start(QUINZE_EVENTS_RECHECK="0.2")
    leaves, stays = make_actor(Role.ARM), make_actor(Role.ARM)
    leaving, staying = events.desk(leaves), events.desk(stays)
    Duty.objects.filter(user=leaves.user).delete()
    with pytest.raises(AssertionError, match="closed"):
        leaving.next()
    publish(stays, "worklist")
    assert staying.next()["topics"] == ["worklist"]


def test_a_lost_database_link_is_opened_again_and_nothing_is_missed(events: Events) -> None:
    arm = make_actor(Role.ARM)
    desk = events.desk(arm)
    publish(arm, "worklist")
    assert desk.next()["topics"] == ["worklist"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
                       "OR (datname = current_database() AND pid <> pg_backend_pid())")  # fmt: skip
    publish(arm, "offer")
    assert desk.next()["topics"] == ["offer"]
    eventually(lambda: status(events.health) == 200)
    publish(arm, "case:1")
    assert desk.next()["topics"] == ["case:1"]


def test_a_desk_that_does_not_read_is_dropped_and_the_others_go_on(events: Events) -> None:
    """Its queue is bounded; the browser comes back and catches up."""
    arm = make_actor(Role.ARM)
    deaf = socket.create_connection(("127.0.0.1", events.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.sendall(f"GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={session(arm)}\r\n\r\n".encode())
    reader = events.desk(arm)
    eventually(lambda: '"desks": 2' in _health(events))
    topics = [f"{number:03}{'t' * 57}" for number in range(800)]  # 50 kB an event
    for _ in range(600):
        publish(arm, *topics)
        reader.next()
        if '"desks": 1' in _health(events):
            break
    assert '"desks": 1' in _health(events)
    deaf.close()


def _health(events: Events) -> str:
    answer = events.ask("/events/health")
    return answer.read().decode()


def test_two_hundred_desks_hear_and_the_stop_is_prompt(events: Events) -> None:
    arm = make_actor(Role.ARM)
    key = session(arm)
    answers = [events.ask(key=key) for _ in range(200)]
    desks = [Desk(answer) for answer in answers]
    publish(arm, "worklist")
    assert {desk.next()["topics"][0] for desk in desks} == {"worklist"}
    began = time.monotonic()
    os.kill(events.process.pid, signal.SIGTERM)
    assert events.process.wait(5) in {0, -signal.SIGTERM}
    assert time.monotonic() - began < 2
