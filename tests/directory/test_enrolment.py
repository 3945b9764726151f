"""The first login by Pro Santé Connect: one click when the directory knows the person, a request otherwise."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from quinze.accounts.models import AccountEvent, NationalIdentity, RoleGrant, User
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory import operations, queries
from quinze.directory.models import Participation, Professional
from tests.accounts import psc_peers as psc
from tests.accounts.psc_peers import proved, read, text
from tests.accounts.test_races import at_once
from tests.factories import directory as make
from tests.factories.accounts import PASSWORD, grant, make_user

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


def test_who_takes_part_already_keeps_their_terms(rose, sas):
    """Their CPTS, or the directory, had said on what terms: opening an account does not change them."""
    terms = make.participation(rose, sas, accepts_overbooking=True, overbooking_per_day=3)
    client = proved(of(rose))
    page = text(client.get(PAGE))
    assert "Vous participez déjà au SAS 86" in page
    assert "Participer au" not in page
    client.post(PAGE, {"email": "cabinet@exemple.invalid", "participate": "1"})
    kept = Participation.objects.get()
    assert (kept.pk, kept.overbooking_per_day, kept.during.upper) == (terms.pk, 3, None)


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
