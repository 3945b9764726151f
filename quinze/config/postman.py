"""Messages leave as soon as they are written: who writes some says "look" by NOTIFY, and one job sends all that wait.

A job of its own was a tenth of what a booking writes. The outbox is the queue; a notification that nobody hears is
made up for when this link opens again, and by the pass of every minute.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from quinze.base import clock
from quinze.config.outbox import RETRY, own_link
from quinze.orientation.operations.messages import SEND_TASK, WRITTEN

log = logging.getLogger("quinze.postman")
HEARTBEAT = 20.0  # seconds
TOGETHER = 0.05  # seconds: what is written meanwhile leaves with the same job


async def follow(ask: Callable[[], Awaitable[None]]) -> None:
    """For ever: `ask` at once, then whenever something was written. A lost connection is opened again."""
    while True:
        try:
            await _listen(ask)
        except (psycopg.Error, ConnectorException, OSError) as error:
            log.warning("link of the messages lost: %s", error)
        await asyncio.sleep(RETRY)


async def _listen(ask: Callable[[], Awaitable[None]]) -> None:
    async with await own_link() as link:
        await link.execute(f"LISTEN {WRITTEN}")
        await ask()
        while True:
            heard = [each async for each in link.notifies(timeout=HEARTBEAT, stop_after=1)]
            if not heard:
                await link.execute("SELECT")
                continue
            await asyncio.sleep(TOGETHER)
            async for _ in link.notifies(timeout=0):
                pass
            await ask()


async def send_all(app: procrastinate.App) -> None:
    """A job that has not begun will read what was just written; one that has begun may not: then another is asked."""
    job = app.configure_task(SEND_TASK, queueing_lock="send_messages", allow_unknown=True)
    with suppress(AlreadyEnqueued):
        await job.defer_async(timestamp=int(clock.now().timestamp()))
