"""Messages leave as soon as they are committed: the real worker, on a real database."""

import asyncio
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from quinze.config import postman
from quinze.orientation.models import Message
from quinze.orientation.operations.messages import WRITTEN, queue
from tests.config.programs import database_url, eventually, started
from tests.factories.accounts import make_sas
from tests.factories.orientation import AT

pytestmark = pytest.mark.django_db(transaction=True)
APART = 4 * postman.TOGETHER


class Asked:
    """How often the postman asked for a job, from a thread of its own."""

    def __init__(self) -> None:
        self.times = 0

    async def ask(self) -> None:
        self.times += 1

    def run(self, ended: threading.Event) -> None:
        async def until_ended() -> None:
            following = asyncio.create_task(postman.follow(self.ask))
            while not ended.is_set():
                await asyncio.sleep(0.01)
            following.cancel()

        asyncio.run(until_ended())


@pytest.fixture
def asked() -> Iterator[Asked]:
    connection.ensure_connection()
    here, ended = Asked(), threading.Event()
    thread = threading.Thread(target=here.run, args=(ended,))
    thread.start()
    eventually(lambda: here.times == 1)  # whatever was written while nobody listened
    yield here
    ended.set()
    thread.join()


def a_message() -> list[Message]:
    sas = make_sas()
    return queue([Message(sas=sas, channel="sms", recipient="+33639984127", body="Rappel", purpose="x", created_at=AT)])


def notify(times: int) -> None:
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as link:
        for _ in range(times):
            link.execute(f"NOTIFY {WRITTEN}")


def test_a_message_is_asked_for_once_committed(asked: Asked):
    a_message()
    eventually(lambda: asked.times == 2)
    time.sleep(APART)
    assert asked.times == 2


def test_a_hundred_bookings_at_once_are_a_job_or_two(asked: Asked):
    notify(100)
    eventually(lambda: asked.times > 1)
    time.sleep(APART)
    notify(1)
    eventually(lambda: asked.times > 2)
    time.sleep(APART)
    assert asked.times <= 6


def test_a_lost_link_is_opened_again_and_what_was_missed_is_asked_for(asked: Asked):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN %%'")
        assert cursor.fetchone()[0] == 1
    eventually(lambda: asked.times == 2)
    notify(1)
    eventually(lambda: asked.times == 3)


def test_the_worker_sends_what_is_written_well_before_the_pass_of_the_minute():
    given = {"DATABASE_URL": database_url(), "QUINZE_MODE": "demo"}
    with started("-m", "quinze.config.worker", **given):
        eventually(_listens, within=40)
        for _ in range(3):
            [message] = a_message()
            eventually(lambda pk=message.pk: Message.objects.get(pk=pk).status == "sent", within=15)


def _listens() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query = %s", [f"LISTEN {WRITTEN}"])
        return bool(cursor.fetchone()[0])
