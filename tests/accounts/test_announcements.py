"""Announcements: on every page without a query, at their hour, for their roles; closed by each, stopped for all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts import announcements
from quinze.accounts.actor import Actor
from quinze.accounts.announcements import Banner, Level
from quinze.accounts.models import Announcement, Sas
from quinze.accounts.operations import announce, stop_announcement
from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.base.errors import Conflict, NotFound, Refusal
from quinze.base.models import LiveEvent
from tests.accounts.test_races import at_once
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
PATH = "/annonces/"
CUT = "Téléphonie coupée ce soir."


def say(
    by: Actor, text: str = "Téléphonie coupée ce soir.", *, at: datetime | None = None, **more: Any
) -> Announcement:
    at = at or clock.now()
    return announce(text, by=by, at=at, **{"level": Level.INFO, "begins": at, "ends": at + HOUR} | more)


def seen(actor: Actor, path: str = "/mon-compte/") -> str:
    return login(Client(), actor).get(path).content.decode()


@pytest.fixture
def admin() -> Actor:
    return make_actor(Role.ADMINISTRATOR)


@pytest.fixture
def arm(admin: Actor) -> Actor:
    return make_actor(Role.ARM)


# ---- who sees what, when


def test_an_announcement_is_on_the_pages_of_its_sas_and_of_no_other(admin: Actor, arm: Actor) -> None:
    neighbour = make_actor(Role.ARM, make_sas("17"))
    say(admin)
    assert "Téléphonie coupée ce soir." in seen(arm)
    assert "Téléphonie coupée" not in seen(neighbour)


def test_no_page_asks_the_database_for_announcements(admin: Actor, arm: Actor) -> None:
    client = login(Client(), arm)
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/mon-compte/")
        counts.append(len(asked))
        say(admin, f"Annonce {len(counts)}")
    assert len(set(counts)) == 1


def test_it_is_for_its_roles_and_between_its_hours() -> None:
    now = clock.now()
    one = Banner(1, "a", Level.INFO, now, now + HOUR, frozenset({Role.OSNP}))
    packed = announcements.pack([one])
    assert announcements.unpack(packed) == [one]

    def count(role: Role, at: datetime) -> int:
        return len(announcements.shown(packed, role=role, at=at))

    instants = (now - timedelta(seconds=1), now, now + HOUR - timedelta(seconds=1), now + HOUR)
    assert [count(Role.OSNP, at) for at in instants] == [0, 1, 1, 0]
    assert count(Role.ARM, now) == 0


def test_the_gravest_comes_first_and_the_page_knows_when_to_look_again() -> None:
    now = clock.now()
    info = Banner(1, "a", Level.INFO, now - HOUR, None, frozenset())
    incident = Banner(2, "b", Level.INCIDENT, now - 2 * HOUR, now + HOUR, frozenset())
    coming = Banner(3, "c", Level.INFO, now + HOUR / 2, None, frozenset())
    packed = announcements.pack([info, incident, coming])
    assert [each.pk for each in announcements.shown(packed, role=Role.ARM, at=now)] == [2, 1]
    assert announcements.next_change(packed, role=Role.ARM, at=now) == now + HOUR / 2
    assert announcements.next_change(packed, role=Role.ARM, at=now + HOUR) is None
    assert announcements.pack([]) == ""
    assert announcements.shown("", role=Role.ARM, at=now) == []


def test_one_that_begins_later_waits_and_the_open_page_has_its_hour(admin: Actor, arm: Actor) -> None:
    begins = clock.now() + HOUR
    say(admin, begins=begins, ends=None)
    html = seen(arm)
    assert "Téléphonie coupée" not in html
    assert 'data-live-topic="announcements"' in html


def test_open_pages_are_told_at_once(admin: Actor) -> None:
    say(admin)
    event = LiveEvent.objects.get()
    assert (event.sas_id, event.topics) == (admin.sas.pk, ["announcements"])


# ---- closed, stopped


def test_one_closes_it_for_oneself_and_never_an_incident(admin: Actor, arm: Actor) -> None:
    info, incident = say(admin, "Charte changée"), say(admin, "Serveur en panne", level=Level.INCIDENT)
    client = login(Client(), arm)
    for each in (info, incident):
        client.post(f"/annonces/{each.pk}/fermer/", headers={"HX-Request": "true"})
    html = client.get("/mon-compte/").content.decode()
    assert "Charte changée" not in html
    assert "Serveur en panne" in html
    assert "Charte changée" in seen(admin)


def test_stopped_it_is_gone_from_every_page_and_stays_in_the_list(admin: Actor, arm: Actor) -> None:
    one = say(admin)
    login(Client(), admin).post(f"/annonces/{one.pk}/arreter/")
    assert "Téléphonie coupée" not in seen(arm)
    assert f"arrêtée par {admin.user}" in seen(admin, PATH)
    with pytest.raises(Conflict):
        stop_announcement(one.pk, by=admin, at=clock.now())


def test_that_of_another_sas_does_not_exist(admin: Actor) -> None:
    other = say(make_actor(Role.ADMINISTRATOR, make_sas("17")))
    with pytest.raises(NotFound):
        stop_announcement(other.pk, by=admin, at=clock.now())
    assert login(Client(), admin).post(f"/annonces/{other.pk}/arreter/").status_code == 404


def test_nobody_rewrites_what_was_announced(admin: Actor) -> None:
    one = say(admin)
    for write in (lambda: Announcement.objects.update(text="autre"), one.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


# ---- what is refused


@pytest.mark.parametrize(
    ("text", "more", "field"),
    [
        ("", {}, "text"),
        (" \n ", {}, "text"),
        ("x" * 301, {}, "text"),
        ("a\x00b", {}, "text"),
        ("a", {"ends": clock.now() - HOUR}, "ends"),
        ("a", {"begins": clock.now() + 3 * HOUR, "ends": clock.now() + 2 * HOUR}, "ends"),
    ],
)
def test_what_cannot_be_announced_is_refused_beside_its_field(
    admin: Actor, text: str, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        say(admin, text, **more)
    assert refused.value.field == field
    assert Sas.objects.get().announced == ""


def test_five_at_once_and_no_more(admin: Actor) -> None:
    for number in range(5):
        say(admin, f"Annonce {number}")
    with pytest.raises(Refusal, match="arrêtez-en une"):
        say(admin, "Une de trop")
    say(admin, "Plus tard", at=clock.now() + 2 * HOUR)  # those of now are over then


def test_an_arm_announces_nothing(arm: Actor) -> None:
    with pytest.raises(Refusal):
        say(arm)


def test_the_form_announces_and_says_what_is_wrong(admin: Actor) -> None:
    client = login(Client(), admin)
    assert client.post(PATH, {"text": "", "level": "rien", "begins": "demain"}).status_code == 422
    sent = {"text": "Charte <b>changée</b>", "level": "attention", "roles": ["osnp", "arm"], "before_login": "on"}
    assert client.post(PATH, sent).status_code == 302
    assert "Charte &lt;b&gt;" in seen(make_actor(Role.ARM))
    made = Announcement.objects.get()
    assert (made.level, made.roles, made.during.upper) == ("attention", ["arm", "osnp"], None)
    assert "Charte &lt;b&gt;changée" in Client().get("/connexion/").content.decode()


def test_before_login_only_what_was_meant_for_it_with_the_name_of_its_sas(admin: Actor) -> None:
    say(admin, "Interne")
    say(admin, "Connexion par carte en panne", level=Level.INCIDENT, before_login=True)
    say(admin, "Pas encore", begins=clock.now() + HOUR, ends=None, before_login=True)
    html = Client().get("/connexion/").content.decode()
    assert f"<strong>{admin.sas}.</strong> Connexion par carte en panne" in html
    assert "Interne" not in html
    assert "Pas encore" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(admin: Actor, count: int) -> None:
    for number in range(count):
        say(admin, f"Annonce {number}")
    client = login(Client(), admin)
    with CaptureQueriesContext(connection) as asked:
        client.get(PATH)
    assert len(asked) == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_announce_together_are_both_on_the_pages() -> None:
    by = make_actor(Role.ADMINISTRATOR)
    assert at_once(lambda: say(by, "Une"), lambda: say(by, "Deux")) == [None, None]
    assert {each.text for each in announcements.unpack(Sas.objects.get(pk=by.sas.pk).announced)} == {"Une", "Deux"}
