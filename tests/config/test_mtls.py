"""FHIR over mutual TLS by our own server: a real process, real certificates."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quinze.config.mtls import _subject
from tests.config import programs
from tests.config.fhir_port import (
    Port,
    lists_are_read_again,
    register,
    said_too_much,
    tls_is_recent,
    what_is_let_in,
    who_is_let_in,
)
from tests.config.programs import eventually, free_port, started
from tests.pki import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def port(authority: Authority, db: None, transactional_db: None) -> Iterator[tuple[Port, Path]]:
    register()
    authority.write_crl()
    server, number, log = authority.server(), free_port(), authority.folder / "fhir.log"
    files = {"certificate": server.certificate, "key": server.key, "ca": authority.ca, "crl": authority.crl}
    given = {f"QUINZE_FHIR_{name.upper()}": str(path) for name, path in files.items()}
    with (
        log.open("w") as told,
        started(
            "-m", "quinze.config.mtls", "--port", str(number), output=told,
            DATABASE_URL=programs.database_url(), QUINZE_MODE="test", QUINZE_HOSTS="localhost", **given,
        ) as process,
    ):  # fmt: skip
        made = Port(authority, number)
        eventually(lambda: process.poll() is not None or _up(made), within=60)
        yield made, log


def _up(port: Port) -> bool:
    try:
        return port.ask().status_code == 403
    except httpx.TransportError:
        return False


def test_a_known_certificate_and_no_header_lets_a_machine_in(port: tuple[Port, Path]) -> None:
    asked, log = port
    who_is_let_in(asked)
    what_is_let_in(asked)
    tls_is_recent(asked)
    lists_are_read_again(asked)
    _strangers_are_not_spoken_to(asked)
    for word in said_too_much(asked):
        assert word not in log.read_text()


def _strangers_are_not_spoken_to(port: Port) -> None:
    authority = port.authority
    stranger = Authority(_folder(authority, "autre"), "Une autre").client("plateforme.test")
    for refused in (stranger, authority.client("plateforme.test", days=-1)):
        with pytest.raises(httpx.TransportError):
            port.ask(by=refused)


def _folder(authority: Authority, name: str) -> Path:
    made = authority.folder / name
    made.mkdir(exist_ok=True)
    return made


@pytest.mark.parametrize("missing", ["certificate", "key", "ca", "crl"])
def test_it_does_not_start_without_each_of_its_files(authority: Authority, missing: str) -> None:
    server = authority.server()
    files = {"certificate": server.certificate, "key": server.key, "ca": authority.ca, "crl": authority.crl}
    given = [word for name, path in files.items() if name != missing for word in (f"--{name}", str(path))]
    with started("-m", "quinze.config.mtls", *given, QUINZE_MODE="production") as process:
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Il manque --{missing} (ou QUINZE_FHIR_{missing.upper()})." in said


def test_a_subject_is_written_as_nginx_writes_it(authority: Authority) -> None:
    made = authority.pair("santé, l’autre\x01", "a=b", "c+d").read
    assert _subject(made) == r"CN=sant\C3\A9\, l\E2\80\99autre\01,OU=c\+d,OU=a=b,O=ESSAI,C=FR"
    assert _subject(None) == ""
