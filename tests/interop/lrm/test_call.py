"""A regulation software opens Quinze on a request: what its address says is used, and stays nowhere."""

import logging
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from quinze.accounts.roles import Role
from quinze.base.logs import Redacting
from quinze.interop.lrm.contract import Call, Misread, read
from quinze.interop.lrm.finding import NO_PLACE, NO_SPECIALTY, NOT_FOUND, NOT_SAID, understood
from quinze.interop.lrm.opening import open_call
from quinze.interop.lrm.partners import end_partner, register_partner
from quinze.interop.models import LrmOpening, LrmPartner
from quinze.orientation import operations
from quinze.orientation.models import OrientationRequest
from quinze.regulation.models import CaseFile, Step
from quinze.regulation.operations.called import Brought
from tests.factories import directory
from tests.factories import orientation as make
from tests.factories.accounts import PASSWORD, login, make_actor
from tests.factories.orientation import AT

DOCTOR = "10002909371"
SAID = {
    "origin": "lrm-86",
    "practitioner": f"urn:oid:1.2.250.1.71.4.2.1|8{DOCTOR}",
    "specialty": "urn:oid:1.2.250.1.71.1.2.5|SM54",
    "streetnumber": "4",
    "streetname": "chemin des Jars",
    "inseecode": "86194",
    "city": "Poitiers",
}


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT)


@pytest.fixture
def land(db: None) -> make.Territory:
    made = make.territory()
    register_partner(name="LRM du SAMU 86", origin="lrm-86", sas=made.sas, at=AT)
    return made


def said(land: make.Territory, **changed: str) -> dict[str, str]:
    return SAID | {"inseecode": land.commune.insee} | changed


def arrive(client: Client, values: dict[str, str]) -> Any:
    return client.get("/sas/recherche", values)


# ---- the contract


def test_the_parameters_of_the_contract_are_read_as_they_are_written() -> None:
    found = read(urlencode(SAID) + "&utm=1&Origin2=x")
    assert (found.address, found.inseecode, found.city) == ("4 chemin des Jars", "86194", "Poitiers")
    assert (found.national_id, found.doctor_name, found.specialty_code) == (f"8{DOCTOR}", "", "SM54")
    plain = read(
        "ORIGIN=a&practitioner=Dr+Cormier&specialty=Cardiologie&inseecode=nulle+part&streetname=rue%0Adu%00Pont"
    )
    assert (plain.national_id, plain.doctor_name, plain.specialty_code) == ("", "Dr Cormier", "")
    assert (plain.inseecode, plain.address) == ("", "rue du Pont")


@pytest.mark.parametrize(
    "query",
    ["", "origin=", "city=Poitiers", "origin=a&origin=b", "origin=a&city=a&CITY=b", "origin=a&city=%ff",
     "origin=a&city=" + "b" * 200, "origin=" + "a" * 3000, "&".join(f"a{n}=1" for n in range(60))],
)  # fmt: skip
def test_another_address_is_refused(query: str) -> None:
    with pytest.raises(Misread):
        read(query)


# ---- what it means


def test_everything_said_is_found(land: make.Territory) -> None:
    cormier = directory.professional("Cormier", "Hélène", rpps=DOCTOR)
    found = understood(Call(**said(land)), sas=land.sas)
    assert (found.commune, found.specialty, found.doctors, found.notes) == (land.commune, "SM54", [cormier], [])
    by_name = understood(Call(**said(land, practitioner="Dr Cormier", inseecode="")), sas=land.sas)
    assert (by_name.commune, by_name.doctors, by_name.notes) == (land.commune, [cormier], [])


def test_what_is_not_found_is_said_in_words(land: make.Territory) -> None:
    directory.professional("Cormier", "Hélène")
    directory.professional("Cormier", "Paul")
    several = understood(Call(**said(land, practitioner="Cormier")), sas=land.sas)
    assert (len(several.doctors), several.notes) == (2, [NOT_FOUND])
    nobody = understood(Call(**said(land, practitioner="urn:oid:1.2.250.1.71.4.2.1|899999")), sas=land.sas)
    assert (nobody.doctors, nobody.notes) == ([], [NOT_FOUND])
    little = understood(Call("lrm-86", specialty="Magnétiseur", city="Nulle-Part"), sas=land.sas)
    assert (little.specialty, little.notes) == ("SM54", [NO_PLACE, NO_SPECIALTY, NOT_SAID])
    assert understood(Call("a", specialty="Consultation de médecine générale"), sas=land.sas).specialty == "SM54"
    assert understood(Call("a", specialty="urn:oid:1|SM05"), sas=land.sas).specialty == "SM05"


