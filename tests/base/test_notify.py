"""Those who listen are woken once what they will read is committed."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection, transaction

from quinze.base import notify as module
from quinze.base.notify import notify
from tests.config.programs import database_url, eventually, started

CHANNEL = "quinze_test"
pytestmark = pytest.mark.django_db(transaction=True)
Heard = Callable[[float], list[str]]


@contextmanager
def listening() -> Iterator[Heard]:
    """What is heard within so many seconds, less when something is."""
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as link:
        link.execute(f"LISTEN {CHANNEL}")
        yield lambda seconds: [each.payload for each in link.notifies(timeout=seconds, stop_after=1)]


@pytest.fixture
def heard() -> Iterator[Heard]:
    connection.ensure_connection()
    with listening() as said:
        yield said


def test_a_word_waits_for_the_commit(heard: Heard):
    with transaction.atomic():
        notify(CHANNEL, "7")
        assert heard(0.1) == []
    assert heard(2) == ["7"]


def test_what_is_undone_is_never_said(heard: Heard):
    with transaction.atomic():
        notify(CHANNEL, "undone")
        transaction.set_rollback(True)
    notify(CHANNEL, "done")
    assert heard(2) == ["done"]


def test_what_is_said_together_is_one_statement_each_word_once(heard: Heard):
    notify(CHANNEL, "first")
    assert heard(2) == ["first"]
    for word in ("a", "b", "a", "c", "b"):
        notify(CHANNEL, word)
    assert heard(2) == ["a", "b", "c"]


def test_a_connection_lost_meanwhile_is_opened_again(heard: Heard):
    notify(CHANNEL, "before")
    assert heard(2) == ["before"]
    assert _links("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = %s") == 1
    notify(CHANNEL, "after")
    assert heard(2) == ["after"]


def test_after_a_silence_the_connection_is_given_back_and_another_serves(heard: Heard, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "QUIET", 0.1)
    notify(CHANNEL, "one")
    assert heard(2) == ["one"]
    eventually(lambda: _links("SELECT count(*) FROM pg_stat_activity WHERE query = %s") == 0)
    notify(CHANNEL, "two")
    assert heard(2) == ["two"]


def test_a_fault_of_one_word_does_not_silence_the_next(heard: Heard, monkeypatch: pytest.MonkeyPatch):
    def fault(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with monkeypatch.context() as broken:
        broken.setattr(module.Voice, "_send", fault)
        notify(CHANNEL, "lost")
        eventually(lambda: module._voice._thread is None)
    notify(CHANNEL, "said")
    assert heard(2) == ["said"]


def test_a_process_that_ends_says_its_last_words(heard: Heard):
    said = "from quinze.base.notify import notify; notify('quinze_test', 'last')"
    with started(
        "-c", f"import django; django.setup(); {said}", DATABASE_URL=database_url(), QUINZE_MODE="test"
    ) as process:
        assert process.wait(20) == 0
    assert heard(0.5) == ["last"]


def test_a_process_just_forked_has_a_voice_of_its_own(heard: Heard):
    notify(CHANNEL, "parent")
    assert heard(2) == ["parent"]
    child = os.fork()
    if not child:
        connection.connection = None  # the parent's
        notify(CHANNEL, "child")
        time.sleep(5)
        os._exit(0)
    assert heard(4) == ["child"]
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    notify(CHANNEL, "parent again")
    assert heard(2) == ["parent again"]


def _links(count: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{count} AND datname = current_database()", [module.SAY.replace("%s", "$1", 1).replace("%s", "$2")]
        )
        return int(cursor.fetchone()[0])
