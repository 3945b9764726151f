"""What doctors and delegates are written of what waits for them: by the outbox, with a link, no patient."""

from datetime import timedelta

import pytest

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.operations import delegation as delegating
from quinze.directory.operations.delegation import Scope
from quinze.interop.messaging import channels
from quinze.orientation.letters import GSM_7, SMS_LENGTH
from quinze.orientation.models import Message
from quinze.orientation.notices import Asked, ask_by_sms
from quinze.orientation.operations.messages import deliver, due_messages
from tests.factories import availability as offer
from tests.factories import directory as make_directory
from tests.factories.accounts import make_actor, make_user
from tests.factories.orientation import AT

from .test_asking import Cabinet, cabinet

pytestmark = pytest.mark.django_db
SCOPE = Scope(["agenda", "outcomes"])


def written(purpose: str) -> list[Message]:
    return list(Message.objects.filter(purpose=purpose).order_by("pk"))


# ---- one patient more


def test_a_doctor_asked_for_one_patient_more_is_written_at_once_with_the_link_and_nothing_of_the_patient() -> None:
    here = cabinet(AT)
    here.place.phones = ["+33549000000", "+33639984100"]
    here.place.save()
    here.ask(here.request())
    email, sms = written("overbooking_ask")
    assert (email.channel, email.recipient) == ("email", here.doctor.user.email)
    assert (sms.channel, sms.recipient) == ("sms", "+33639984100")
    for message in (email, sms):
        assert message.booking is None
        assert "/effecteur/" in message.body
        assert "10 h 15" in message.body
        assert not any(word in message.body + message.subject for word in ("PINSON", "Pinson", "Noé", "fièvre", "+336"))
    assert "Poitiers" in email.body


def test_a_doctor_without_an_account_is_written_at_the_place_and_nobody_at_all_without_an_address() -> None:
    here = cabinet(AT, quota=2)
    here.professional.account = None
    here.professional.save()
    here.place.email = "cabinet@exemple.invalid"
    here.place.save()
    here.ask(here.request())
    assert [message.recipient for message in written("overbooking_ask")] == ["cabinet@exemple.invalid"]
    here.place.email = ""
    here.place.save()
    here.ask(here.request())
    assert len(written("overbooking_ask")) == 1


@pytest.mark.parametrize("sas", ["SAS 86", "SAS 97-4 La Réunion et Mayotte"])
def test_the_text_message_holds_in_one(sas: str) -> None:
    asked = Asked("mar. 17 nov. à 14 h 20", "10 h 15", "Poitiers", sas, "https://sas86.example.org/effecteur/")
    said = ask_by_sms(asked)
    assert len(said) <= SMS_LENGTH
    assert set(said) <= GSM_7


def test_what_is_written_leaves_by_the_channels_of_the_product(settings: pytest.FixtureRequest) -> None:
    settings.QUINZE_DEMO = True  # type: ignore[attr-defined]
    here: Cabinet = cabinet(AT)
    here.ask(here.request())
    (message,) = written("overbooking_ask")
    assert due_messages(at=AT) == [message.pk]
    sent = deliver(message_id=message.pk, send=channels.send, at=AT)
    assert sent is not None
    assert sent.status == "sent"


def test_a_refused_ask_writes_nothing() -> None:
    here = cabinet(AT)
    with pytest.raises(Refusal, match="avant l’échéance"):
        here.ask(here.request(), hours=13)
    assert written("overbooking_ask") == []


# ---- delegations


def test_each_step_of_a_delegation_is_written_to_the_other_one() -> None:
    doctor, at = offer.effecteur("Cormier"), clock.now()
    secretary = make_actor(Role.DELEGATAIRE, doctor.sas)
    asked = delegating.ask_delegation(doctor.professional, SCOPE, by=secretary, at=at)
    delegating.accept_delegation(asked, by=doctor.actor, at=at)
    delegating.change_delegation(asked, Scope(["agenda"]), by=doctor.actor, at=at)
    delegating.end_delegation(asked, by=secretary, at=at + timedelta(minutes=1))
    sent = [(message.recipient, message.subject) for message in written("delegation")]
    to_doctor, to_secretary = doctor.actor.user.email, secretary.user.email
    assert sent == [
        (to_doctor, f"{secretary.user} demande à agir pour vous"),
        (to_secretary, f"{doctor.actor.user} a accepté la délégation"),
        (to_secretary, f"{doctor.actor.user} a changé votre délégation"),
        (to_doctor, f"{secretary.user} a mis fin à la délégation"),
    ]
    assert all("/delegations/" in message.body for message in written("delegation"))


def test_a_refusal_is_written_and_what_is_done_under_a_delegation_is_not() -> None:
    doctor, at = offer.effecteur("Cormier"), clock.now()
    secretary = make_actor(Role.DELEGATAIRE, doctor.sas)
    asked = delegating.ask_delegation(doctor.professional, SCOPE, by=secretary, at=at)
    delegating.refuse_delegation(asked, by=doctor.actor, at=at)
    assert [m.subject.partition(" a ")[2] for m in written("delegation")][1:] == ["refusé la délégation"]
    held = make_directory.delegation(doctor.professional, secretary, powers=["agenda"])
    before = len(written("delegation"))
    delegating._tell(held, delegating.Kind.ACT, "a vu l’agenda", by=secretary, at=at)
    assert len(written("delegation")) == before


def test_an_invited_person_who_has_an_account_is_written_and_a_new_one_has_the_invitation_alone() -> None:
    doctor, at = offer.effecteur("Cormier"), clock.now()
    known = make_user("connue@exemple.invalid", password="quatre chevaux bleus")
    for email in (known.email, "neuve@exemple.invalid"):
        delegating.invite_delegate(SCOPE, email=email, given_name="Iris", family_name="Orme", by=doctor.actor, at=at)
    (message,) = written("delegation")
    assert (message.recipient, message.subject) == (
        known.email, f"{doctor.actor.user} vous propose d’agir pour son compte"
    )  # fmt: skip
