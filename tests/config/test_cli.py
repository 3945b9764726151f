"""`quinze`: help that reads, errors in one line, exit codes."""

import os
import signal
import subprocess
import sys

import pytest
from django.core.management.base import BaseCommand, CommandError

from quinze.base.errors import Refusal
from quinze.config import cli
from quinze.config.places import ROOT
from tests.config.programs import environment, quinze


def test_help_lists_what_people_use() -> None:
    listed = quinze()
    assert listed.returncode == 0
    for name in ("run", "stop", "demo", "load-geography", "migrate"):
        assert f"\n  {name} " in listed.stdout
    assert listed.stdout == quinze("help").stdout == quinze("--help").stdout


def test_every_command_of_ours_has_help() -> None:
    lines = [line for line in quinze().stdout.splitlines() if line.startswith("  ")]
    assert [line for line in lines if len(line.split(maxsplit=1)) < 2] == []


def test_help_of_one_command_names_it_as_typed() -> None:
    shown = quinze("load-geography", "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: quinze load-geography")
    assert quinze("help", "load-geography").stdout == shown.stdout


def test_an_unknown_command_is_said_with_its_neighbour() -> None:
    refused = quinze("load-geografy")
    assert refused.returncode == 2
    assert refused.stderr == (
        "quinze : commande inconnue « load-geografy ». Vouliez-vous dire « load-geography » ? "
        "« quinze help » donne la liste.\n"
    )


def test_a_wrong_option_is_misuse() -> None:
    assert quinze("load-geography", "--no-such-option").returncode == 2


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: object) -> None:
    refused = quinze("load-geography", DATABASE_URL=f"postgresql://a@/b?host={tmp_path}")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("quinze : La base de données ne répond pas")
    assert "Traceback" not in refused.stderr


def test_a_refusal_at_the_start_is_said_without_a_trace() -> None:
    refused = quinze("check", QUINZE_MODE="production")
    assert refused.returncode == 1
    assert "QUINZE_SECRET_KEY" in refused.stderr
    assert "Traceback" not in refused.stderr


class Refusing(BaseCommand):
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def handle(self, *args: object, **options: object) -> None:
        raise Refusal("La SAS 99 n’existe pas.")


class Failing(Refusing):
    def handle(self, *args: object, **options: object) -> None:
        raise CommandError("Fichier illisible.")


def test_refusals_and_failures_end_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run(Refusing(), "refusing", []) == 1
    assert capsys.readouterr().err == "quinze : La SAS 99 n’existe pas.\n"
    with pytest.raises(SystemExit) as ended:
        cli._run(Failing(), "failing", [])
    assert ended.value.code == 1
    assert "Fichier illisible." in capsys.readouterr().err


def test_ctrl_c_ends_with_130() -> None:
    waiting = """
import time
from quinze.config import cli
def wait(*_):
    print('in', flush=True)
    time.sleep(60)
cli._dispatch = wait
cli.main(['x'])
"""
    with subprocess.Popen(
        [sys.executable, "-c", waiting], env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (the background ignores it)
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "in\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
