"""The real service, started as a person starts it, on a database of its own that lives at a chosen instant."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection
from psycopg import sql

from quinze.config import prepare
from tests import conftest as databases
from tests.config.programs import database_url, eventually, free_port, started, status

FIRST_PAGE = 120.0  # a busy machine is slow, not wrong
COMPLAINTS = ("Traceback", " ERROR ", " CRITICAL ", "Internal Server Error")


@dataclass(frozen=True)
class Service:
    """Where it answers, and how to make it live at another hour."""

    port: int
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @contextmanager
    def later(self, instant: str) -> Iterator["Service"]:
        """The same data, some hours on, at another address."""
        moved = self.environment | {"QUINZE_START_AT": instant, "QUINZE_VAR": str(self.folder / "later")}
        service = Service(free_port(), moved)
        with running(service):
            yield service
        assert service.complaints() == []

    @property
    def folder(self) -> Path:
        return Path(self.environment["QUINZE_VAR"])

    def command(self, *words: str, at: str = "") -> str:
        """What `quinze …` says; it must succeed. `at`: an hour of its own, or that of the service when it began."""
        with started("manage.py", *words, **self.environment | ({"QUINZE_START_AT": at} if at else {})) as run:
            said, _ = run.communicate(timeout=FIRST_PAGE)
        assert run.returncode == 0, said
        return said

    def complaints(self) -> list[str]:
        """What its programs wrote of errors: none is expected in a journey."""
        lines = [
            line for log in (self.folder / "log").glob("*.log") for line in log.read_text(errors="replace").splitlines()
        ]
        return [line for line in lines if any(word in line for word in COMPLAINTS)]


@contextmanager
def living_at(
    instant: str, *, folder: Path, before: Callable[[Service], None] = lambda _: None, **more: str
) -> Iterator[Service]:
    """The scene is set, then the service runs until the end of the block. `more` goes into its environment; `before`
    ends the scene, by commands.
    """
    with _database(f"journey_{folder.name}_{time.time_ns()}") as url:
        service = Service(free_port(), _environment(instant, url=url, folder=folder) | more)
        prepare._record(url)  # the clone is at the schema: nothing to migrate
        set_the_scene(service)
        before(service)
        with running(service):
            yield service
        assert service.complaints() == []


@contextmanager
def running(service: Service) -> Iterator[subprocess.Popen[str]]:
    ports = service.port, free_port()
    with started(
        "manage.py", "run", "--port", str(ports[0]), "--events-port", str(ports[1]), **service.environment
    ) as run:
        eventually(lambda: run.poll() is not None or _up(*ports), within=FIRST_PAGE)
        assert run.poll() is None, run.communicate()[0]
        yield run
        if run.poll() is None:
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=30)


def _up(pages: int, events: int) -> bool:
    return (
        status(f"http://127.0.0.1:{pages}/connexion/") == 200
        and status(f"http://127.0.0.1:{events}/events/health") == 200
    )


def _environment(instant: str, *, url: str, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "QUINZE_MODE": "demo",
        "QUINZE_VAR": str(folder),
        "QUINZE_START_AT": instant,
        "QUINZE_SECRET_KEY": "parcours",
    }


def set_the_scene(service: Service) -> None:
    with started("-m", "tests.journeys.scene", **service.environment) as scene:
        said, _ = scene.communicate(timeout=FIRST_PAGE)
    assert scene.returncode == 0, said


@contextmanager
def _database(name: str) -> Iterator[str]:
    """A clone of the migrated template of the test run."""
    base = str(connection.settings_dict["NAME"]).rpartition("_")[0].rpartition("_")[0]
    template = f"{base}_template_{databases._fingerprint()}"
    made = sql.Identifier(name)
    with databases._administration() as link:
        link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, sql.Identifier(template)))
    try:
        yield urlsplit(database_url())._replace(path=f"/{name}").geturl()
    finally:
        with databases._administration() as link:
            link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))
