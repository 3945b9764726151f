"""Editors that answer over HTTPS on this machine, and their place in our register, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from quinze.availability.models import EditorAgenda
from quinze.directory.models import Place
from quinze.interop.editors import register
from quinze.interop.editors.fake_agenda import Doctor, Hour
from quinze.interop.editors.fake_editor import FakeEditor
from quinze.interop.editors.models import Editor
from quinze.interop.editors.pki import HOSTS, Authority, Pair
from tests.factories.orientation import AT

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Pki:
    """One authority for everybody: the editor's certificate, and ours."""

    authority: Authority
    server: Pair
    client: Pair


def pki(folder: Path) -> Pki:
    authority = Authority(folder)
    return Pki(authority, authority.signs("localhost", hosts=HOSTS), authority.signs("quinze", unit="SAS"))


def doctor_of(place: Place, *hours: float, at: datetime = AT, **fields: object) -> Doctor:
    """The doctor of this place as the editor knows them, free so many hours after `at`."""
    person = place.professional
    assert person is not None
    return Doctor(
        identifier=f"8{person.rpps}",
        family=person.family_name,
        given=person.given_name,
        line=place.address,
        city=place.commune.name,
        postal_code=(place.commune.postal_codes or [place.commune.insee])[0],
        hours=[Hour(at + timedelta(hours=each), **fields) for each in hours],  # type: ignore[arg-type]
    )


@contextmanager
def answering(pki: Pki, *doctors: Doctor, name: str = "Agendix") -> Iterator[FakeEditor]:
    fake = FakeEditor(name, pki.server, str(pki.authority.certificate), list(doctors))
    with fake.running():
        yield fake


def spec(fake_or_url: FakeEditor | str, pki: Pki, *, code: str = "agendix", **fields: object) -> register.EditorSpec:
    endpoint = fake_or_url if isinstance(fake_or_url, str) else fake_or_url.endpoint
    defaults: dict[str, object] = {
        "code": code,
        "name": code.capitalize(),
        "endpoint": endpoint,
        "certificate": str(pki.client.certificate),
        "key": str(pki.client.key),
        "authority": str(pki.authority.certificate),
    }
    return register.EditorSpec(**defaults | fields)  # type: ignore[arg-type]


def registered(
    fake_or_url: FakeEditor | str, pki: Pki, *places: Place, at: datetime = AT, **fields: object
) -> tuple[Editor, list[EditorAgenda]]:
    """In our register, with the agendas of the doctors of these places."""
    editor = register.add_editor(spec(fake_or_url, pki, **fields), at=at)
    numbers = [f"8{place.professional.rpps}" for place in places if place.professional]
    return editor, register.attach(editor, numbers, at=at)
