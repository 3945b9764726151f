"""Every program of a running service is killed while calls arrive: what was answered is there, the next start works."""

import http.cookiejar
import os
import re
import signal
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quinze.config import postgres, prepare, processes
from quinze.interop.demo.staff import DOMAIN, PASSWORD
from tests.config.programs import eventually, free_port, quinze
from tests.journeys.service import Service, running, set_the_scene

pytestmark = pytest.mark.long
PROGRAMS = ("granian", "quinze.config.events", "quinze.config.worker")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Calls(threading.Thread):
    """An ARM who opens a file for each call, and notes the numbers that the service answered."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.failures = url, 0
        self.answered: list[str] = []
        self.over = threading.Event()
        jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self._post("/connexion/", email=f"arm@{DOMAIN}", password=PASSWORD)

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.answered.append(self._opens_a_file())
            except (OSError, ValueError):
                self.failures += 1
                time.sleep(0.1)

    def _opens_a_file(self) -> str:
        address = self._post("/arm/", "/arm/ouvrir/", caller_number="06 39 98 41 50")
        found = re.search(r"/arm/(DRFR\w+)/", address)
        if not found:
            raise ValueError(address)
        return found.group(1)

    def _post(self, page: str, action: str = "", **values: str) -> str:
        with self.browser.open(self.url + page, timeout=10) as answer:
            token = TOKEN.search(answer.read().decode())
        if not token:
            raise ValueError(page)
        typed = urllib.parse.urlencode(values | {"csrfmiddlewaretoken": token.group(1)}).encode()
        with self.browser.open(self.url + (action or page), typed, timeout=10) as answer:
            return str(answer.url)

    def goes_on(self) -> None:
        """The service answers again, five times."""
        wanted = len(self.answered) + 5
        eventually(lambda: len(self.answered) >= wanted, within=60)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """With the database server of its own that it starts where there is none."""
    environment = {"QUINZE_MODE": "demo", "QUINZE_VAR": str(tmp_path), "QUINZE_SECRET_KEY": "parcours"}
    service = Service(free_port(), environment)
    with postgres.Server(tmp_path) as server:
        migrated = quinze("migrate", "--verbosity=0", **environment)
        assert migrated.returncode == 0, migrated.stderr
        prepare._record(server.url)
        set_the_scene(service)
    yield service
    quinze("stop", **environment)


def test_what_was_answered_survives_the_death_of_every_program(service: Service) -> None:
    # Given calls that arrive without a pause
    with running(service) as supervisor:
        calls = Calls(service.url)
        calls.start()
        calls.goes_on()

        # When each program dies without a word, the service comes back by itself
        for program in PROGRAMS:
            _kill(*_pids(service, program))
            calls.goes_on()
        _kill(*_database(service))
        calls.goes_on()

        # And when everything dies at once
        supervisor.kill()
        _kill(*(pid for program in PROGRAMS for pid in _pids(service, program)), *_database(service))
        calls.over.set()
        calls.join()
        supervisor.wait()

    # Then the next start works, and every file that was answered is there, whole
    with running(service):
        assert calls.failures > 0
        assert _files(service) >= set(calls.answered)
        after = Calls(service.url)
        after.start()
        after.goes_on()
        after.over.set()
        after.join()


def _pids(service: Service, program: str) -> list[int]:
    return [pid for pid in processes.orphans(service.folder) if program.encode() in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _database(service: Service) -> list[int]:
    pid = postgres.Server(service.folder).pid()
    return [pid] if pid else []


def _kill(*pids: int) -> None:
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _files(service: Service) -> set[str]:
    """Files with the line of their opening: half a file is none."""
    with psycopg.connect(postgres.url(service.folder)) as link:
        rows = link.execute(
            "SELECT number FROM regulation_casefile f WHERE EXISTS "
            "(SELECT FROM regulation_caseevent e WHERE e.case_id = f.id)"
        )
        return {row[0] for row in rows}
