"""Terms of use: versions that nobody rewrites, accepted one by one, asked before the desks and never during a form."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts import kept_form
from quinze.accounts.models import Duty, TermsAcceptance, TermsVersion, User
from quinze.accounts.operations import accept_terms, publish_terms
from quinze.accounts.queries import terms_due, terms_versions, without_terms
from quinze.accounts.roles import Role
from quinze.accounts.terms import SHIPPED, sections, title_of
from quinze.base import clock
from quinze.base.errors import Conflict, Refusal
from tests.factories.accounts import PASSWORD, grant, login, make_actor, make_sas, make_user

pytestmark = pytest.mark.django_db
TEXT = "# Conditions\n\n## Objet\n\nUn paragraphe.\n\n- un\n- deux\n" + "x " * 200


def publish(more: str = "") -> TermsVersion:
    return publish_terms(TEXT + more, by=None, at=clock.now())


def newcomer(email: str = "nadia@exemple.fr", *roles: Role) -> User:
    user = make_user(email, password=PASSWORD)
    for role in roles or (Role.EFFECTEUR,):
        grant(user, role)
    return user


def log_in(email: str = "nadia@exemple.fr", path: str = "/connexion/") -> tuple[Client, str]:
    page = Client()
    answer = page.post(path, {"email": email, "password": PASSWORD})
    return page, str(answer.headers.get("Location", ""))


# ---- the text


def test_a_published_version_is_never_rewritten() -> None:
    version = publish()
    for write in (lambda: TermsVersion.objects.update(text="autre"), version.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


def test_the_same_text_makes_no_new_version_and_another_one_does() -> None:
    assert [publish().number, publish().number, publish("fin").number] == [1, 1, 2]


@pytest.mark.parametrize("text", ["", "trop court", "x" * 60_001, "x\x00" * 200])
def test_a_text_that_cannot_be_one_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        publish_terms(text, by=None, at=clock.now())


def test_the_shipped_text_is_french_and_has_its_sections() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    titles = [section.title for section in sections(text)]
    assert title_of(text) == "Conditions générales d’utilisation de Quinze"
    assert {"Objet", "Compte et accès", "Secret professionnel et données de santé", "Changements"} <= set(titles)


def test_the_command_publishes_what_is_shipped_and_says_what_it_cannot_read(tmp_path: Path) -> None:
    call_command("publish_terms")
    assert TermsVersion.objects.get().number == 1
    with pytest.raises(CommandError):
        call_command("publish_terms", file=tmp_path / "absent.md")


# ---- asked


def test_without_a_published_version_nobody_is_asked() -> None:
    newcomer()
    assert log_in()[1] == "/"


def test_they_are_asked_before_the_desk_and_once(client: Client) -> None:
    user, version = newcomer(), publish()
    page, where = log_in()
    assert where == "/conditions/"
    assert not Duty.objects.filter(user=user).exists()
    assert page.get("/poste/").headers["Location"] == "/conditions/"

    answer = page.post("/conditions/", {"version": version.number})
    assert answer.headers["Location"] == "/"
    assert TermsAcceptance.objects.get().user == user
    assert log_in()[1] == "/"


def test_a_new_version_is_asked_at_the_next_login_and_the_old_acceptance_stays() -> None:
    user, first = newcomer(), publish()
    accept_terms(user, number=first.number, at=clock.now())
    page, _ = log_in()
    publish("changement")
    assert page.get("/mon-compte/").status_code == 200
    assert log_in()[1] == "/conditions/"
    assert "Vous aviez accepté la version 1" in log_in()[0].get("/conditions/").content.decode()


def test_who_works_is_not_interrupted_by_a_version_published_meanwhile() -> None:
    actor = make_actor(Role.EFFECTEUR)
    page = login(Client(), actor)
    publish()
    assert page.get("/").status_code in (200, 302)
    assert "/conditions/" not in page.get("/").headers.get("Location", "")


def test_a_form_being_typed_comes_first(rf: object) -> None:
    """The session ended while somebody typed: they find what they typed, not the terms."""
    user = newcomer()
    publish()
    page = Client()
    page.force_login(user, backend="quinze.accounts.backends.EmailBackend")
    session = page.session
    typed = {"owner": user.pk, "path": "/offre/absence/", "fields": [["reason", "congés"]]}
    session[kept_form.KEPT] = typed | {"at": clock.now().isoformat()}
    session.save()
    assert page.get("/poste/").status_code == 200
    (held,) = user.grants.all()
    assert page.post("/poste/", {"grant": held.pk}).headers["Location"] == "/connexion/saisie-gardee/"


def test_accepting_another_version_than_the_one_in_force_shows_the_new_one() -> None:
    user = newcomer()
    publish()
    publish("suite")
    with pytest.raises(Conflict):
        accept_terms(user, number=1, at=clock.now())
    page, _ = log_in()
    answer = page.post("/conditions/", {"version": "1"})
    assert answer.status_code == 409
    assert "Version 2" in answer.content.decode()
    assert terms_due(user)


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30])
def test_garbage_accepts_nothing(number: str) -> None:
    newcomer()
    publish()
    page, _ = log_in()
    assert page.post("/conditions/", {"version": number}).status_code == 409
    assert not TermsAcceptance.objects.exists()


def test_the_page_asked_for_is_reached_after_the_acceptance() -> None:
    newcomer()
    version = publish()
    page, where = log_in(path="/connexion/?next=/mon-compte/")
    assert where == "/conditions/?next=%2Fmon-compte%2F"
    answer = page.post(where, {"version": version.number})
    assert answer.headers["Location"] == "/mon-compte/"


# ---- who has not accepted


def test_the_manager_sees_who_has_not_accepted_in_their_sas_only() -> None:
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    late, done = newcomer("tard@exemple.fr"), newcomer("fait@exemple.fr")
    elsewhere = make_user("loin@exemple.fr")
    grant(elsewhere, Role.EFFECTEUR, make_sas("79"))
    version = publish()
    for user in (done, elsewhere):
        accept_terms(user, number=version.number, at=clock.now())

    assert set(without_terms(manager.sas, at=clock.now())) == {late, manager.user}
    assert [each.accepted for each in terms_versions(manager.sas, at=clock.now())] == [1]
    html = login(Client(), manager).get("/comptes/conditions/").content.decode()
    assert "tard@exemple.fr" in html
    assert "fait@exemple.fr" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_reads_as_much_whatever_its_length(count: int) -> None:
    manager = make_actor(Role.ACCOUNTS_MANAGER)
    for rank in range(count):
        newcomer(f"tard{rank}@exemple.fr")
    publish()
    page = login(Client(), manager)
    page.get("/comptes/conditions/")
    with CaptureQueriesContext(connection) as asked:
        page.get("/comptes/conditions/")
    assert len(asked) == 7