# ---- the page


def test_the_address_is_left_at_once_and_says_nothing_of_anybody(land: make.Territory) -> None:
    client = login(Client(), land.osnp)
    answer = arrive(client, said(land))
    assert answer.status_code == 303
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    for value in ("Jars", DOCTOR, "SM54", "Poitiers", land.commune.insee):
        assert value not in answer.headers["Location"]
        assert value not in answer.content.decode()


def test_a_call_opens_the_orientation_with_everything_filled(land: make.Territory) -> None:
    cormier = directory.professional("Cormier", "Hélène", rpps=DOCTOR)
    client = login(Client(), land.osnp)
    page = client.get(arrive(client, said(land)).headers["Location"])
    form = page.context["form"]
    assert form.initial["address"] == "4 chemin des Jars"
    assert form.initial["commune"] == land.commune.insee
    assert form.initial["doctor"] == str(cormier.pk)
    made = _sent(client, page)
    found = OrientationRequest.objects.get()
    assert made.headers["Location"] == f"/orientation/{found.pk}/"
    assert (found.status, found.taken_by, found.address) == ("taken", land.osnp.user, "4 chemin des Jars")
    assert (found.patient.referring_doctor, found.commune, found.specialty) == (cormier, land.commune, "SM54")
    assert found.rankings.count() == 1  # already searched
    case = CaseFile.objects.get(number=found.case_number)
    assert (case.step, case.stream, case.patient) == (Step.OSNP, "SNP", found.patient)
    assert "LRM du SAMU 86" in case.events.get(kind="opened").text
    assert client.get(made.headers["Location"]).status_code == 200


def _sent(client: Client, page: Any, **changed: Any) -> HttpResponse:
    form = page.context["form"]
    values = {name: value for name, value in form.initial.items() if value is not None} | changed
    found: HttpResponse = client.post(page.request["PATH_INFO"], values)
    return found


def test_the_red_button_of_a_call_alerts_the_doctor(land: make.Territory) -> None:
    client = login(Client(), land.osnp)
    _sent(client, client.get(arrive(client, said(land)).headers["Location"]))
    operations.red_flag(request=OrientationRequest.objects.get(), by=land.osnp, at=AT)
    assert CaseFile.objects.get().priority == "P0"


def test_the_call_is_kept_through_the_login(land: make.Territory) -> None:
    user = land.osnp.user
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    page = arrive(client, said(land)).headers["Location"]
    asked = client.get(page)
    assert asked.status_code == 302
    where = asked.headers["Location"]
    for value in ("Jars", DOCTOR, land.commune.insee):
        assert value not in where
    entered = client.post(where, {"email": user.email, "password": PASSWORD, "next": page})
    assert entered.headers["Location"] == page
    assert "4 chemin des Jars" in client.get(page).content.decode()


def test_once_used_what_was_said_is_forgotten_and_the_page_leads_to_the_request(land: make.Territory) -> None:
    client = login(Client(), land.osnp)
    page = client.get(arrive(client, said(land)).headers["Location"])
    first = _sent(client, page)
    again = _sent(client, page)
    assert again.headers["Location"] == first.headers["Location"]
    assert client.get(page.request["PATH_INFO"]).headers["Location"] == first.headers["Location"]
    assert OrientationRequest.objects.count() == 1
    for session in Session.objects.all():
        assert "Jars" not in str(session.get_decoded())


def test_a_call_is_for_its_own_session_for_half_an_hour(land: make.Territory, monkeypatch: pytest.MonkeyPatch) -> None:
    client, other = login(Client(), land.osnp), login(Client(), make_actor(Role.OSNP, land.sas, at=AT))
    page = arrive(client, said(land)).headers["Location"]
    assert other.get(page).status_code == 410
    assert client.get(page).status_code == 200
    monkeypatch.setattr("quinze.base.clock.now", lambda: AT.replace(hour=AT.hour + 1))
    assert client.get(page).status_code == 410


