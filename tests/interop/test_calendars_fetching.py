"""What a hostile or broken server can do to a pull, and where a pull may never go."""

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quinze.interop.calendars import addresses, fetching
from quinze.interop.calendars.fetching import Known, fetch
from quinze.interop.calendars.reader import Window
from quinze.interop.calendars.sealing import Access, fingerprint, seal, unseal
from quinze.interop.calendars.text import Unreadable
from tests.factories.calendars import CalendarServer, ics, serving

NOW = datetime(2026, 11, 16, tzinfo=UTC)
WINDOW = Window("ics", "Europe/Paris", NOW, NOW + timedelta(days=35))


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with serving() as server:
        yield server


def code(access: Access) -> str:
    with pytest.raises(Unreadable) as refused:
        fetch(access, WINDOW, known=Known())
    assert refused.value.message.endswith(".")
    return refused.value.code


def get(server: CalendarServer) -> str:
    return code(Access(server.address))


def test_a_calendar_is_taken_whatever_type_the_server_calls_it(server: CalendarServer) -> None:
    server.gives(ics(), Content_Type="application/octet-stream")
    assert fetch(Access(server.address), WINDOW, known=Known()).content == ics()


@pytest.mark.parametrize(
    ("status", "said"), [(401, "http_401"), (404, "http_404"), (500, "http_500"), (204, "http_204")]
)
def test_errors_of_the_server_are_named(server: CalendarServer, status: int, said: str) -> None:
    server.gives(b"", status)
    assert get(server) == said


def test_redirects_without_end(server: CalendarServer) -> None:
    server.gives(b"", 302, Location=server.address)
    assert get(server) == "redirects"
    assert len(server.asked) == fetching.REDIRECTS + 1


def test_a_redirect_is_followed_and_keeps_its_password_to_itself(server: CalendarServer) -> None:
    with serving() as elsewhere:
        elsewhere.gives(ics())
        server.gives(b"", 302, Location=elsewhere.address)
        access = Access(server.address, "helene", "quatre chevaux")
        assert fetch(access, WINDOW, known=Known()).content == ics()
    assert "Authorization" in server.asked[0].headers
    assert "Authorization" not in elsewhere.asked[0].headers


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://exemple.fr/a.ics", "http://10.0.0.1/", "https://169.254.169.254/latest"]
)
def test_a_redirect_cannot_lead_where_an_address_could_not(server: CalendarServer, location: str) -> None:
    server.gives(b"", 301, Location=location)
    assert get(server) in {"address", "plain", "forbidden"}


def test_a_file_without_end_is_dropped_at_the_limit(server: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT", 500_000)
    sent = 0

    def forever() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 50_000
            yield b"X" * 50_000

    server.gives(forever)
    assert get(server) == "too_large"
    assert sent < 20_000_000


def test_a_small_file_that_unpacks_to_an_enormous_one(server: CalendarServer) -> None:
    server.gives(gzip.compress(b"0" * 50_000_000), Content_Encoding="gzip")
    assert get(server) == "too_large"


def test_packed_contents_are_unpacked_and_false_ones_refused(server: CalendarServer) -> None:
    server.gives(gzip.compress(ics()), Content_Encoding="gzip")
    assert fetch(Access(server.address), WINDOW, known=Known()).content == ics()
    server.gives(b"not gzip at all", Content_Encoding="gzip")
    assert get(server) == "coding"
    server.gives(ics(), Content_Encoding="br")
    assert get(server) == "coding"


def test_a_server_that_drips_is_left(server: CalendarServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "DEADLINE", 0.0)
    server.gives(ics())
    assert get(server) == "timeout"


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", fetching.httpx.Timeout(0.2))
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        assert code(Access(address)) == "timeout"
    assert code(Access(address)) == "unreachable"


def test_a_server_that_speaks_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as other:

        def babble() -> None:
            link, _ = other.accept()
            link.recv(1000)
            link.sendall(b"220 ftp.exemple.fr\r\n\x00\x01\x02")
            link.close()

        Thread(target=babble, daemon=True).start()
        assert code(Access(f"http://127.0.0.1:{other.getsockname()[1]}/")) == "unreachable"


# ---- where a pull may go


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/a.ics", "https://localhost/a.ics", "https://[::1]/a.ics", "https://10.1.2.3/a.ics",
        "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/",
        "https://100.100.100.200/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/",
        "https://224.0.0.1/", "https://2130706433/", "https://[::ffff:127.0.0.1]/", "https://[2002:7f00:1::]/",
    ],
)  # fmt: skip
def test_production_reaches_no_private_address(settings: Any, address: str) -> None:
    settings.INSECURE = False
    with pytest.raises(Unreadable) as refused:
        addresses.target(address)
    assert refused.value.code == "forbidden"


def test_production_takes_no_address_in_clear(settings: Any) -> None:
    settings.INSECURE = False
    for address, said in (("http://93.184.215.14/a.ics", "plain"), ("http://127.0.0.1/a.ics", "forbidden")):
        with pytest.raises(Unreadable) as refused:
            addresses.target(address)
        assert refused.value.code == said


def test_a_name_is_judged_by_all_its_answers_and_reached_by_the_one_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers a public number to the check, and a private one to the connection, gains nothing."""
    answers = ["93.184.215.14"]
    asked: list[object] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in answers]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)
    found = addresses.target("https://agenda.exemple.fr:8443/a.ics?cle=1")
    assert (found.numeric, found.host) == ("https://93.184.215.14:8443/a.ics?cle=1", "agenda.exemple.fr")
    assert found.authority == "agenda.exemple.fr:8443"
    assert len(asked) == 1
    answers.append("10.0.0.1")
    with pytest.raises(Unreadable):
        addresses.target("https://agenda.exemple.fr/a.ics")


@pytest.mark.parametrize(
    "pasted", ["", "agenda", "https://", "javascript:alert(1)", "https://a b.fr/", "https://exemple.fr:port/",
               "https://exemple.fr/\x00", "https://" + "a" * 3000, "https://[::1/", "file:///etc/passwd"]
)  # fmt: skip
def test_what_is_no_address_is_said_so(pasted: str) -> None:
    with pytest.raises(Unreadable) as refused:
        addresses.understood(pasted)
    assert refused.value.code == "address"


def test_the_address_is_taken_as_people_paste_it() -> None:
    assert addresses.understood(" webcal://exemple.fr/a.ics ") == Access("https://exemple.fr/a.ics")
    assert addresses.understood("https://rose:p%40s@exemple.fr/a") == Access("https://exemple.fr/a", "rose", "p@s")


# ---- kept secrets


def test_an_address_is_sealed_and_opens_with_an_older_key(settings: Any) -> None:
    access = Access("https://exemple.fr/prive/cle.ics", "rose", "quatre chevaux")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "première clé", []
    sealed = seal(access)
    assert "exemple" not in sealed
    assert sealed != seal(access)
    assert unseal(sealed) == access

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "seconde clé", ["première clé"]
    assert unseal(sealed) == access
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unreadable, match="reliez à nouveau"):
        unseal(sealed)
    with pytest.raises(Unreadable):
        unseal(sealed[:-4] + "AAAA")


def test_a_fingerprint_says_the_same_address_and_nothing_else(settings: Any) -> None:
    settings.SECRET_KEY = "une clé"
    one = fingerprint("https://exemple.fr/a.ics")
    assert one == fingerprint("https://exemple.fr/a.ics") != fingerprint("https://exemple.fr/b.ics")
    settings.SECRET_KEY = "une autre"
    assert fingerprint("https://exemple.fr/a.ics") != one
