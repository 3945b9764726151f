"""What people asked for stays out of log lines."""

import logging
import sys

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import resolve

from quinze.base.logs import HIDDEN, Redacting, redacted, where


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Not Found: /fhir/Slot?identifier=a|8100", f"Not Found: /fhir/Slot{HIDDEN}"),
        ("refused 810002909371 and 8 10 00 29 09 371", f"refused {HIDDEN} and {HIDDEN}"),
        ("called +33 6 12 34 56 78.", f"called +{HIDDEN}."),
        ("INS 2 85 05 78 006 084 36", f"INS {HIDDEN}"),
        ("card 3456780581/70326SR", f"card {HIDDEN}/70326SR"),
        ("mail pauline.ricart@ghsas.fr!", f"mail {HIDDEN}!"),
        ("/agenda/Zb3k-9_dJwq8YtR2mP0aXcVn.ics", f"/agenda/{HIDDEN}.ics"),
        ("session 2d2db05f-e2b0-4169-be8f-891806da2c74", f"session {HIDDEN}"),
        ("key error\nDETAIL:  Key (family)=(DUPONT) already exists.\nend", f"key error\n{HIDDEN}\nend"),
        ("line 4012 of quinze/interop/fhir/test_of_a_long_name.py in 12345 ms", None),
        ("WARNING quinze.config.settings port 8443", None),
    ],
)
def test_what_a_line_keeps(line: str, left: str | None) -> None:
    assert redacted(line) == (line if left is None else left)


def _written(record: logging.LogRecord) -> str:
    return Redacting("%(asctime)s %(levelname)s %(message)s").format(record)


def test_a_refused_request_is_logged_by_its_route(rf: object, caplog: pytest.LogCaptureFixture) -> None:
    """Django writes the whole path of every 404, key of an agenda included."""
    with caplog.at_level(logging.WARNING, "django.request"):
        Client().get("/fhir/Dupont/metadata?name=Dupont")
        Client().get("/nulle-part/Dupont/")
    lines = [_written(record) for record in caplog.records]
    assert len(lines) == 2
    assert lines[0].endswith("/fhir/<path:path>")
    assert lines[1].endswith("(adresse inconnue)")
    assert resolve("/fhir/Dupont/metadata").route == "fhir/<path:path>"


@pytest.mark.django_db
def test_a_traceback_keeps_its_lines_and_not_the_values_of_postgresql() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE told (name text UNIQUE); INSERT INTO told VALUES ('Dupont'), ('Dupont')")
    except IntegrityError:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    said = _written(record)
    assert "Dupont" not in said.partition("IntegrityError")[2]
    assert "test_a_traceback_keeps_its_lines" in said


def test_an_error_is_told_by_its_kind_and_its_place() -> None:
    try:
        int("Dupont 810002909371")
    except ValueError as error:
        said = where(error)
    assert said.startswith("ValueError in test_an_error_is_told_by_its_kind_and_its_place (test_logs.py:")
    assert "Dupont" not in said