def test_a_call_of_another_sas_asks_for_another_post(land: make.Territory) -> None:
    elsewhere = make.territory("17")
    client = login(Client(), elsewhere.osnp)
    answer = client.get(arrive(client, said(land)).headers["Location"])
    assert answer.status_code == 403
    assert "changez de poste" in answer.content.decode()


def test_an_unknown_software_is_refused_and_nothing_is_kept(land: make.Territory) -> None:
    client = login(Client(), land.osnp)
    before = Session.objects.count()
    assert arrive(client, said(land, origin="autre")).status_code == 403
    assert arrive(client, {"city": "Poitiers"}).status_code == 400
    end_partner(origin="lrm-86", at=AT)
    assert arrive(Client(), said(land)).status_code == 403
    assert Session.objects.count() == before


def test_without_a_known_commune_the_page_asks_for_it(land: make.Territory) -> None:
    client = login(Client(), land.osnp)
    page = client.get(arrive(client, {"origin": "lrm-86"}).headers["Location"])
    answer = _sent(client, page)
    assert answer.status_code == 422
    assert "Choisissez la commune" in answer.content.decode()
    assert OrientationRequest.objects.count() == 0


def test_no_log_line_holds_what_the_address_said(land: make.Territory, caplog: pytest.LogCaptureFixture) -> None:
    client = login(Client(), land.osnp)
    with caplog.at_level(logging.DEBUG):
        arrive(client, said(land, origin="autre"))
        arrive(client, said(land) | {"city": "b" * 200})
        client.get(arrive(client, said(land)).headers["Location"])
        client.get("/sas/recherches", said(land))
    lines = "\n".join(Redacting("%(message)s").format(record) for record in caplog.records if _is_ours(record))
    assert "/sas/recherche" in lines
    for value in ("Jars", DOCTOR, "bbbb"):
        assert value not in lines


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name != "django.db.backends"  # written in tests only, never in a log


@pytest.mark.django_db(transaction=True)
def test_two_sendings_of_the_same_form_make_one_request() -> None:
    land = make.territory()
    partner = register_partner(name="LRM", origin="lrm-86", sas=land.sas, at=AT)
    brought = Brought("LRM", "10", "SM54", ("AMB",), 48, commune=land.commune)

    def once(_: int) -> int:
        try:
            return open_call("clé", brought, partner=partner, by=land.osnp, at=AT).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as desks:
        made = set(desks.map(once, range(2)))
    assert made == {OrientationRequest.objects.get().pk} == {LrmOpening.objects.get().request_id}
    assert CaseFile.objects.count() == 1


# ---- the register


@pytest.mark.django_db
def test_software_is_registered_listed_and_ended_by_command() -> None:
    directory.sas("86")
    told = StringIO()
    known = ["--origin", "lrm-86", "--name", "LRM du SAMU 86", "--sas", "86"]
    call_command("lrm", "add", *known, "--hub", "fr.health.samu860", stdout=told)
    call_command("lrm", "list", stdout=told)
    assert "LRM du SAMU 86 (origin=lrm-86, fr.health.samu860) : SAS 86" in told.getvalue()
    for wrong, words in (
        (known, "déjà cette origine"),
        (["--origin", "sas-lrm", "--name", "x", "--sas", "86"], "ne commence pas"),
        (["--origin", "a b", "--name", "x", "--sas", "86"], "des lettres"),
        (["--origin", "b", "--name", "x", "--sas", "86", "--hub", "samu"], "fr.health."),
        (["--origin", "b", "--name", "x", "--sas", "zz"], "Aucun SAS"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("lrm", "add", *wrong)
    call_command("lrm", "end", "--origin", "lrm-86", stdout=told)
    with pytest.raises(CommandError, match="Aucun logiciel actif"):
        call_command("lrm", "end", "--origin", "lrm-86")
    assert LrmPartner.objects.get().ended_at == AT
