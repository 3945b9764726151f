"""The first login by Pro Santé Connect: one click when the directory knows the person, a request otherwise."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client

from quinze.accounts.models import AccountEvent, NationalIdentity, RoleGrant, User
from quinze.accounts.psc import identity
from quinze.accounts.psc.arrival import PENDING
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory import operations, queries
from quinze.directory.models import EnrolmentRequest, Participation, Professional
from tests.accounts import psc_peers as psc
from tests.accounts.test_races import at_once
from tests.factories import directory as make
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_user

pytestmark = pytest.mark.django_db
PAGE = "/premiere-connexion/"
REQUESTS = "/comptes/demandes/"


def proved(person):
    """A browser that has just come back from Pro Santé Connect as this person."""
    client = psc.browser()
    session = client.session
    session[PENDING] = {
        "said": identity.read({"SubjectNameID": person.subject, **person.claims}, level="eidas1").said,
        "level": "eidas1",
        "id_token": "jeton",
        "logout": "",
        "asked": "",
        "at": clock.now().isoformat(),
    }
    session.save()
    return client


def read(person):
    return identity.read({"SubjectNameID": person.subject, **person.claims}, level="eidas1")


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def poitiers():
    return make.commune("Poitiers")


@pytest.fixture
def sas(poitiers):
    return make.sas(communes=(poitiers,))


@pytest.fixture
def rose(poitiers):
    """Known, with a place and its address, without an account."""
    doctor = make.professional()
    make.place(doctor, poitiers, email="cabinet@exemple.invalid")
    return doctor


def of(doctor):
    return psc.person(f"8{doctor.rpps}", family=doctor.family_name, given=doctor.given_name)


# ---- known


def test_the_page_says_what_the_directory_knows(rose, sas):
    page = proved(of(rose)).get(PAGE)
    said = text(page)
    assert page.status_code == 200
    for word in ("Ce que l’Annuaire Santé sait de vous", "Poitiers", "1 rue des Essences", "Participer au SAS 86"):
        assert word in said
    assert 'value="cabinet@exemple.invalid"' in page.content.decode()


def test_one_click_opens_the_account_and_the_participation(rose, sas):
    client = proved(of(rose))
    answer = client.post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    user = User.objects.get(email="cabinet@exemple.invalid")
    assert client.session[SESSION_KEY] == str(user.pk)
    assert Professional.objects.get(pk=rose.pk).account == user
    assert not user.has_usable_password()
    assert (user.title, user.given_name, user.family_name) == ("Dr", "Rose", "Aubépine")
    given = RoleGrant.objects.get(user=user)
    assert (given.role, given.sas, given.granted_by) == (Role.EFFECTEUR, sas, user)
    assert NationalIdentity.objects.get(user=user).subject == f"8{rose.rpps}"
    assert Participation.objects.get(professional=rose).sas == sas
    kinds = [event.kind for event in AccountEvent.objects.filter(user=user, by=user).order_by("pk")]
    assert kinds == ["enrolled", "granted", "linked"]


def test_the_effecteur_lands_on_their_day(rose, sas):
    client = proved(of(rose))
    client.post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "1"})
    assert client.get("/").headers["Location"] == "/effecteur/"


def test_opening_an_account_is_not_taking_part(rose, sas):
    """Complaint 2: nothing is shown nor accepted unless the doctor said so."""
    proved(of(rose)).post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "0"})
    assert RoleGrant.objects.count() == 1
    assert not Participation.objects.exists()


def test_participation_begins_with_nothing_shown(rose, sas):
    proved(of(rose)).post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "1"})
    terms = Participation.objects.get()
    opened = [terms.accepts_overbooking, terms.accepts_visits, terms.shows_public_slots, terms.shows_pro_slots]
    assert opened == [False] * 4


def test_two_sas_are_two_grants_and_the_participation_is_chosen(rose, sas):
    tours = make.commune("Tours", departement="37")
    other = make.sas("37", communes=(tours,))
    make.place(rose, tours)
    client = proved(of(rose))
    assert "plusieurs SAS" in text(client.get(PAGE))
    client.post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "1", "sas": [str(other.pk)]})
    assert {g.sas for g in RoleGrant.objects.all()} == {sas, other}
    assert [p.sas for p in Participation.objects.all()] == [other]


def test_a_sas_that_covers_none_of_the_places_cannot_be_chosen(rose, sas):
    other = make.sas("37", communes=(make.commune("Tours", departement="37"),))
    data = {"email": "cabinet@exemple.invalid", "participate": "1", "sas": [str(other.pk)]}
    proved(of(rose)).post(PAGE, data)
    assert [g.sas for g in RoleGrant.objects.all()] == [sas]
    assert [p.sas for p in Participation.objects.all()] == [sas]


def test_without_an_address_the_page_says_so_and_keeps_the_proof(rose, sas):
    client = proved(of(rose))
    answer = client.post(PAGE, {"email": "", "participate": "1"})
    assert answer.status_code == 422
    assert "Donnez votre adresse e-mail." in text(answer)
    assert client.post(PAGE, {"email": "moi@exemple.invalid", "participate": "1"}).status_code == 302


def test_an_address_that_serves_already_is_refused_and_nothing_is_tied(rose, sas):
    user = make_user("cabinet@exemple.invalid")
    client = proved(of(rose))
    answer = client.post(PAGE, {"email": "Cabinet@exemple.invalid", "participate": "1"})
    assert answer.status_code == 422
    assert "Un compte existe déjà avec cette adresse" in text(answer)
    assert not NationalIdentity.objects.exists()
    assert list(User.objects.all()) == [user]
    assert Professional.objects.get(pk=rose.pk).account is None


def test_nobody_opens_the_page_without_a_proof(rose, sas):
    for answer in (Client().get(PAGE), Client().post(PAGE, {"email": "moi@exemple.invalid", "participate": "1"})):
        assert answer.status_code == 403
    assert not User.objects.exists()


def test_giving_up_forgets_the_proof(rose, sas):
    client = proved(of(rose))
    assert client.post("/connexion/psc/renoncer/").headers["Location"] == "/connexion/"
    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("places", [1, 3])
def test_the_page_asks_as_little_whatever_the_number_of_places(places, poitiers, sas, django_assert_num_queries):
    doctor = make.professional()
    for _ in range(places):
        make.place(doctor, poitiers)
    with django_assert_num_queries(3):
        known = queries.known_places(queries.professional_by_national_id(f"8{doctor.rpps}"))
        assert queries.sas_of(known) == [sas]


# ---- an account is there already


def test_a_prepared_account_that_never_served_opens_in_one_click(rose, sas):
    rose.account = make_user("prepare@exemple.invalid")
    rose.save()
    grant(rose.account, Role.EFFECTEUR, sas)
    client = proved(of(rose))
    assert "n’a jamais servi" in text(client.get(PAGE))
    assert client.post(PAGE).headers["Location"] == "/"
    assert NationalIdentity.objects.get().how == "first_use"
    assert client.session[SESSION_KEY] == str(rose.account.pk)


@pytest.mark.parametrize("case", ["has a password", "has logged in", "another name"])
def test_an_account_that_served_or_bears_another_name_asks_its_password(rose, sas, case):
    rose.account = make_user("prepare@exemple.invalid", password=PASSWORD if case == "has a password" else None)
    if case == "has logged in":
        rose.account.last_login = clock.now()
        rose.account.save()
    rose.save()
    who = psc.person(f"8{rose.rpps}", family="Lathus") if case == "another name" else of(rose)
    client = proved(who)
    assert "Donner mon mot de passe" in text(client.get(PAGE))
    client.post(PAGE)
    assert not NationalIdentity.objects.exists()
    with pytest.raises(Refusal, match="mot de passe"):
        operations.use_prepared_account(read(who), at=clock.now())


def test_a_suspended_account_is_not_gone_round(rose, sas):
    rose.account = make_user(is_active=False)
    rose.save()
    answer = proved(of(rose)).get(PAGE)
    assert answer.status_code == 403
    assert "suspendu" in text(answer)


def test_a_new_number_of_the_same_person_keeps_their_account(rose, sas):
    """Nurses and physiotherapists went from ADELI to RPPS: the directory holds both, the account follows."""
    Professional.objects.filter(pk=rose.pk).update(adeli="861234567")
    before = psc.person("0861234567")
    proved(before).post(PAGE, {"email": "rose@exemple.invalid", "participate": "1"})
    user = User.objects.get()
    client = proved(of(rose))
    assert "nouvel identifiant" in text(client.get(PAGE))
    assert client.post(PAGE).headers["Location"] == "/"
    assert client.session[SESSION_KEY] == str(user.pk)
    tied = NationalIdentity.objects.get()
    assert tied.subject == f"8{rose.rpps}"
    assert list(tied.events.order_by("pgh_id").values_list("subject", flat=True)) == ["0861234567", f"8{rose.rpps}"]


def test_another_persons_number_is_not_followed(rose, sas, poitiers):
    """The account of the sheet is tied to somebody else's card: only the password, hence the manager, sorts it out."""
    rose.account = make_user(password=PASSWORD)
    rose.save()
    at = clock.now()
    NationalIdentity.objects.create(
        user=rose.account, subject=f"8{make.rpps(800_030)}", how="password", linked_at=at, said_at=at
    )
    client = proved(of(rose))
    assert "Donner mon mot de passe" in text(client.get(PAGE))
    with pytest.raises(Refusal, match="mot de passe"):
        operations.follow(read(of(rose)), at=at)


# ---- unknown


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


def test_a_doctor_whose_places_no_sas_covers_asks_too(rose):
    other = make.sas("37")
    client = proved(of(rose))
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
def test_a_double_click_opens_one_account():
    town = make.commune("Poitiers")
    make.sas(communes=(town,))
    doctor = make.professional()
    make.place(doctor, town)
    person, at = read(of(doctor)), clock.now()
    acts = [
        lambda n=n: operations.enrol(person, email=f"essai{n}@exemple.invalid", taking_part=[], at=at) for n in range(3)
    ]
    assert sorted(at_once(*acts), key=str) == [None, "exists", "exists"]
    assert User.objects.count() == RoleGrant.objects.count() == NationalIdentity.objects.count() == 1


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
