"""A delegate acts for a doctor who said yes, within what was said, until it is taken back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Event
from time import sleep

import pytest
from django.core import mail
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.actor import Actor
from quinze.accounts.models import User
from quinze.accounts.roles import Role
from quinze.availability.models import Absence, OpeningRule
from quinze.availability.operations import add_absence, add_rule
from quinze.availability.operations.feeds import FeedSpec, add_feed
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.periods import period
from quinze.directory.acting import mandate_of
from quinze.directory.models import Delegation, DelegationEvent
from quinze.directory.operations.delegation import (
    Scope,
    accept_delegation,
    ask_delegation,
    change_delegation,
    end_delegation,
    invite_delegate,
    refuse_delegation,
)
from quinze.directory.queries.delegation import delegations, mandates, waiting_for
from tests.factories import availability as offer
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import Effecteur

pytestmark = pytest.mark.django_db
AGENDA, RULES, OUTCOMES = ["agenda"], ["rules"], ["agenda", "outcomes"]
ALL = ["agenda", "rules", "outcomes"]
DAYS = timedelta(days=1)


@dataclass
class Office:
    """A doctor and the secretary of the same SAS, at their posts; no delegation yet."""

    doctor: Effecteur
    secretary: Actor
    page: Client

    def delegate(self, powers: list[str] = ALL, **fields: object) -> Delegation:
        return make.delegation(self.doctor.professional, self.secretary, powers=powers, **fields)

    def acting(self, delegation: Delegation) -> Actor:
        return Actor(self.secretary.user, Role.DELEGATAIRE, self.secretary.sas, mandate_of(delegation))


@pytest.fixture
def office() -> Office:
    doctor = at_work("Cormier")
    secretary = make_actor(Role.DELEGATAIRE, doctor.sas)
    return Office(doctor, secretary, login(Client(), secretary))


def at_work(name: str) -> Effecteur:
    doctor = offer.effecteur(name)
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    return doctor


def absent(office: Office) -> int:
    """The answer to one tap on « je m’absente »."""
    return office.page.post("/offre/absence/maintenant/").status_code


# ---- asked, accepted, refused


def test_a_secretary_asks_and_nothing_opens_before_the_doctor_says_yes(office: Office) -> None:
    at = clock.now()
    asked = ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)

    assert mandates(office.secretary.user, office.secretary.sas, at=at) == []
    assert office.page.get("/effecteur/").status_code == 403
    assert waiting_for(office.doctor.actor, at=at) == 1
    assert waiting_for(office.secretary, at=at) == 0

    accept_delegation(asked, by=office.doctor.actor, at=at)
    assert office.page.get("/effecteur/").status_code == 200
    assert waiting_for(office.doctor.actor, at=at) == 0


def test_a_doctor_may_give_less_than_was_asked(office: Office) -> None:
    at = clock.now()
    asked = ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)
    accept_delegation(asked, by=office.doctor.actor, at=at, scope=Scope(AGENDA, ends=at + 30 * DAYS))

    (given,) = mandates(office.secretary.user, office.secretary.sas, at=at)
    assert (given.powers, given.during.upper) == (AGENDA, at + 30 * DAYS)


def test_a_refused_request_opens_nothing_and_can_be_made_again(office: Office) -> None:
    at = clock.now()
    asked = ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)
    refuse_delegation(asked, by=office.doctor.actor, at=at + timedelta(minutes=1))
    assert office.page.get("/effecteur/").status_code == 403
    ask_delegation(office.doctor.professional, Scope(AGENDA), by=office.secretary, at=at + timedelta(minutes=2))


def test_nobody_accepts_their_own_request(office: Office) -> None:
    at = clock.now()
    asked = ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)
    with pytest.raises(Refusal) as refused:
        accept_delegation(asked, by=office.secretary, at=at)
    assert refused.value.code == "not_yours"


def test_a_second_request_to_the_same_doctor_is_refused_by_the_database(office: Office) -> None:
    at = clock.now()
    ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)
    with pytest.raises(Refusal) as refused:
        ask_delegation(office.doctor.professional, Scope(AGENDA), by=office.secretary, at=at)
    assert refused.value.code == "one_delegation_at_a_time"


def test_outcomes_cannot_be_delegated_without_reading_the_agenda(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        ask_delegation(office.doctor.professional, Scope(["outcomes"]), by=office.secretary, at=clock.now())
    assert refused.value.field == "powers"


def test_a_doctor_without_account_cannot_be_asked(office: Office) -> None:
    with pytest.raises(Refusal) as refused:
        ask_delegation(make.professional("Seul"), Scope(ALL), by=office.secretary, at=clock.now())
    assert refused.value.code == "no_account"


def test_somebody_else_cannot_answer_nor_end_it(office: Office) -> None:
    asked, other = office.delegate(accepted_at=None), at_work("Autre").actor
    for act in (accept_delegation, refuse_delegation, end_delegation):
        with pytest.raises(NotFound):
            act(asked, by=other, at=clock.now())


def test_only_the_doctor_changes_what_is_delegated(office: Office) -> None:
    held = office.delegate(AGENDA)
    with pytest.raises(Refusal) as refused:
        change_delegation(held, Scope(ALL), by=office.secretary, at=clock.now())
    assert refused.value.code == "not_yours"


def test_a_doctor_invites_a_secretary_who_has_no_account(office: Office) -> None:
    page = login(Client(), office.doctor.actor)
    typed = {"email": "neuve@exemple.invalid", "given_name": "Lou", "family_name": "Neuve", "powers": ["agenda"]}
    assert page.post("/delegations/nouvelle/", typed).status_code == 302

    made = User.objects.get(email="neuve@exemple.invalid")
    assert [grant.role for grant in made.grants.all()] == [Role.DELEGATAIRE]
    assert [message.to for message in mail.outbox] == [["neuve@exemple.invalid"]]
    assert Delegation.objects.get(delegate=made).accepted_at is None


def test_an_invitation_does_not_touch_the_account_that_exists(office: Office) -> None:
    known = office.secretary.user
    known.set_password("quatre chevaux bleus")
    known.save()
    _, account = invite_delegate(
        Scope(ALL),
        email=known.email.upper(),
        given_name="Autre",
        family_name="Nom",
        by=office.doctor.actor,
        at=clock.now(),
    )
    known.refresh_from_db()
    assert (account.user, account.invitation, known.given_name) == (known, None, "Rose")


def test_a_secretary_cannot_invite_another(office: Office) -> None:
    with pytest.raises(Refusal):
        invite_delegate(
            Scope(ALL), email="x@y.fr", given_name="A", family_name="B", by=office.secretary, at=clock.now()
        )


# ---- scope


def test_who_never_had_a_consent_opens_nothing(office: Office) -> None:
    for address in (
        "/effecteur/",
        "/effecteur/semaine/",
        "/effecteur/bilan/",
        "/offre/regles/nouvelle/",
        "/offre/absence/",
    ):
        answer = office.page.get(address)
        assert (address, answer.status_code) == (address, 403)
        assert "demandez-la" in answer.content.decode()
    assert absent(office) == 403
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("powers", "opened"),
    [
        (AGENDA, {"/effecteur/", "/effecteur/semaine/", "/effecteur/bilan/"}),
        (RULES, {"/effecteur/semaine/", "/offre/regles/nouvelle/", "/offre/absence/"}),
        (OUTCOMES, {"/effecteur/", "/effecteur/semaine/", "/effecteur/bilan/"}),
        (
            ALL,
            {"/effecteur/", "/effecteur/semaine/", "/effecteur/bilan/", "/offre/regles/nouvelle/", "/offre/absence/"},
        ),
    ],
)
def test_each_power_opens_its_pages_and_no_other(office: Office, powers: list[str], opened: set[str]) -> None:
    office.delegate(powers)
    pages = ("/effecteur/", "/effecteur/semaine/", "/effecteur/bilan/", "/offre/regles/nouvelle/", "/offre/absence/")
    assert {page for page in pages if office.page.get(page).status_code == 200} == opened


def test_terms_of_participation_are_never_delegated(office: Office) -> None:
    office.delegate(ALL)
    assert office.page.get("/offre/reglages/").status_code == 403


def test_a_delegate_declares_an_absence_and_it_is_signed_for_the_doctor(office: Office) -> None:
    held = office.delegate(RULES)
    assert absent(office) == 302
    absence = Absence.objects.get()
    act = DelegationEvent.objects.get(delegation=held, kind="act")
    assert (absence.professional, absence.created_by) == (office.doctor.professional, office.secretary.user)
    assert act.text.startswith(f"{office.secretary.user} pour le Dr Hélène Cormier : a déclaré une absence")


def test_an_operation_refuses_a_power_that_was_not_given(office: Office) -> None:
    by = office.acting(office.delegate(AGENDA))
    with pytest.raises(NotFound):
        add_rule(offer.spec(office.doctor.place), by=by, at=clock.now())
    with pytest.raises(NotFound):
        add_absence(office.doctor.professional, start=clock.now(), by=by, at=clock.now())


def test_a_delegate_of_one_place_does_not_reach_the_other(office: Office) -> None:
    second = make.place(office.doctor.professional, office.doctor.place.commune, name="Annexe")
    by, at = office.acting(office.delegate(RULES, places=[second])), clock.now()
    later = {"valid_from": (at + DAYS).date()}

    add_rule(offer.spec(second, **later), by=by, at=at)
    with pytest.raises(NotFound):
        add_rule(offer.spec(office.doctor.place, weekdays=(3,), **later), by=by, at=at)
    with pytest.raises(Refusal) as refused:
        add_absence(office.doctor.professional, start=at, end=at + DAYS, by=by, at=at)
    assert refused.value.field == "place"
    add_absence(office.doctor.professional, start=at, end=at + DAYS, place=second, by=by, at=at)
    assert set(OpeningRule.objects.values_list("place", flat=True)) == {second.pk}


def test_a_delegate_links_a_calendar_and_it_is_signed(office: Office) -> None:
    held = office.delegate(RULES)
    spec = FeedSpec("Google", "ics", "agenda.exemple", "scellé", "empreinte")
    add_feed(office.doctor.professional, spec, by=office.acting(held), at=clock.now())
    assert "a relié l’agenda « Google »" in DelegationEvent.objects.get(delegation=held, kind="act").text


# ---- over


def test_an_expired_delegation_opens_nothing(office: Office) -> None:
    office.delegate(ALL, during=period(make.SINCE, clock.now() - timedelta(minutes=1)))
    assert office.page.get("/effecteur/").status_code == 403
    assert absent(office) == 403


def test_a_doctor_takes_it_back_in_one_tap(office: Office) -> None:
    held = office.delegate(ALL)
    assert office.page.get("/effecteur/").status_code == 200

    login(Client(), office.doctor.actor).post(f"/delegations/{held.pk}/terminer/")
    assert office.page.get("/effecteur/").status_code == 403
    assert absent(office) == 403


def test_a_mandate_read_before_it_was_taken_back_writes_nothing(office: Office) -> None:
    """The page was open; the doctor took the delegation back; then the secretary saved."""
    held = office.delegate(ALL)
    by, at = office.acting(held), clock.now()
    end_delegation(held, by=office.doctor.actor, at=at)
    with pytest.raises(Refusal) as refused:
        add_absence(office.doctor.professional, start=at, by=by, at=at + timedelta(seconds=1))
    assert refused.value.code == "no_mandate"
    assert not Absence.objects.exists()


def test_ending_twice_says_so(office: Office) -> None:
    held, at = office.delegate(ALL), clock.now()
    end_delegation(held, by=office.secretary, at=at)
    with pytest.raises(Conflict):
        end_delegation(held, by=office.doctor.actor, at=at + timedelta(seconds=1))


def test_what_was_done_stays_written(office: Office) -> None:
    held = office.delegate(ALL)
    absent(office)
    with pytest.raises(DatabaseError), transaction.atomic():
        DelegationEvent.objects.filter(delegation=held).update(text="rien")


# ---- pages


def test_two_doctors_one_secretary_and_the_right_agenda(office: Office) -> None:
    other = at_work("Sarazin")
    office.delegate(ALL)
    second = make.delegation(other.professional, office.secretary)

    assert "pour <strong>Dr Hélène Cormier" in office.page.get("/effecteur/").content.decode()
    office.page.post(f"/delegations/{second.pk}/agir/")
    html = office.page.get("/effecteur/").content.decode()
    assert "pour <strong>Dr Hélène Sarazin" in html
    absent(office)
    assert Absence.objects.get().professional == other.professional


def test_nobody_switches_to_a_delegation_of_somebody_else(office: Office) -> None:
    other = make_actor(Role.DELEGATAIRE, office.doctor.sas)
    theirs = make.delegation(office.doctor.professional, other)
    assert office.page.post(f"/delegations/{theirs.pk}/agir/").status_code == 404
    assert office.page.get(f"/delegations/{theirs.pk}/").status_code == 404


def test_the_doctor_reads_what_was_done_in_their_name(office: Office) -> None:
    office.delegate(ALL)
    absent(office)
    html = login(Client(), office.doctor.actor).get("/delegations/").content.decode()
    assert f"{office.secretary.user} pour le Dr Hélène Cormier" in html


def test_the_request_is_typed_and_a_doctor_not_picked_is_said_beside_the_name(office: Office) -> None:
    answer = office.page.post("/delegations/nouvelle/", {"name": "Corm", "powers": ["agenda"], "end": "pas une date"})
    assert answer.status_code == 422
    chosen = {"name": "Corm", "professional": office.doctor.professional.pk, "powers": ["agenda"], "end": "2999-01-01"}
    assert office.page.post("/delegations/nouvelle/", chosen).status_code == 302
    assert "Cormier" in office.page.get("/delegations/medecins/?q=corm").content.decode()
    assert "Personne de ce nom" in office.page.get("/delegations/medecins/?q=zz").content.decode()


@pytest.mark.parametrize("end", ["0001-01-01", "9999-12-31", "\x00", "2026-13-45"])
def test_a_date_of_another_age_is_answered_in_words(office: Office, end: str) -> None:
    typed = {"name": "Corm", "professional": office.doctor.professional.pk, "powers": ["agenda"], "end": end}
    assert office.page.post("/delegations/nouvelle/", typed).status_code in (302, 422)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_reads_as_much_whatever_its_length(office: Office, count: int) -> None:
    for rank in range(count):
        make.delegation(at_work(f"Nom{rank}").professional, office.secretary)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(delegations(office.secretary, at=clock.now())) == count
    assert len(asked) == 2


# ---- two connections


@pytest.mark.django_db(transaction=True)
def test_an_act_that_meets_a_revocation_waits_and_is_refused(office: Office) -> None:
    """The doctor takes it back while the secretary saves: what comes second reads the truth, and writes nothing."""
    held = office.delegate(ALL)
    by, at, taken_back = office.acting(held), clock.now(), Event()

    def take_back() -> None:
        try:
            with transaction.atomic():
                end_delegation(held, by=office.doctor.actor, at=at)
                taken_back.set()
                sleep(0.3)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(take_back)
        assert taken_back.wait(timeout=10)
        with pytest.raises(Refusal) as refused:
            add_absence(office.doctor.professional, start=at, by=by, at=at + timedelta(seconds=1))
        done.result()
    assert refused.value.code == "no_mandate"
    assert not Absence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_screens_that_ask_at_once_leave_one_request(office: Office) -> None:
    at, barrier = clock.now(), Barrier(2)

    def ask(_: int) -> str | None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=10)
            ask_delegation(office.doctor.professional, Scope(ALL), by=office.secretary, at=at)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, range(2)), key=str) == [None, "one_delegation_at_a_time"]
    assert Delegation.objects.count() == 1
