"""What a person asks for is served before what a page reads again by itself, which still never waits for long."""

import threading
import time

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from quinze.web.turns import Turns, TurnsMiddleware

PATIENCE = 5.0  # seconds, of a test that fails


class Desk:
    """Two requests in one process: one asked for, which lasts until told, one read again by the page."""

    def __init__(self) -> None:
        self.served: list[str] = []
        self.asked_began, self.asked_may_end = threading.Event(), threading.Event()
        self.serve = TurnsMiddleware(self._view)

    def _view(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/dossier/":
            self.asked_began.set()
            assert self.asked_may_end.wait(PATIENCE)
        self.served.append(request.path)
        return HttpResponse()

    def begin(self, path: str, **headers: str) -> threading.Thread:
        request = RequestFactory().get(path, headers=headers)
        thread = threading.Thread(target=self.serve, args=(request,))
        thread.start()
        return thread


def test_a_refresh_lets_what_was_asked_for_finish():
    desk = Desk()
    desk.serve.turns = Turns(most=PATIENCE)
    asked = desk.begin("/dossier/")
    assert desk.asked_began.wait(PATIENCE)
    again = desk.begin("/liste/", **{"Quinze-Refresh": "1"})
    click = desk.begin("/motifs/")
    click.join(PATIENCE)
    assert desk.served == ["/motifs/"]
    desk.asked_may_end.set()
    asked.join(PATIENCE)
    again.join(PATIENCE)
    assert desk.served == ["/motifs/", "/dossier/", "/liste/"]


def test_a_busy_hour_delays_a_refresh_and_does_not_stop_it():
    desk = Desk()
    asked = desk.begin("/dossier/")
    assert desk.asked_began.wait(PATIENCE)
    again = desk.begin("/liste/", **{"Quinze-Refresh": "1"})
    again.join(PATIENCE)
    assert desk.served == ["/liste/"]
    desk.asked_may_end.set()
    asked.join(PATIENCE)


def test_what_lasts_is_not_waited_for_by_every_refresh_in_turn():
    turns = Turns(most=PATIENCE)
    turns._begun.append(time.monotonic() - PATIENCE)  # an import, begun long ago
    began = time.monotonic()
    for _ in range(3):
        with turns.refreshed():
            pass
    assert time.monotonic() - began < PATIENCE / 2


def test_a_request_that_fails_gives_its_turn_back():
    def fails(_request: HttpRequest) -> HttpResponse:
        raise ValueError

    serve = TurnsMiddleware(fails)
    for _ in range(2):
        try:
            serve(RequestFactory().get("/dossier/"))
        except ValueError:
            continue
    began = time.monotonic()
    serve.get_response = lambda _request: HttpResponse()
    serve.turns._most = PATIENCE
    serve(RequestFactory().get("/liste/", headers={"Quinze-Refresh": "1"}))
    assert time.monotonic() - began < PATIENCE / 2
