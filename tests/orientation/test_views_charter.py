"""The charter read by everyone and written by its keeper, through HTTP."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from quinze.accounts.roles import Role
from quinze.base import clock
from quinze.orientation import operations, queries
from quinze.orientation.models import CharterVersion
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db


@dataclass
class Keeper:
    land: make.Territory
    page: Client

    def start(self) -> dict[str, object]:
        """A draft, and what its page holds: one value a field, as a browser would send it back."""
        self.page.post(url("charter_start"))
        return typed(self.page.get(url("charter_edit")).content.decode())

    def send(self, data: dict[str, object], do: str = "save") -> tuple[int, str]:
        response = self.page.post(url("charter_edit"), data | {"do": do})
        return response.status_code, response.content.decode()

    @property
    def draft(self) -> CharterVersion:
        return CharterVersion.objects.get(sas=self.land.sas, status="draft")

    def names(self) -> list[str]:
        return [level["name"] for level in self.draft.document["levels"]]


@pytest.fixture
def keeper() -> Keeper:
    land = make.territory(at=clock.now())
    return Keeper(land, login(Client(), land.referent))


def url(name: str, *args: object) -> str:
    return reverse(f"orientation:{name}", args=args)


def typed(html: str) -> dict[str, object]:
    form = html[html.index('<form method="post" class="q-stack"') : html.index('<form id="discard"')]
    found: dict[str, object] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attrs = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attrs.get("type") == "checkbox":
            found.setdefault(attrs["name"], [])
            if " checked" in tag:
                found[attrs["name"]].append(attrs["value"])  # type: ignore[attr-defined]
        elif "name" in attrs and attrs["name"] != "csrfmiddlewaretoken":
            found[attrs["name"]] = attrs.get("value", "").replace("&#x27;", "'")
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    for name, text in re.findall(r'<textarea name="([^"]+)".*?>(.*?)</textarea>', form, re.DOTALL):
        found[name] = text.strip()
    return found


def shown_names(html: str) -> list[str]:
    sent = typed(html)
    return [str(sent[f"level-{index}-name"]) for index in range(int(str(sent["levels"])))]


def test_everyone_reads_the_charter_in_force_and_its_versions(keeper: Keeper) -> None:
    page = login(Client(), keeper.land.osnp)
    html = page.get(url("charter")).content.decode()
    assert "CPTS du patient" in html
    assert "le moins sollicité" in html
    assert "Préparer une nouvelle version" not in html
    assert page.get(url("charter_version", 1)).status_code == 200


def test_without_any_charter_the_page_says_who_makes_one() -> None:
    page = login(Client(), make_actor(Role.OSNP, make_sas("17")))
    assert "Aucune charte en vigueur" in page.get(url("charter")).content.decode()


def test_a_draft_is_saved_as_it_was_when_nothing_changed(keeper: Keeper) -> None:
    data = keeper.start()
    before = keeper.draft.document
    assert keeper.send(data)[0] == 302
    assert keeper.draft.document == before


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(keeper: Keeper) -> None:
    data = keeper.start()
    wrong = data | {"title": "Charte bis", "level-2-name": "", "level-3-offer": [], "level-4-after_minutes": "zéro"}
    status, html = keeper.send(wrong)
    assert status == 422
    assert "id_level-4-after_minutes_error" in html
    assert 'value="Charte bis"' in html

    status, html = keeper.send(wrong | {"level-4-after_minutes": "15"})
    assert status == 422
    assert "id_level-2-name_error" in html
    assert "id_level-3-offer_error" in html
    assert keeper.draft.title != "Charte bis"


@pytest.mark.parametrize(
    ("field", "value"),
    [("level-5-when", "lundi de 8 h à midi"), ("level-1-within_value", "dix"), ("level-0-min_age", "200")],
)
def test_what_cannot_be_read_is_said_beside_it(keeper: Keeper, field: str, value: str) -> None:
    status, html = keeper.send(keeper.start() | {field: value})
    assert status == 422
    assert f"id_{field}_error" in html
    assert value in html


def test_levels_move_come_and_go_without_being_saved(keeper: Keeper) -> None:
    data = keeper.start()
    first, second, *rest = keeper.names()

    for act, expected in (
        ("up-1", [second, first, *rest]),
        ("down-0", [second, first, *rest]),
        ("up-0", [first, second, *rest]),
        ("remove-0", [second, *rest]),
        ("add", [first, second, *rest, "Nouveau niveau"]),
    ):
        status, html = keeper.send(data, act)
        assert (status, shown_names(html)) == (200, expected), act
        assert "Pas encore enregistré" in html
    assert keeper.names() == [first, second, *rest]

    moved = typed(keeper.send(data, "up-1")[1])
    assert keeper.send(moved)[0] == 302
    assert keeper.names() == [second, first, *rest]


def test_a_draft_is_tried_on_past_requests_before_it_is_saved(keeper: Keeper) -> None:
    at, land = clock.now(), keeper.land
    near, far = make.doctor(land, "Cormier", km=2), make.doctor(land, "Tilleul", km=20)
    make.slot(near, 5, at=at)
    make.slot(far, 3, at=at)
    found = make.request(land, at=at)
    make.searched(found, land, at=at)

    data = keeper.start()
    status, html = keeper.send(data, "preview")
    assert status == 200
    assert "Essai sur 1 demande" in html
    assert "0 auraient eu un autre ordre" in html

    turned = data | {"level-3-order_1": "nearest", "level-3-order_2": ""}
    html = keeper.send(turned, "preview")[1]
    assert "Cormier" in html
    assert "1 auraient eu un autre ordre" in html
    assert keeper.draft.document["levels"][3]["order"] != ["nearest"]


def test_publishing_needs_the_agreement_and_replaces_the_version_in_force(keeper: Keeper) -> None:
    data = keeper.start() | {"title": "Charte bis"}
    status, html = keeper.send(data, "publish")
    assert status == 422
    assert "id_agreed_on_error" in html

    today = f"{clock.now():%Y-%m-%d}"
    assert keeper.send(data | {"agreed_on": today}, "publish")[0] == 302
    current = queries.charter_in_force(sas=keeper.land.sas, at=clock.now())
    assert current
    assert (current.number, current.title, current.published_by) == (2, "Charte bis", keeper.land.referent.user)
    assert CharterVersion.objects.get(sas=keeper.land.sas, number=1).status == "superseded"


def test_an_agreement_in_the_future_is_refused(keeper: Keeper) -> None:
    tomorrow = f"{clock.now() + timedelta(days=2):%Y-%m-%d}"
    status, html = keeper.send(keeper.start() | {"agreed_on": tomorrow}, "publish")
    assert status == 422
    assert "dans l’avenir" in html


def test_a_published_version_is_never_edited(keeper: Keeper) -> None:
    data = keeper.start()
    published = CharterVersion.objects.get(sas=keeper.land.sas, status="published")
    keeper.send(data | {"agreed_on": f"{clock.now():%Y-%m-%d}"}, "publish")
    assert keeper.page.get(url("charter_edit")).status_code == 404
    assert keeper.page.post(url("charter_edit"), data).status_code == 404
    assert keeper.page.post(url("charter_discard")).status_code == 404
    published.refresh_from_db()
    published.title = "Autre"
    with pytest.raises(DatabaseError), transaction.atomic():
        published.save()


def test_a_draft_is_left_aside(keeper: Keeper) -> None:
    keeper.start()
    keeper.page.post(url("charter_discard"))
    assert not CharterVersion.objects.filter(status="draft").exists()
    assert queries.charter_in_force(sas=keeper.land.sas, at=clock.now()) is not None


def test_another_role_and_another_sas_write_nothing(keeper: Keeper) -> None:
    data = keeper.start()
    before = keeper.draft.document
    osnp = login(Client(), keeper.land.osnp)
    for name in ("charter_start", "charter_edit", "charter_discard"):
        assert osnp.post(url(name), data).status_code == 403
    elsewhere = login(Client(), make_actor(Role.REFERENT, make_sas("17")))
    assert elsewhere.get(url("charter_edit")).status_code == 404
    assert elsewhere.post(url("charter_discard")).status_code == 404
    assert keeper.draft.document == before


def test_two_keepers_starting_work_on_the_same_draft(keeper: Keeper) -> None:
    keeper.start()
    other = make_actor(Role.REFERENT, keeper.land.sas)
    login(Client(), other).post(url("charter_start"))
    assert operations.start_draft(sas=keeper.land.sas, by=other, at=clock.now()) == keeper.draft
