import csv
import hashlib
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.directory import consent
from quinze.directory.models import CampaignExport, ConsentEvent, Contact, FormPace
from quinze.directory.operations import recruiting
from quinze.directory.operations.pace import admit, forget_paces
from quinze.directory.operations.recruiting import Said
from quinze.directory.queries.recruiting import audience, registry
from quinze.orientation.models import Message
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor
from tests.regulation.test_claims import at_once

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
TYPED = {
    "family_name": "Cornouiller", "given_name": "Ana", "profession": "10", "email": "ana@exemple.test",
    "phone": "06 39 98 41 27", "postal_code": "86000", "rpps": "", "agreed": "on",
}  # fmt: skip
PAGE = "/devenir-effecteur/86/"


@pytest.fixture
def sas() -> Sas:
    return make.sas("86")


@pytest.fixture
def keeper(sas: Sas) -> Actor:
    return make_actor(Role.REFERENT, sas)


def said(email: str = "ana@exemple.test", **fields: str) -> Said:
    return Said(**{"family_name": "Cornouiller", "given_name": "Ana", "profession": "10", "email": email} | fields)


def agreed(sas: Sas, email: str = "ana@exemple.test", *, at: datetime = AT, **fields: str) -> Contact:
    recruiting.ask_contact(said(email, **fields), sas=sas, at=at)
    contact = Contact.objects.get(fingerprint=consent.fingerprint(email), ended_at=None)
    return recruiting.confirm(contact, at=at)


def link_in(message: Message) -> str:
    return re.search(r"/devenir-effecteur/lien/\S+/", message.body)[0]  # type: ignore[index]


def test_a_volunteer_leaves_their_contact_confirms_it_by_the_link_and_takes_it_back_in_one_tap(sas):
    page = Client()
    assert "J’accepte que le SAS 86" in page.get(PAGE).content.decode()
    assert "Un message part" in page.post(PAGE, TYPED).content.decode()
    assert not registry(sas, at=clock.now())
    link = link_in(Message.objects.get(recipient="ana@exemple.test"))
    assert "Je confirme mon accord" in page.get(link).content.decode()
    assert not registry(sas, at=clock.now()), "reading agrees to nothing"
    page.post(link, {"act": "confirmer"})
    assert [one.phone for one in registry(sas, at=clock.now())] == ["+33639984127"]
    assert "Vous n’êtes plus au registre" in page.post(link, {"act": "retirer"}).content.decode()
    assert not registry(sas, at=clock.now())
    assert "Vous n’êtes plus au registre" in page.get(link).content.decode()
    assert page.post(link, {"act": "confirmer"}).status_code == 410


def test_the_proof_says_when_by_what_means_and_the_very_words(sas):
    contact = agreed(sas)
    (asked, confirmed) = contact.events.order_by("pk")
    assert (asked.kind, confirmed.kind, confirmed.at) == ("asked", "confirmed", AT)
    assert (confirmed.means, confirmed.version) == ("lien reçu par e-mail", "2026-11")
    assert confirmed.words.startswith("J’accepte que le SAS 86 SAS 86 garde")
    assert contact.expires_at == AT + timedelta(days=730)


def test_words_once_shown_are_never_edited():
    """A change is one more version at the end."""
    digests = [(text.version, hashlib.sha256(text.words.encode()).hexdigest()[:16]) for text in consent.TEXTS]
    assert digests[:1] == [("2026-11", "0bb31d90c8fd7a97")]


def test_taken_back_nothing_is_left_but_that_it_was_given(sas):
    contact = agreed(sas, phone="+33639984127", postal_code="86000", rpps=make.rpps())
    recruiting.withdraw_contact(contact, at=AT + timedelta(days=1))
    contact.refresh_from_db()
    names = ("family_name", "given_name", "email", "phone", "postal_code", "rpps", "note")
    assert {getattr(contact, name) for name in names} == {""}
    assert contact.fingerprint == consent.fingerprint("ANA@exemple.test ")
    assert [event.kind for event in contact.events.order_by("pk")] == ["asked", "confirmed", "withdrawn"]
    assert not Message.objects.filter(purpose="contact").exists()
    agreed(sas, at=AT + timedelta(days=2))
    assert registry(sas, at=AT + timedelta(days=2)).count() == 1, "and they may come back"


def test_time_ends_what_was_not_confirmed_after_a_week_and_what_was_after_two_years(sas):
    kept = agreed(sas)
    recruiting.ask_contact(said("autre@exemple.test"), sas=sas, at=AT)
    assert recruiting.end_contacts(at=AT + timedelta(days=6)) == 0
    assert recruiting.end_contacts(at=AT + timedelta(days=8)) == 1
    assert [one.pk for one in registry(sas, at=AT + timedelta(days=8))] == [kept.pk]
    recruiting.confirm(kept, at=AT + timedelta(days=700))
    assert recruiting.end_contacts(at=AT + timedelta(days=800)) == 0, "renewed"
    assert recruiting.end_contacts(at=AT + timedelta(days=1431)) == 1
    assert not Contact.objects.exclude(email="").exists()
    assert [event.kind for event in kept.events.order_by("pk")] == ["asked", "confirmed", "renewed", "expired"]


