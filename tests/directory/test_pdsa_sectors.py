"""The sectors of the PDSA of a SAS, given as a list by its administrator."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import SasCommune
from quinze.directory.operations.pdsa_sectors import Given, set_pdsa_sectors
from quinze.directory.queries.territory import PdsaSector, pdsa_sectors
from tests.accounts.test_races import at_once
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor

URL = "/territoire/secteurs/"
NAMES = ("Poitiers", "Lusignan", "Vivonne")


@pytest.fixture
def admin() -> Actor:
    return an_admin()


def an_admin() -> Actor:
    make.departement("86")
    communes = [make.commune(name, departement="86", population=1000) for name in NAMES]
    return make_actor(Role.ADMINISTRATOR, make.sas("86", communes=communes))


def insee(admin: Actor) -> list[str]:
    rows = SasCommune.objects.filter(sas=admin.sas).order_by("pk")
    return list(rows.values_list("commune", flat=True))


def given(admin: Actor) -> dict[str, str]:
    return dict(SasCommune.objects.filter(sas=admin.sas).values_list("commune", "pdsa_sector"))


def send(admin: Actor, *rows: list[str]) -> Given:
    return set_pdsa_sectors(rows, by=admin, at=clock.now())


@pytest.mark.django_db
def test_a_list_replaces_the_one_before_with_or_without_titles(admin: Actor) -> None:
    one, two, three = insee(admin)
    assert send(admin, ["Secteur", "INSEE"], ["Poitiers 1", one], ["Sud", two], ["Sud", three]) == Given(2, 3, 0)
    assert pdsa_sectors(admin.sas) == [PdsaSector("Poitiers 1", 1, 1000), PdsaSector("Sud", 2, 2000)]
    assert send(admin, ["Nord", one]) == Given(1, 1, 2)
    assert given(admin) == {one: "Nord", two: "", three: ""}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["Sud"], "deux colonnes"),
        (["", "86194"], "deux colonnes"),
        (["Sud", "99999"], "aucune commune n’a le code INSEE « 99999 »"),
        (["Sud", "\x00;drop" + "9" * 400], "aucune commune"),
        (["a" * 81, "{one}"], "80 caractères"),
        (["Sud", "{outside}"], "le SAS ne couvre pas"),
        (["Sud", "{two}"], "est déjà dans « Nord »"),
    ],
)
def test_a_list_of_sectors_is_taken_whole_or_not_at_all(admin: Actor, row: list[str], said: str) -> None:
    one, two, three = insee(admin)
    outside = make.commune("Ailleurs", departement="86").pk
    send(admin, ["Avant", three])
    row = [cell.format(one=one, two=two, outside=outside) for cell in row]
    with pytest.raises(Refusal) as refused:
        send(admin, ["Secteur", "INSEE"], ["Nord", two], row)
    assert said in refused.value.message
    assert "ligne 3" in refused.value.message
    assert given(admin)[three] == "Avant"


@pytest.mark.django_db
def test_many_faults_are_said_five_at_a_time_and_an_empty_list_is_refused(admin: Actor) -> None:
    with pytest.raises(Refusal, match="Et 15 autres"):
        send(admin, *(["Sud", f"9{number:04d}"] for number in range(20)))
    for rows in ([], [["Secteur", "INSEE"]]):
        with pytest.raises(Refusal, match="vide"):
            send(admin, *rows)


@pytest.mark.django_db
def test_the_page_takes_the_file_and_says_what_is_wrong(admin: Actor) -> None:
    one = insee(admin)[0]
    page = login(Client(), admin)

    def post(content: bytes) -> tuple[int, str]:
        answer = page.post(URL, {"file": SimpleUploadedFile("s.csv", content)}, follow=True)
        return answer.status_code, answer.content.decode()

    status, text = post(f"secteur;insee\nÉté;{one}\n".encode())
    assert status == 200
    assert "Secteurs : 1. Communes placées : 1. Communes du SAS sans secteur : 2." in text
    assert "Été" in text
    for garbage, said in ((b"PK\x03\x04zzz", "ne se lit pas"), (b"x" * 1_000_001, "1 Mo"), (b"", "vide")):
        status, text = post(garbage)
        assert (status, said in text) == (422, True)
    assert given(admin)[one] == "Été"


@pytest.mark.django_db
def test_the_list_of_sectors_is_one_query_for_one_as_for_three(admin: Actor) -> None:
    one, two, three = insee(admin)
    counts = []
    for rows in ([["A", one]], [["A", one], ["B", two], ["C", three]]):
        send(admin, *rows)
        with CaptureQueriesContext(connection) as asked:
            assert len(pdsa_sectors(admin.sas)) == len(rows)
        counts.append(len(asked))
    assert counts == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_lists_at_once_leave_one_of_them_whole() -> None:
    admin = an_admin()
    one, two, three = insee(admin)
    lists = [[["A", one], ["A", two], ["A", three]], [["B", one], ["B", two], ["B", three]]]
    at_once(*(lambda rows=rows: send(admin, *rows) for rows in lists))
    assert len(set(given(admin).values())) == 1
