"""Production refuses what is unsafe; the demonstration makes its own secret."""

import subprocess
import sys
from pathlib import Path

import pytest

from quinze.config import postgres
from tests.config.programs import environment

SAFE = {"QUINZE_MODE": "production", "QUINZE_SECRET_KEY": "x" * 50, "QUINZE_HOSTS": "sas.exemple.invalid"}


def show(expression: str, **given: str) -> subprocess.CompletedProcess[str]:
    program = f"from quinze.config import settings; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", program], env=environment(**given), capture_output=True, text=True, check=False
    )


def test_production_starts_with_secure_cookies_and_a_second_factor(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "QUINZE_SECOND_FACTOR", "DEBUG", "QUINZE_DEMO")
    shown = show(",".join(f"settings.{name}" for name in names), QUINZE_VAR=str(tmp_path), **SAFE)
    assert shown.stdout == "True True True False False\n", shown.stderr


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"QUINZE_SECRET_KEY": ""}, "QUINZE_SECRET_KEY"),
        ({"QUINZE_DEBUG": "1"}, "QUINZE_DEBUG"),
        ({"QUINZE_HOSTS": "*"}, "QUINZE_HOSTS"),
        ({"QUINZE_PLAIN_COOKIES": "1"}, "secure cookies"),
        ({"QUINZE_START_AT": "2026-11-23T08:00:00+01:00"}, "QUINZE_START_AT"),
        ({"QUINZE_MODE": "prod"}, "QUINZE_MODE"),
        ({"QUINZE_FHIR_PROXY_SECRET": "x" * 40}, "QUINZE_FHIR_CRL"),
        ({"QUINZE_FHIR_PROXY_SECRET": "x" * 40, "QUINZE_FHIR_CRL": "/etc/crl.pem"}, "QUINZE_FHIR_CA"),
    ],
)
def test_production_refuses(given: dict[str, str], words: str, tmp_path: Path) -> None:
    shown = show("1", QUINZE_VAR=str(tmp_path), **SAFE | given)
    assert shown.returncode != 0
    assert words in shown.stderr.splitlines()[-1]


def test_the_demonstration_keeps_the_secret_it_made_for_its_owner_only(tmp_path: Path) -> None:
    first, second = (show("settings.SECRET_KEY", QUINZE_VAR=str(tmp_path)).stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) == 64
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_without_an_address_the_database_is_where_the_launcher_puts_it(tmp_path: Path) -> None:
    shown = show(
        "settings.DATABASES['default']['HOST'], settings.DATABASES['default']['NAME']", QUINZE_VAR=str(tmp_path)
    )
    assert shown.stdout.split() == [str(postgres.socket_folder(tmp_path)), "quinze"]


def test_a_given_address_is_used_whole() -> None:
    shown = show(
        "{k: v for k, v in settings.DATABASES['default'].items() if k.isupper()}",
        DATABASE_URL="postgresql://a%40b:p%2Fw@db.exemple.invalid:5433/sas?sslmode=require",
    )
    for part in ("'NAME': 'sas'", "'USER': 'a@b'", "'PASSWORD': 'p/w'", "'PORT': '5433'", "'sslmode': 'require'"):
        assert part in shown.stdout


def test_a_started_clock_is_the_same_in_every_process() -> None:
    given = {"QUINZE_START_AT": "2026-11-23T08:00:00+01:00", "QUINZE_STARTED": "1790000000"}
    first, second = (show("settings.QUINZE_CLOCK_OFFSET", **given).stdout for _ in range(2))
    assert first == second != ""
