"""What a person asks for goes before what a page reads again by itself.

One change of a list has thirty desks read it again, just when the person who made the change waits for their next page.
In each page process a refresh therefore lets what was asked for finish first; none waits longer than MOST, so a busy
hour delays refreshes and stops none. A vital emergency is announced by a fragment that does not wait.
"""

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
        self._asked = 0
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
        with self._changed:
            self._changed.wait_for(lambda: not self._asked, timeout=self._most)
        yield


class TurnsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.turns = Turns()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        turn = self.turns.refreshed if request.headers.get(HEADER) else self.turns.asked
        with turn():
            return self.get_response(request)
