"""Twenty deaths while appointments are given: nothing lost, nothing twice, nothing half."""

import http.cookiejar
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quinze.config import postgres, prepare
from quinze.interop.demo.staff import DOMAIN, PASSWORD
from tests.bench import booking_check
from tests.config.programs import eventually, free_port, quinze, started
from tests.journeys.service import Service, running, set_the_scene
from tests.journeys.test_kill import PROGRAMS, TOKEN, _database, _kill, _pids

pytestmark = pytest.mark.long
DEATHS, PEOPLE, DESKS = 20, 400, ("osnp", "osnp2")
CHOICE = re.compile(r'name="choice" value="([^"]+)"')
RANKING = re.compile(r'name="ranking" value="(\d+)"')
GIVEN = "Rendez-vous confirmé."


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """With a database server of its own, to be killed, and a crowd that waits."""
    environment = {"QUINZE_MODE": "demo", "QUINZE_VAR": str(tmp_path), "QUINZE_SECRET_KEY": "parcours"}
    service = Service(free_port(), environment)
    with postgres.Server(tmp_path) as server:
        _does("manage.py", "migrate", "--verbosity=0", **environment)
        prepare._record(server.url)
        set_the_scene(service)
        _does("-m", "tests.journeys.crowd", str(PEOPLE), **environment)
    yield service
    quinze("stop", **environment)


def _does(*command: str, **environment: str) -> None:
    with started(*command, **environment) as process:
        said, _ = process.communicate(timeout=240)
    assert process.returncode == 0, said


class Desk(threading.Thread):
    """An OSNP who takes the next person, searches, keeps the first seat and confirms it, without a pause."""

    def __init__(self, url: str, login: str) -> None:
        super().__init__(daemon=True)
        self.url, self.login, self.failures = url, login, 0
        self.given: list[int] = []  # requests whose appointment was confirmed on the screen
        self.over = threading.Event()
        jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self._enters()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._serves_one()
            except (OSError, ValueError):
                self.failures += 1
                time.sleep(0.1)

    def _enters(self) -> None:
        _, page = self._gets("/connexion/")
        self._posts("/connexion/", page, email=f"{self.login}@{DOMAIN}", password=PASSWORD)

    def _serves_one(self) -> None:
        _, desk = self._gets("/orientation/")
        address, page = self._posts("/orientation/suivante/", desk)
        number = _found(re.search(r"/orientation/(\d+)/", address))
        path = f"/orientation/{number}/"
        _, page = self._posts(f"{path}chercher/", page)
        choice, ranking = _found(CHOICE.search(page)), _found(RANKING.search(page))
        _, page = self._posts(f"{path}retenir/", page, choice=choice, ranking=ranking, reason="souhait", asked="1")
        _, page = self._posts(f"{path}confirmer/", page)
        if GIVEN not in page:
            raise ValueError(path)
        self.given.append(int(number))

    def _gets(self, path: str) -> tuple[str, str]:
        with self.browser.open(self.url + path, timeout=10) as answer:
            return str(answer.url), answer.read().decode()

    def _posts(self, path: str, page: str, **values: str) -> tuple[str, str]:
        typed = urllib.parse.urlencode(values | {"csrfmiddlewaretoken": _found(TOKEN.search(page))}).encode()
        try:
            with self.browser.open(self.url + path, typed, timeout=10) as answer:
                return str(answer.url), answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return path, refused.read().decode()


def _found(match: re.Match[str] | None) -> str:
    if match is None:
        raise ValueError
    return match.group(1)


def test_twenty_deaths_lose_no_booking_and_leave_none_twice_or_half(service: Service) -> None:
    # Given a crowd that waits, and two desks that give appointments without a pause
    with running(service):
        desks = [Desk(service.url, login) for login in DESKS]
        for desk in desks:
            desk.start()

        # When the pages, the events, the jobs and PostgreSQL die in turn, at any moment of an appointment
        for death in range(DEATHS):
            _goes_on(desks)
            _dies(service, death)
        _goes_on(desks)
        for desk in desks:
            desk.over.set()
            desk.join()

        # Then everything that a screen confirmed is there, once and whole
        given = [number for desk in desks for number in desk.given]
        with psycopg.connect(postgres.url(service.folder)) as link:
            assert len(given) == len(set(given)) > DEATHS
            assert _booked(link) >= set(given)
            assert booking_check.wrong(lambda statement: _count(link, statement), booking_check.DOUBLE) == {}
            assert booking_check.wrong(lambda statement: _count(link, statement), booking_check.HALF) == {}


def _goes_on(desks: list[Desk]) -> None:
    wanted = sum(len(desk.given) for desk in desks) + 2
    eventually(lambda: sum(len(desk.given) for desk in desks) >= wanted, within=90)


def _dies(service: Service, death: int) -> None:
    turn = (*PROGRAMS, "")
    program = turn[death % len(turn)]
    eventually(lambda: _pids(service, program) if program else _database(service), within=60)
    _kill(*(_pids(service, program) if program else _database(service)))


def _booked(link: psycopg.Connection) -> set[int]:  # type: ignore[type-arg]
    return {
        row[0]
        for row in link.execute("SELECT request_id FROM orientation_booking WHERE status IN ('booked', 'confirmed')")
    }


def _count(link: psycopg.Connection, statement: str) -> int:  # type: ignore[type-arg]
    row = link.execute(statement).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])
