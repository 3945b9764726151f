"""Requests of those whom the directory does not know, once Pro Santé Connect proved who they are."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client

from quinze.accounts.models import NationalIdentity, RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory import operations
from quinze.directory.models import EnrolmentRequest, Participation, Professional
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import proved, read, text
from tests.accounts.test_races import at_once
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor

pytestmark = pytest.mark.django_db
PAGE = "/premiere-connexion/"
REQUESTS = "/comptes/demandes/"


@pytest.fixture
def poitiers():
    return make.commune("Poitiers")


@pytest.fixture
def sas(poitiers):
    return make.sas(communes=(poitiers,))


@pytest.fixture
def newcomer():
    return psc.person(f"8{make.rpps(800_001)}", family="Lathus", given="Élise")


@pytest.fixture
def asked(newcomer, sas, poitiers):
    person = read(newcomer)
    return operations.request_enrolment(
        person, sas=sas, email="elise@exemple.invalid", message="Remplaçante", commune=poitiers, at=clock.now()
    )


def test_an_unknown_rpps_is_told_what_to_do_and_asks(newcomer, sas):
    client = proved(newcomer)
    page = client.get(PAGE)
    assert "L’annuaire ne connaît pas encore votre identifiant." in text(page)
    assert f'<option value="{sas.pk}" selected' in page.content.decode()
    answer = client.post(PAGE, {"sas": sas.pk, "email": "elise@exemple.invalid", "message": "Remplaçante"})
    assert "Demande envoyée" in text(answer)
    request = EnrolmentRequest.objects.get()
    assert (request.sas, request.subject, request.family_name) == (sas, newcomer.subject, "Lathus")
    assert SESSION_KEY not in client.session
    assert not User.objects.exists()
    assert client.get(PAGE).status_code == 403


def test_a_doctor_whose_places_no_sas_covers_asks_too(poitiers):
    other, doctor = make.sas("37"), make.professional()
    make.place(doctor, poitiers)
    client = proved(psc.person(f"8{doctor.rpps}"))
    assert "Aucun SAS d’ici ne couvre vos lieux d’exercice." in text(client.get(PAGE))
    client.post(PAGE, {"sas": other.pk, "email": "rose@exemple.invalid", "message": ""})
    assert EnrolmentRequest.objects.get().sas == other


def test_an_identifier_that_is_no_rpps_asks_and_is_not_a_fault(sas):
    """Students and test cards bear other identifiers."""
    client = proved(psc.person("ANS20231122132732"))
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"sas": sas.pk, "email": "a@exemple.invalid"}).status_code == 200


def test_asking_twice_is_one_request_with_the_latest_words(newcomer, asked, sas):
    person = read(newcomer)
    later = asked.asked_at + timedelta(days=1)
    operations.request_enrolment(
        person, sas=sas, email="autre@exemple.invalid", message="Installée", commune=None, at=later
    )
    request = EnrolmentRequest.objects.get()
    assert (request.email, request.message, request.asked_at) == ("autre@exemple.invalid", "Installée", asked.asked_at)


def test_garbage_is_told_beside_its_field(newcomer, sas):
    answer = proved(newcomer).post(PAGE, {"sas": "x", "email": "pas une adresse", "message": "m" * 501})
    assert answer.status_code == 422
    assert "Choisissez un SAS." in text(answer)
    assert "Cette adresse e-mail est incomplète." in text(answer)
    assert not EnrolmentRequest.objects.exists()


def test_the_manager_opens_the_account_and_pro_sante_connect_then_enters(newcomer, asked, sas):
    manager = make_actor(Role.ACCOUNTS_MANAGER, sas)
    client = login(Client(), manager)
    page = text(client.get(REQUESTS))
    assert "Élise Lathus" in page
    assert newcomer.subject in page
    client.post(f"{REQUESTS}{asked.pk}/", {"accept": "1"})
    user = User.objects.get(email="elise@exemple.invalid")
    assert RoleGrant.objects.get(user=user).granted_by == manager.user
    assert NationalIdentity.objects.get(user=user).subject == newcomer.subject
    sheet = Professional.objects.get(account=user)
    assert (sheet.rpps, sheet.profession, sheet.specialty) == (newcomer.subject[1:], "10", "SM54")
    assert not Participation.objects.exists()
    assert "vous a ouvert un compte" in mail.outbox[0].body
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("accepted", manager.user)


def test_after_accepting_the_place_is_validated_without_typing_again(newcomer, asked, sas, poitiers):
    client = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, sas))
    client.post(f"{REQUESTS}{asked.pk}/", {"accept": "1"})
    link = re.findall(r'href="(/annuaire/remplacants/nouveau/\?[^"]+)"', client.get(REQUESTS).content.decode())[0]
    form = client.get(html.unescape(link)).context["form"]
    typed = {name: form[name].initial for name in ("civility", "family_name", "given_name", "rpps", "account")}
    assert typed == {
        "civility": "Dr",
        "family_name": "Lathus",
        "given_name": "Élise",
        "rpps": newcomer.subject[1:],
        "account": "elise@exemple.invalid",
    }
    place = {"profession": "10", "specialty": "SM54", "town": "Poitiers", "insee": poitiers.insee, "takes_part": "on"}
    answer = client.post("/annuaire/remplacants/nouveau/", typed | place | {"address": "3 rue des Essences"})
    assert answer.status_code == 302
    doctor = Professional.objects.get(rpps=newcomer.subject[1:])
    assert [each.address for each in doctor.places.all()] == ["3 rue des Essences"]
    assert Participation.objects.get(professional=doctor).sas == sas
    assert User.objects.filter(email="elise@exemple.invalid").count() == 1
    assert len(mail.outbox) == 1, "who enters by card is not invited to choose a password"


def test_the_manager_refuses_with_a_reason_that_the_person_reads(asked, sas):
    client = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, sas))
    client.post(f"{REQUESTS}{asked.pk}/", {"reason": ""})
    asked.refresh_from_db()
    assert asked.answer == ""
    client.post(f"{REQUESTS}{asked.pk}/", {"reason": "Hors du territoire"})
    asked.refresh_from_db()
    assert (asked.answer, asked.reason) == ("refused", "Hors du territoire")
    assert "Hors du territoire" in mail.outbox[-1].body
    assert not User.objects.filter(email=asked.email).exists()


def test_a_manager_of_another_sas_sees_nothing_of_it(asked):
    other = make_actor(Role.ACCOUNTS_MANAGER, make.sas("37"))
    client = login(Client(), other)
    assert "Lathus" not in text(client.get(REQUESTS))
    assert client.post(f"{REQUESTS}{asked.pk}/", {"accept": "1"}).status_code == 404
    with pytest.raises(NotFound):
        operations.accept_enrolment(asked, by=other, at=clock.now())


def test_only_who_manages_accounts_answers(asked, sas):
    by = make_actor(Role.OSNP, sas)
    with pytest.raises(Refusal, match="ne gère pas les comptes"):
        operations.accept_enrolment(asked, by=by, at=clock.now())


def test_somebody_without_a_profession_needs_a_sheet_first(sas):
    nobody = psc.person(f"8{make.rpps(800_040)}", profession="", know_how="")
    asked = operations.request_enrolment(
        read(nobody), sas=sas, email="a@exemple.invalid", message="", commune=None, at=clock.now()
    )
    by = make_actor(Role.ACCOUNTS_MANAGER, sas)
    with pytest.raises(Refusal, match="aucune profession"):
        operations.accept_enrolment(asked, by=by, at=clock.now())
    make.professional(rpps=nobody.subject[1:])
    operations.accept_enrolment(asked, by=by, at=clock.now())
    assert NationalIdentity.objects.get().subject == nobody.subject


def test_one_answer_is_given_once(asked, sas):
    by = make_actor(Role.ACCOUNTS_MANAGER, sas)
    operations.refuse_enrolment(asked, by=by, at=clock.now(), reason="Non")
    with pytest.raises(Refusal, match="déjà reçu sa réponse"):
        operations.accept_enrolment(asked, by=by, at=clock.now())


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_of_requests_reads_as_much_for_one_as_for_three(many, sas, django_assert_num_queries):
    for rank in range(many):
        person = read(psc.person(f"8{make.rpps(800_010 + rank)}"))
        operations.request_enrolment(
            person, sas=sas, email="a@exemple.invalid", message="", commune=None, at=clock.now()
        )
    client = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, sas))
    client.get(REQUESTS)
    with django_assert_num_queries(4):
        client.get(REQUESTS)


# ---- two at once


@pytest.mark.django_db(transaction=True)
def test_two_managers_answer_at_once_and_one_is_told():
    sas = make.sas()
    person, at = read(psc.person(f"8{make.rpps(800_020)}")), clock.now()
    asked = operations.request_enrolment(
        person, sas=sas, email="a@exemple.invalid", message="", commune=None, at=at - timedelta(hours=1)
    )
    managers = [make_actor(Role.ACCOUNTS_MANAGER, sas), make_actor(Role.ACCOUNTS_MANAGER, sas)]
    acts = [lambda by=by: operations.accept_enrolment(asked, by=by, at=at) for by in managers]
    assert sorted(at_once(*acts), key=str) == [None, "answered"]
    assert NationalIdentity.objects.count() == 1
