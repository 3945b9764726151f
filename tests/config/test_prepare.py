"""A second start finds nothing to do, and knows when there is something."""

from pathlib import Path

import psycopg
import pytest

from quinze.config import prepare
from tests.config.programs import database_url
from tests.factories import directory
from tests.factories.accounts import make_sas

pytestmark = pytest.mark.django_db(transaction=True)


def asked(*, demo: bool = True) -> list[str]:
    names: list[str] = []
    prepare.prepare(database_url(), command=lambda _, *arguments: names.append(arguments[0]), demo=demo)
    return names


def run(statement: str) -> None:
    with psycopg.connect(database_url(), autocommit=True) as link:
        link.execute(statement)  # type: ignore[arg-type]


def test_an_empty_database_gets_everything_then_only_what_is_missing() -> None:
    assert asked() == ["migrate", "load-geography", "demo"]
    assert asked() == ["load-geography", "demo"]
    directory.commune()
    assert asked() == ["demo"]
    make_sas()
    assert asked() == []


def test_only_a_demonstration_has_the_demonstration() -> None:
    assert asked(demo=False) == ["migrate", "load-geography"]


def test_a_migration_undone_by_hand_is_seen() -> None:
    asked()
    run("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    assert asked()[0] == "migrate"


def test_a_database_without_tables_is_empty() -> None:
    run("ALTER TABLE django_migrations RENAME TO elsewhere")
    assert asked() == ["migrate", "load-geography", "demo"]


def test_the_fingerprint_follows_migrations_and_dependencies(tmp_path: Path) -> None:
    folder = tmp_path / "quinze" / "base" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.lock").write_text("django==5.2.19")
    first = prepare.fingerprint(tmp_path)
    (folder / "0002_more.py").touch()
    second = prepare.fingerprint(tmp_path)
    (tmp_path / "requirements.lock").write_text("django==5.2.20")
    assert len({first, second, prepare.fingerprint(tmp_path)}) == 3
    assert prepare.fingerprint(tmp_path) == prepare.fingerprint(tmp_path)