def test_nobody_learns_from_the_page_who_is_in_the_registry_and_no_address_is_flooded(sas):
    agreed(sas, at=clock.now())
    Message.objects.all().delete()
    pages = [Client().post(PAGE, TYPED | {"email": email}) for email in ("ana@exemple.test", "inconnue@exemple.test")]
    known, new = (page.content.decode().partition("<main")[2].partition("</main")[0] for page in pages)
    assert known == new.replace("inconnue@", "ana@")
    assert [one.family_name for one in registry(sas, at=clock.now())] == ["Cornouiller"]
    for _ in range(5):
        recruiting.ask_contact(said(), sas=sas, at=clock.now())
    assert Message.objects.filter(recipient="ana@exemple.test").count() <= 3


def test_a_machine_that_posts_again_and_again_is_told_to_wait(sas):
    page = Client()
    answers = [page.post(PAGE, TYPED | {"email": f"m{number}@exemple.test"}).status_code for number in range(8)]
    assert answers == [200] * 6 + [429] * 2
    assert Contact.objects.count() == 6


def test_a_bucket_fills_again_with_time_and_is_forgotten(db):
    assert [admit("a", per_hour=2, at=AT) for _ in range(3)] == [0, 0, 1800]
    assert admit("b", per_hour=2, at=AT) == 0
    assert admit("a", per_hour=2, at=AT + timedelta(minutes=31)) == 0
    assert not FormPace.objects.filter(key__contains="a ").exists()
    assert forget_paces(at=AT + timedelta(hours=3)) == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"agreed": ""}, "Sans votre accord"),
        ({"email": "ana@"}, "incomplète"),
        ({"email": "é" * 5000}, "incomplète"),
        ({"profession": "99"}, "dans la liste"),
        ({"phone": "12"}, "12"),
        ({"rpps": "10101010101"}, "RPPS"),
        ({"postal_code": "86 OOO"}, "cinq chiffres"),
        ({"family_name": "x" * 5000}, "80 signes au plus"),
        ({"given_name": "A\x00na"}, "nul"),
        ({"family_name": ""}, "nécessaire"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_typed_wrongly_is_said_and_writes_nothing(sas, wrong, words):
    answer = Client().post(PAGE, TYPED | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "address", ["/devenir-effecteur/zz/", "/devenir-effecteur/%00/", "/devenir-effecteur/lien/1.x/"]
)
def test_an_address_that_leads_nowhere_is_answered(sas, address):
    assert Client().get(address).status_code in {404, 410}


def test_a_signed_paper_needs_its_place_and_its_owner_is_written_to(sas, keeper):
    with pytest.raises(Refusal, match="bulletin signé"):
        recruiting.record_paper(said(), note=" ", by=keeper, at=AT)
    contact = recruiting.record_paper(said(), note="réunion du 12/11, classeur 3", by=keeper, at=AT)
    assert list(registry(sas, at=AT)) == [contact]
    assert "relire" in Message.objects.get(recipient="ana@exemple.test").body
    with pytest.raises(Refusal, match="déjà au registre"):
        recruiting.record_paper(said(), note="encore", by=keeper, at=AT)
    confirmed = contact.events.get(kind="confirmed")
    assert (confirmed.by, confirmed.means) == (keeper.user, "bulletin signé, gardé par le SAS")


def campaign(keeper: Actor, **fields):
    said = {"title": "Effecteurs", "text": "Venez.", "profession": "10", "cpts": None}
    return recruiting.write_campaign(**said | fields, by=keeper, at=AT)


def test_an_audience_is_those_who_agreed_there_of_that_profession_who_do_not_take_part_yet(sas, keeper):
    poitiers = make.commune("Poitiers", postal_codes=["86000"])
    cpts = make.structure("CPTS", "CPTS Sud", sas=sas)
    cpts.zone_communes.create(commune=poitiers)
    here = agreed(sas, "ici@exemple.test", postal_code="86000")
    there = agreed(sas, "ailleurs@exemple.test", postal_code="86400")
    agreed(sas, "infirmiere@exemple.test", profession="60", postal_code="86000")
    recruiting.ask_contact(said("attend@exemple.test", postal_code="86000"), sas=sas, at=AT)
    already = agreed(sas, "inscrit@exemple.test", rpps=make.rpps(4242))
    make.participation(make.professional(rpps=make.rpps(4242)), sas)
    agreed(make.sas("79"), "voisin@exemple.test")
    assert set(audience(campaign(keeper), at=AT)) == {here, there}
    assert set(audience(campaign(keeper, cpts=cpts), at=AT)) == {here}
    assert already in registry(sas, at=AT)
    assert not audience(campaign(keeper), at=AT + timedelta(days=731)).exists()


def test_a_list_that_leaves_says_who_took_it_what_for_and_of_whom_and_each_person_reads_it(sas, keeper):
    contact = agreed(sas, at=clock.now())
    agreed(sas, "=cmd@exemple.test", at=clock.now(), family_name="=CMD")
    made = campaign(keeper)
    client = login(Client(), keeper)
    assert client.post(f"/campagnes/{made.pk}/exporter/", {"purpose": "", "kind": "csv"}).status_code == 422
    assert not CampaignExport.objects.exists()
    answer = client.post(f"/campagnes/{made.pk}/exporter/", {"purpose": "envoi du message", "kind": "csv"})
    heads, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert [row[0] for row in rows] == ["'=CMD", "Cornouiller"]
    assert rows[1][heads.index("Se retirer")] == consent.link_of(contact.pk)
    trace = CampaignExport.objects.get()
    assert (trace.by, trace.role, trace.purpose, trace.count) == (keeper.user, "referent", "envoi du message", 2)
    assert contact.pk in trace.contacts
    own = Client().get(consent.link_of(contact.pk).partition(":8000")[2]).content.decode()
    assert "envoi du message" in own


def test_the_letter_for_the_others_holds_no_address_and_says_where_to_come(sas, keeper):
    agreed(sas)
    made = campaign(keeper, text="Rejoignez-nous & aidez-nous.")
    text = login(Client(), keeper).get(f"/campagnes/{made.pk}/lettre.txt?a=cdom").content.decode()
    assert "conseil départemental de l’Ordre" in text
    assert "Rejoignez-nous & aidez-nous." in text
    assert "/devenir-effecteur/86/" in text
    assert "ana@exemple.test" not in text


def test_nobody_reads_or_changes_the_registry_of_another_sas(sas, keeper):
    contact, made = agreed(sas), campaign(keeper)
    neighbour = make_actor(Role.REFERENT, make.sas("79"))
    client = login(Client(), neighbour)
    assert "ana@exemple.test" not in client.get("/contacts/").content.decode()
    for address in (f"/campagnes/{made.pk}/", f"/campagnes/{made.pk}/lettre.txt", f"/contacts/{contact.pk}/retirer/"):
        assert client.get(address).status_code == 404
    with pytest.raises(NotFound):
        recruiting.withdraw_contact(contact, at=AT, by=neighbour, means="téléphone")
    with pytest.raises(NotFound):
        recruiting.export_campaign(made, purpose="x", kind="csv", by=neighbour, at=AT)
    with pytest.raises(Refusal, match="Votre rôle"):
        recruiting.write_campaign(
            title="x", text="x", profession="10", cpts=None, by=make_actor(Role.EFFECTEUR, sas), at=AT
        )


def test_a_person_who_calls_is_withdrawn_by_the_one_who_keeps_the_registry(sas, keeper):
    contact = agreed(sas, at=clock.now())
    client = login(Client(), keeper)
    assert client.post(f"/contacts/{contact.pk}/retirer/", {"means": ""}).status_code == 422
    assert client.post(f"/contacts/{contact.pk}/retirer/", {"means": "téléphone, ce jour"}).status_code == 302
    event = contact.events.get(kind="withdrawn")
    assert (event.by, event.means) == (keeper.user, "téléphone, ce jour")


@pytest.mark.parametrize("count", [1, 3])
def test_the_registry_reads_as_often_for_one_as_for_three(sas, keeper, count, django_assert_num_queries):
    for number in range(count):
        agreed(sas, f"n{number}@exemple.test", at=clock.now())
        campaign(keeper)
    client = login(Client(), keeper)
    with django_assert_num_queries(6):
        html = client.get("/contacts/").content.decode()
    assert f"{count} contact" in html


def test_history_is_never_rewritten(sas, keeper):
    contact, made = agreed(sas), campaign(keeper)
    trace, _ = recruiting.export_campaign(made, purpose="envoi", kind="csv", by=keeper, at=AT)
    for row in (contact.events.get(kind="confirmed"), made, trace):
        with pytest.raises(ProgrammingError, match="pgtrigger: Cannot update"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(at=AT)


@pytest.mark.django_db(transaction=True)
def test_the_same_address_posted_twice_in_the_same_second_is_one_contact():
    sas = make.sas("86")
    at_once(*[lambda: recruiting.ask_contact(said(), sas=sas, at=AT)] * 2)
    assert Contact.objects.count() == 1
    assert ConsentEvent.objects.filter(kind="asked").count() == 1


def test_the_job_calls_the_operation(sas):
    recruiting.ask_contact(said(), sas=sas, at=clock.now() - timedelta(days=8))
    from quinze.directory.tasks import end_contacts

    end_contacts(timestamp=0)
    assert Contact.objects.get().ended_at is not None
