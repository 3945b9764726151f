"""What a person asks for goes before what a page reads again by itself.

One change of a list has thirty desks read it again, just when the person who made the change waits for their next page.
In each page process a refresh therefore lets what was asked for finish first; none waits longer than MOST, so a busy
hour delays refreshes and stops none. What has lasted that long already (an import) is not waited for: refreshes in a
row would hold the threads that the next person needs. A vital emergency is announced by a fragment that does not wait.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from django.http import HttpRequest, HttpResponse

HEADER = "Quinze-Refresh"
MOST = 0.08  # seconds


class Turns:
    """Who is being served in this process."""

    def __init__(self, most: float = MOST) -> None:
        self._changed = Condition()
        self._begun: list[float] = []  # when each request being served was asked for
        self._most = most

    @contextmanager
    def asked(self) -> Iterator[None]:
        began = time.monotonic()
        with self._changed:
            self._begun.append(began)
        try:
            yield
        finally:
            with self._changed:
                self._begun.remove(began)
                self._changed.notify_all()

    @contextmanager
    def refreshed(self) -> Iterator[None]:
        came = time.monotonic()
        with self._changed:
            while (left := self._left(came)) > 0:
                self._changed.wait(left)
        yield

    def _left(self, came: float) -> float:
        """Seconds to wait still: until the last request asked for has had its time, and never beyond one's own."""
        if not self._begun:
            return 0.0
        return min(came, max(self._begun)) + self._most - time.monotonic()


class TurnsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.turns = Turns()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        turn = self.turns.refreshed if request.headers.get(HEADER) else self.turns.asked
        with turn():
            return self.get_response(request)
