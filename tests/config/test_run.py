"""`quinze run`, whole: started, hurt, stopped."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from quinze.config import prepare, processes
from tests.config.programs import database_url, eventually, free_port, quinze, started, status
from tests.factories import directory
from tests.factories.accounts import make_sas
from tests.pki import Authority

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def given(var: Path, tmp_path: Path) -> dict[str, str]:
    """A database that lacks nothing, so that the start has only itself to do; FHIR asked for, on a port of its own."""
    make_sas()
    directory.commune()
    prepare._record(database_url())
    authority = Authority(tmp_path)
    server = authority.server()
    return {
        "DATABASE_URL": database_url(), "QUINZE_MODE": "test", "QUINZE_VAR": str(var),
        "QUINZE_FHIR_PORT": str(free_port()), "QUINZE_FHIR_CERTIFICATE": str(server.certificate),
        "QUINZE_FHIR_KEY": str(server.key), "QUINZE_FHIR_CA": str(authority.ca), "QUINZE_FHIR_CRL": str(authority.crl),
    }  # fmt: skip


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def run(given: dict[str, str], ports: tuple[int, int]) -> Iterator[subprocess.Popen[str]]:
    pages, events = map(str, ports)
    with started("manage.py", "run", "--port", pages, "--events-port", events, **given) as process:
        eventually(lambda: process.poll() is not None or _up(ports), within=90)
        yield process


def _up(ports: tuple[int, int]) -> bool:
    """Any page of ours, even one that says no, is a page."""
    pages, events = ports
    return status(f"http://127.0.0.1:{pages}/") != 0 and status(f"http://127.0.0.1:{events}/events/health") == 200


def test_it_survives_the_death_of_each_part_and_stops_cleanly(
    run: subprocess.Popen[str], ports: tuple[int, int], var: Path
) -> None:
    assert run.poll() is None
    for part in ("granian", "quinze.config.events", "quinze.config.worker", "quinze.config.mtls"):
        killed = _pid(var, part)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: _pid(var, part) not in {0, killed}, within=30)  # noqa: B023  (called at once)
    eventually(lambda: _up(ports), within=60)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=30)
    assert run.returncode == 0
    assert f"http://localhost:{ports[0]}" in said
    assert "Tout est arrêté." in said
    assert len(re.findall("arrêt \\(signal SIGKILL\\)", said)) == 4
    assert processes.orphans(var) == []
    assert not _up(ports)


def test_a_second_one_is_refused_and_a_killed_one_leaves_the_way_free(
    run: subprocess.Popen[str], ports: tuple[int, int], given: dict[str, str], var: Path
) -> None:
    refused = quinze("run", "--port", str(ports[0]), **given)
    assert refused.returncode == 1
    assert "Quinze tourne déjà" in refused.stdout
    run.kill()
    run.wait()
    assert quinze("stop", **given).returncode == 0
    assert processes.orphans(var) == []
    assert status(f"http://127.0.0.1:{ports[0]}/") == 0


def test_a_busy_port_is_said_before_anything_starts(given: dict[str, str], ports: tuple[int, int]) -> None:
    with socket.create_server(("127.0.0.1", ports[0])):
        refused = quinze("run", "--port", str(ports[0]), **given)
    assert refused.returncode == 1
    assert refused.stdout.startswith(f"Le port {ports[0]} est pris")


def test_stopping_nothing_says_so(given: dict[str, str]) -> None:
    assert quinze("stop", **given).stdout == "Rien ne tournait ici.\n"


def _pid(var: Path, part: str) -> int:
    """The oldest process of that part: its leader."""
    found = [pid for pid in processes.orphans(var) if part.encode() in _command(pid)]
    return min(found, default=0)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
