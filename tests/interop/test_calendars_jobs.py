"""Feeds are read by the worker itself: each once, two at a time, and a silent server makes nobody else wait."""

import asyncio

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from quinze.availability.models import CalendarFeed
from quinze.base import clock
from quinze.config.worker import worker_app
from quinze.interop import tasks
from tests.factories import availability as offer
from tests.factories import calendars as make

pytestmark = pytest.mark.django_db(transaction=True)


async def work() -> None:
    worker = worker_app()
    async with worker.open_async():
        await worker.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)


def queued() -> list[tuple[str, str]]:
    jobs = ProcrastinateJob.objects.filter(task_name="quinze.interop.tasks.pull_calendar", status="todo")
    return list(jobs.order_by("id").values_list("queueing_lock", "lock"))


def test_what_is_due_is_queued_once_in_two_lanes_and_read() -> None:
    doctor = offer.effecteur()
    with make.serving() as server:
        feeds = [make.feed(doctor, f"{server.address}?{n}", at=clock.now()) for n in range(3)]
        assert tasks.pull_calendars(timestamp=0) == 3
        assert tasks.pull_calendars(timestamp=0) == 3  # still due, already queued
        assert [lock for lock, _ in queued()] == [f"calendar {feed.pk}" for feed in feeds]
        assert len({lane for _, lane in queued()}) == 2

        asyncio.run(work())
        connections.close_all()

    assert len(server.asked) == 3
    assert CalendarFeed.objects.filter(succeeded_at__isnull=False, failures=0).count() == 3
    assert queued() == []
    assert tasks.pull_calendars(timestamp=0) == 0


def test_a_detached_feed_is_not_read_by_a_job_that_waited() -> None:
    doctor = offer.effecteur()
    with make.serving() as server:
        feed = make.feed(doctor, server.address, at=clock.now())
        tasks.defer_pull(feed.pk)
        CalendarFeed.objects.update(ended_at=clock.now(), sealed="")
        asyncio.run(work())
        connections.close_all()
    assert server.asked == []
