"""deploy/nginx.conf as it is shipped, in a real nginx before the real pages."""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from quinze.config.places import ROOT
from tests.config import programs
from tests.config.fhir_port import (
    SECRET,
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

NGINX = shutil.which("nginx") or str(ROOT / "var/nginx/usr/sbin/nginx")
pytestmark = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not here: scripts/nginx.sh fetches it")
MAIN = """
pid {folder}/nginx.pid;
error_log {folder}/start.log;
events {{}}
http {{
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/quinze.conf;
}}
"""


class Nginx:
    """The shipped files with the lines marked HERE replaced, and nothing else."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.folder, self.authority = folder, authority
        self.behind, self.people, self.machines = free_port(), free_port(), free_port()

    def write(self) -> None:
        server = self.authority.server()
        pages = {"pages.pem": server.certificate, "pages.key": server.key}
        fhir = {"fhir.pem": server.certificate, "fhir.key": server.key}
        ours = pages | fhir | {"igc-sante-ca.pem": self.authority.ca}
        changed = {f"/etc/ssl/quinze/{name}": str(path) for name, path in ours.items()}
        changed |= {
            "127.0.0.1:8000": f"127.0.0.1:{self.behind}",
            "listen 443 ": f"listen 127.0.0.1:{self.people} ",
            "listen 8443 ": f"listen 127.0.0.1:{self.machines} ",
            "/var/log/nginx/": f"{self.folder}/",
            "/etc/nginx/quinze-fhir-headers.conf": f"{self.folder}/headers.conf",
            "fhir.sas.example.org": "localhost",
            "sas.example.org": "localhost",
            "THE SECRET": SECRET,
        }
        for name, made in (("nginx.conf", "quinze.conf"), ("nginx-fhir-headers.conf", "headers.conf")):
            (self.folder / made).write_text(_replaced((ROOT / "deploy" / name).read_text(), changed))
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder))

    @property
    def command(self) -> list[str]:
        return [
            NGINX,
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-e",
            str(self.folder / "start.log"),
        ]

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


def _replaced(text: str, changed: dict[str, str]) -> str:
    return re.sub("|".join(map(re.escape, changed)), lambda found: changed[found[0]], text)


@pytest.fixture
def nginx(tmp_path: Path, transactional_db: None) -> Iterator[Nginx]:
    register()
    made = Nginx(tmp_path, Authority(tmp_path))
    made.write()
    pages = ["-m", "granian", "quinze.config.wsgi:application", "--interface", "wsgi", "--port", str(made.behind),
             "--blocking-threads", "2", "--no-ws", "--log-level", "warning"]  # fmt: skip
    with (
        (tmp_path / "pages.log").open("w") as told,
        started(
            *pages, output=told, DATABASE_URL=programs.database_url(), QUINZE_MODE="test",
            QUINZE_HOSTS="localhost,127.0.0.1", QUINZE_FHIR_PROXY_SECRET=SECRET,
            QUINZE_FHIR_CA=str(made.authority.ca), QUINZE_FHIR_CRL=str(made.authority.crl),
        ) as behind,
    ):  # fmt: skip
        front = subprocess.Popen([*made.command, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: programs.status(f"http://127.0.0.1:{made.behind}/fhir/metadata") == 403, within=60)
            eventually((tmp_path / "nginx.pid").exists)
            yield made
        finally:
            for process in (front, behind):  # asked, not killed: its own workers would stay
                process.send_signal(signal.SIGTERM)
                process.wait(20)


def test_the_shipped_configuration_lets_in_whom_the_register_knows(nginx: Nginx) -> None:
    port = Port(nginx.authority, nginx.machines)
    who_is_let_in(port)
    what_is_let_in(port)
    tls_is_recent(port)
    _pages_hear_no_certificate(nginx)
    _refused_certificates_are_told(nginx, port)
    _without_the_certificate_nobody_passes(nginx, port)
    told = said_too_much(port)
    for word in told:
        assert word not in nginx.logs()
    assert " GET /fhir 403 " in nginx.logs()


def _pages_hear_no_certificate(nginx: Nginx) -> None:
    """The port of people has no FHIR, whatever they say and show."""
    port = Port(nginx.authority, nginx.people)
    assert port.ask("/connexion/").status_code == 200
    shown = nginx.authority.client("plateforme.test")
    assert port.ask("/fhir/metadata", by=shown, headers={"X-Client-Verify": "SUCCESS"}).status_code == 404


def _refused_certificates_are_told(nginx: Nginx, port: Port) -> None:
    authority = nginx.authority
    (nginx.folder / "autre").mkdir()
    stranger = Authority(nginx.folder / "autre", "Une autre").client("plateforme.test")
    assert port.says(by=stranger)[0] == 403
    assert port.says(by=authority.client("plateforme.test", days=-1)) == (403, "Ce certificat est périmé.")
    lists_are_read_again(port)


def _without_the_certificate_nobody_passes(nginx: Nginx, port: Port) -> None:
    """A headers file of before: the lists cannot be looked at, and that is said."""
    headers = nginx.folder / "headers.conf"
    kept = [line for line in headers.read_text().splitlines() if "X-Client-Certificate" not in line]
    headers.write_text("\n".join(kept))
    subprocess.run([*nginx.command, "-s", "reload"], check=True, stderr=subprocess.DEVNULL)
    known = nginx.authority.client("plateforme.test")
    # One question at a time: a worker of before may answer for a moment after one of now did.
    eventually(lambda: "ne transmet pas le certificat" in port.ask(by=known).text)
