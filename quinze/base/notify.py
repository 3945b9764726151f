"""Waking those who listen to PostgreSQL, once what they will read is committed.

NOTIFY inside a transaction takes one lock of the whole server and keeps it until that transaction is on the disk: the
commits of everyone then follow one another instead of reaching the disk together. So it is said just after, by a thread
with a connection of its own, and what is said within a moment is one statement. Rows are what counts: whoever listens
also looks now and then for what a process did not live to say (`config/outbox.py`, `config/postman.py`).
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

log = logging.getLogger("quinze.notify")

TOGETHER = 0.04  # seconds from one statement to the next; the first leaves at once
QUIET = 5.0  # seconds without a word, then the connection is given back
LAST_WORDS = 2.0  # seconds given to them when the process ends
SAY = "SELECT pg_notify(channel, payload) FROM unnest(%s::text[], %s::text[]) AS said (channel, payload)"
Notice = tuple[str, str]  # channel, payload


def notify(channel: str, payload: str = "") -> None:
    """Heard once the transaction in progress is committed, at once where there is none, never if it is undone."""
    notify_all([(channel, payload)])


def notify_all(notices: Sequence[Notice]) -> None:
    if notices:
        connection.on_commit(lambda: _voice.say(notices))


def parameters() -> dict[str, Any]:
    """Of a connection outside the pool of the pages, kept by whoever opens it for itself."""
    given = connection.get_connection_params()
    return {name: given[name] for name in given if name not in {"cursor_factory", "context", "prepare_threshold"}}


class Voice:
    """What one process has to say. Its thread lives while there is something, and a little longer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Notice, None] = {}  # in their order, each once
        self._thread: threading.Thread | None = None
        self._ending = False
        self._link: psycopg.Connection[Any] | None = None

    def say(self, notices: Sequence[Notice]) -> None:
        with self._changed:
            self._waiting |= dict.fromkeys(notices)
            if self._thread is None:
                self._thread = threading.Thread(target=self._speak, name="notify", daemon=True)
                self._thread.start()
            self._changed.notify()

    def end(self) -> None:
        """All is said, or the time for it is over."""
        with self._changed:
            self._ending = True
            self._changed.notify()
            thread = self._thread
        if thread:
            thread.join(LAST_WORDS)

    def _speak(self) -> None:
        try:
            while said := self._next():
                self._send([channel for channel, _ in said], [payload for _, payload in said])
                time.sleep(TOGETHER)
        except BaseException:
            with self._changed:
                self._thread = None  # the next word begins another
            raise

    def _next(self) -> list[Notice]:
        """Empty when there was nothing for a while: the thread ends, the next word begins another."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending, QUIET)
            said = list(self._waiting)
            self._waiting.clear()
            if not said:
                self._hang_up()
                self._thread = None
            return said

    def _send(self, channels: list[str], payloads: list[str]) -> None:
        """A connection that died while nothing was said is opened again, once: those who listen will look anyway."""
        for last in (False, True):
            try:
                self._opened().execute(SAY, [channels, payloads])
            except (psycopg.Error, OSError) as error:
                self._hang_up()
                if last:
                    log.warning("%d notices not said: %s", len(channels), error)
            else:
                return

    def _opened(self) -> psycopg.Connection[Any]:
        """It writes nothing that could be lost: its commits need not wait for the disk."""
        if self._link is None:
            self._link = psycopg.connect(**parameters(), autocommit=True, connect_timeout=5, prepare_threshold=0)
            self._link.execute("SET synchronous_commit TO off")
        return self._link

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


_voice = Voice()


def _anew() -> None:
    """In a process just forked: threads do not cross, and the connection is the parent's."""
    global _voice  # noqa: PLW0603
    _voice = Voice()


def _end() -> None:
    _voice.end()


os.register_at_fork(after_in_child=_anew)
atexit.register(_end)
