"""What a person asks for goes before what a page reads again by itself.

One change of a list has thirty desks read it again at the same instant, just when the person who made the change waits
for their next page. In each page process the refreshes therefore go one at a time, and let everything else pass first;
none waits longer than MOST, so a busy hour delays them and stops none.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from django.http import HttpRequest, HttpResponse

HEADER = "Quinze-Refresh"
MOST = 0.1  # seconds


class Turns:
    """Who is being served in this process."""

    def __init__(self, most: float = MOST) -> None:
        self._changed = Condition()
        self._asked = self._refreshing = 0
        self._most = most

    @contextmanager
    def asked(self) -> Iterator[None]:
        with self._changed:
            self._asked += 1
        try:
            yield
        finally:
            with self._changed:
                self._asked -= 1
                self._changed.notify_all()

    @contextmanager
    def refreshed(self) -> Iterator[None]:
        until = time.monotonic() + self._most
        with self._changed:
            while (self._asked or self._refreshing) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            self._refreshing += 1
        try:
            yield
        finally:
            with self._changed:
                self._refreshing -= 1
                self._changed.notify_all()


class TurnsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.turns = Turns()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        turn = self.turns.refreshed if request.headers.get(HEADER) else self.turns.asked
        with turn():
            return self.get_response(request)
