"""The embedded server: made once, shared, stopped by the last, and back after any kill."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from quinze.config import postgres
from tests.config.programs import environment, eventually


@pytest.fixture
def home() -> Iterator[Path]:
    """Short: pytest's own folders are too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="q-pg-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[postgres.Server]:
    server = postgres.Server(home, durable=False)
    with server:
        yield server


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as link:
        row = link.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def test_the_database_is_the_products_and_its_role_is_not_superuser(server: postgres.Server) -> None:
    assert one(server.url, "SELECT current_database()") == "quinze"
    assert one(server.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert one(server.url, "SELECT datlocale FROM pg_database WHERE datname = 'quinze'") == "C.UTF-8"
    with psycopg.connect(server.url) as link:
        link.execute("CREATE EXTENSION btree_gist; CREATE EXTENSION unaccent")


def test_only_this_account_of_the_machine_can_enter(server: postgres.Server) -> None:
    assert server.folder.stat().st_mode & 0o077 == 0
    assert one(server.url, "SHOW listen_addresses") == ""


def test_who_needs_a_page_reads_it(server: postgres.Server) -> None:
    """Where PostgreSQL would hand it to another process; before its 18th version it never did."""
    if int(str(one(server.url, "SHOW server_version_num"))) >= 180000:
        assert one(server.url, "SHOW io_method") == "sync"


def test_what_lasts_reads_again_after_a_restart_the_pages_it_had_in_memory(tmp_path: Path) -> None:
    folder = postgres.programs()
    if not any(folder.parent.glob("lib/**/pg_prewarm.so")):
        pytest.skip("this PostgreSQL was packed without pg_prewarm")
    with postgres.Server(tmp_path) as server:
        assert one(server.url, "SELECT count(*) FROM pg_class")
    assert (server.data / "autoprewarm.blocks").stat().st_size > 0


@pytest.mark.parametrize(
    ("gib", "allowed", "kept"),
    [(1, "max", "256MB"), (4, "max", "1024MB"), (8, "", "2048MB"), (64, "max", "4096MB"), (64, 2 << 30, "512MB")],
)
def test_a_quarter_of_the_memory_is_the_most_it_takes(
    gib: int, allowed: int | str, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the machine, or of the container that the product is given."""
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": gib << 18}
    (tmp_path / "memory.max").write_text(f"{allowed}\n")
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    monkeypatch.setattr(postgres, "ALLOWED", tmp_path / "memory.max")
    assert postgres.Server(Path("/nowhere")).options["shared_buffers"] == kept


def test_the_last_user_stops_it(home: Path, server: postgres.Server) -> None:
    other = postgres.Server(home)
    other.start()
    assert other.pid() == server.pid()
    other.leave()
    assert one(server.url, "SELECT 1") == 1
    server.leave()
    assert server.pid() is None


def test_what_was_committed_survives_a_kill(home: Path) -> None:
    with postgres.Server(home) as server:
        _kill_and_start(server)


def _kill_and_start(server: postgres.Server) -> None:
    with psycopg.connect(server.url) as link:
        link.execute("CREATE TABLE kept AS SELECT 15 AS number")
    killed = server.pid()
    assert killed
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: server.pid() is None)
    server.start()
    assert server.pid() != killed
    assert one(server.url, "SELECT number FROM kept") == 15


def test_a_stale_file_naming_another_program_is_not_a_server(home: Path, server: postgres.Server) -> None:
    """After a restart of the machine, the number of the dead server belongs to anyone."""
    content = (server.data / "postmaster.pid").read_text().split("\n")
    server.leave()
    for file in (server.data / "postmaster.pid", server.socket / ".s.PGSQL.5432.lock"):
        file.write_text("\n".join([str(os.getpid()), *content[1:]]))
    assert server.pid() is None
    server.start()
    assert one(server.url, "SELECT 1") == 1


def test_a_half_made_folder_is_made_again(home: Path) -> None:
    (home / "pg" / "data").mkdir(parents=True)
    (home / "pg" / "data" / "leftover").touch()
    with postgres.Server(home, durable=False) as server:
        assert one(server.url, "SELECT 1") == 1


def test_a_long_path_puts_the_socket_in_a_private_temporary_folder(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    with postgres.Server(deep, durable=False) as server:
        assert server.socket.parent == Path(tempfile.gettempdir())
        assert server.socket.stat().st_mode & 0o077 == 0
        assert one(server.url, "SELECT 1") == 1
    shutil.rmtree(server.socket)


def test_a_killed_user_leaves_the_server_to_the_next(home: Path) -> None:
    using = """
import sys, time, pathlib
from quinze.config.postgres import Server
Server(pathlib.Path(sys.argv[1]), durable=False).start()
print('in', flush=True)
time.sleep(60)
"""
    user = subprocess.Popen([sys.executable, "-c", using, home], env=environment(), stdout=subprocess.PIPE, text=True)
    with user:
        assert user.stdout
        assert user.stdout.readline() == "in\n"
        user.kill()
    server = postgres.Server(home)
    orphan = server.pid()
    assert orphan
    with server:
        assert server.pid() == orphan
    assert server.pid() is None


def test_the_reason_of_a_failure_is_said(home: Path, server: postgres.Server) -> None:
    server.leave()
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(postgres.Unavailable, match="no_such_setting"):
        server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become someone else")
def test_root_without_user_namespaces_runs_it_as_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that forbids them."""
    monkeypatch.setattr(postgres, "NAMESPACE", ("false",))
    home.chmod(0o755)
    readable = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", postgres.programs() / "postgres", "--version"],
        check=False, capture_output=True,
    )  # fmt: skip
    if readable.returncode:
        pytest.skip("this checkout is in a folder that nobody else may enter")
    with postgres.Server(home, durable=False) as server:
        assert one(server.url, "SELECT 1") == 1
        assert server.data.owner() == "nobody"
    monkeypatch.undo()
    with postgres.Server(home, durable=False) as server:
        assert one(server.url, "SELECT 1") == 1, "and goes on so where namespaces work again"


def test_no_program_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres, "PACKAGES", ("no_such_package",))
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    with pytest.raises(postgres.Unavailable, match="DATABASE_URL"):
        postgres.programs()


def test_debians_newest_is_the_last_resort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    monkeypatch.setattr(postgres, "PACKAGES", ())
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    assert postgres.programs() == tmp_path / "17" / "bin"
