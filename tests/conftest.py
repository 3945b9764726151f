"""A hostile test run: no network but loopback, warnings are errors, one database per worker, cloned from a template."""

import fcntl
import gc
import hashlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from quinze.config import postgres
from quinze.config.places import ROOT, VAR

if TYPE_CHECKING:
    from tests.browser import Browser
    from tests.scheduling import ByService

TEMPLATE_SOURCES = ("requirements.lock", "quinze/config/settings.py", "quinze/*/migrations/*.py")


# ---- one database per worker


@contextmanager
def served() -> Iterator[None]:
    """The embedded server of the tests, stopped by its last worker; nothing where DATABASE_URL is set."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with postgres.Server(VAR / "test", durable=False):
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[None]:
    with served():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    postgresql: None, django_test_environment: None, django_db_blocker: DjangoDbBlocker, worker_id: str
) -> Iterator[None]:
    """In place of pytest-django's: a clone takes 30 ms, migrations are applied once for all runs on the same schema."""
    with django_db_blocker.unblock():
        base = make_template()
        _clone(base, f"{base}_{worker_id}")
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        with _administration() as link:
            _drop(link, f"{base}_{worker_id}")


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The worker of xdist; alone, the process: two runs side by side do not meet."""
    given: dict[str, str] = getattr(request.config, "workerinput", {})
    return f"{given.get('workerid', 'alone')}_{os.getpid()}"


@contextmanager
def _administration() -> Iterator[psycopg.Connection[Any]]:
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in ("host", "port", "user", "password") if parameters.get(name)}
    with psycopg.connect(**wanted, dbname="postgres", autocommit=True) as link:
        yield link


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for pattern in TEMPLATE_SOURCES for path in ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def make_template() -> str:
    """Returns what the names of the databases of the tests begin with."""
    base = f"test_{connection.settings_dict['NAME']}"
    _template(base)
    return base


def _template(base: str) -> None:
    """Made under another name, then renamed: a template is whole or absent. Those of other schemas are dropped."""
    name, making = f"{base}_template_{_fingerprint()}", f"{base}_making"
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / "test-template.lock").open("w") as lock, _administration() as link:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = {
            row[0] for row in link.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [base])
        }
        if name not in kept:
            for old in kept & {making} | {each for each in kept if each.startswith(f"{base}_template_")}:
                _drop(link, old)
            link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(making)))
            _use(making)
            call_command("migrate", interactive=False, verbosity=0)
            connections.close_all()
            link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name)))


def _clone(base: str, name: str) -> None:
    template = f"{base}_template_{_fingerprint()}"
    connections.close_all()
    with _administration() as link:
        _drop(link, name)
        link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    _use(name)


def _drop(link: "psycopg.Connection[Any]", name: str) -> None:
    """By force, whoever is connected. PostgreSQL refuses that while it cleans it; a plain drop stops the cleaning."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    for _ in range(5):
        try:
            link.execute(sql.SQL("{} WITH (FORCE)").format(drop))
        except psycopg.errors.InsufficientPrivilege:
            with suppress(psycopg.errors.ObjectInUse):
                link.execute(drop)
                return
        else:
            return
    raise AssertionError(f"{name} is still in use")


def _use(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _fresh_database(case: TransactionTestCase) -> None:
    """After a test that committed: history tables refuse to be emptied, so the whole database is cloned again."""
    name = connection.settings_dict["NAME"]
    _clone(name.rpartition("_")[0].rpartition("_")[0], name)


@pytest.fixture(scope="session", autouse=True)
def _clone_instead_of_truncate() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _fresh_database)
        yield


# ---- what each test would pay again


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Those of the product are slow by design; `tests/accounts/test_passwords.py` looks at the setting itself."""
    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickArgon2"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once() -> Iterator[None]:
    """Each `Client()` makes its middleware anew, and WhiteNoise then finds 150 files again: 10 ms a test."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[str, object], dict[str, object]] = {}

    def find_once(self: WhiteNoiseMiddleware) -> None:
        key = self.static_prefix, self.max_age
        if key not in found:
            find(self)
            found[key] = dict(self.files)
        self.files.update(found[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


def pytest_collection_finish() -> None:
    """What was read lives as long as the worker: the collector does not walk its million objects again and again."""
    gc.collect()
    gc.freeze()


# ---- one browser per worker


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Workers that are asked for journeys only do not read files that hold none: eight seconds of processor each."""
    if config.option.markexpr != "journey" or not collection_path.name.startswith("test_"):
        return None
    return True if b"mark.journey" not in collection_path.read_bytes() else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Browser tests last: the driver keeps an event loop in the thread. The longest of them, with services, first.

    After pytest-django, which sorts them by what they do to the database.
    """
    yield
    items.sort(key=_turn)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "ByService | None":
    from tests.scheduling import ByService

    return ByService(config, log) if config.getoption("dist") == "loadgroup" else None


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("journey") is None:
        return 0
    return 1 if item.path.parent.name == "journeys" else 2


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    from tests import browser

    with browser.chromium() as one:
        yield one


@pytest.fixture
def browser(chromium: "Browser") -> Iterator["Browser"]:
    """Shared by the tests of a worker; what a test opened in it is closed with the test."""
    yield chromium
    chromium.take_back()
    connections.close_all()  # those of the driver's loop: the database is cloned again after each test


# ---- the world outside does not exist


class NetworkRefused(Exception):  # noqa: N818
    pass


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(kind: int, address: Any) -> None:
        if kind != socket.AF_UNIX and not _is_loopback(str(address[0])):
            raise NetworkRefused(f"a test tried to reach {address!r}")

    def guarded(self: socket.socket, address: Any) -> None:
        checked(self.family, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        checked(self.family, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
