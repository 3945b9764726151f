"""A replacement doctor or a newcomer, unknown of the directory at this place, works once the place is validated."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quinze.accounts.actor import Actor
from quinze.accounts.models import RoleGrant, User
from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.availability.operations import add_rule
from quinze.base import clock
from quinze.base.errors import Refusal
from quinze.directory.models import Commune, DirectoryChange, Participation, Place, Professional
from quinze.directory.operations import Address, Identity
from quinze.directory.operations.newcomer import Stay, Welcome, close_ended_places, welcome_newcomer
from tests.factories import availability as offer
from tests.factories import directory as make
from tests.factories.accounts import login, make_actor, make_sas

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@dataclass
class Desk:
    manager: Actor
    commune: Commune
    replaced: Professional
    at: datetime

    @property
    def identity(self) -> Identity:
        return Identity(
            family_name="Neuve", given_name="Lou", profession="10", specialty="SM54", civility="Dr", rpps=make.rpps(7)
        )

    def stay(self, **fields: object) -> Stay:
        defaults = Stay(
            Address(self.commune, "3 rue du Marché"), self.at, self.at + 5 * DAY, self.replaced, licence="LR 2026-12"
        )
        return replace(defaults, **fields)

    def welcome(self, email: str = "lou@exemple.fr", **fields: object) -> Welcome:
        return welcome_newcomer(self.identity, self.stay(**fields), email=email, by=self.manager, at=self.at)


@pytest.fixture
def desk() -> Desk:
    commune = make.commune("Poitiers")
    make.sas(communes=(commune,))
    return Desk(make_actor(Role.ACCOUNTS_MANAGER), commune, make.professional("Titulaire"), clock.now())


def effecteur(welcome: Welcome, desk: Desk) -> Actor:
    return Actor(user=welcome.user, role=Role.EFFECTEUR, sas=desk.manager.sas)


def test_a_replacement_has_a_sheet_an_account_a_place_and_takes_part(desk: Desk) -> None:
    welcome = desk.welcome()
    sheet = Professional.objects.get(family_name="Neuve")
    assert (sheet.account, welcome.place.professional) == (welcome.user, sheet)
    assert (welcome.place.valid_until, welcome.place.replaces) == (desk.at + 5 * DAY, desk.replaced)
    assert Participation.objects.filter(professional=sheet).count() == 1
    (held,) = RoleGrant.objects.filter(user=welcome.user)
    assert (held.role, held.during.upper) == (Role.EFFECTEUR, desk.at + 5 * DAY)


def test_it_is_signed_dated_and_names_the_licence(desk: Desk) -> None:
    desk.welcome()
    line = DirectoryChange.objects.get(action="Lieu validé")
    assert line.by == desk.manager.user
    assert (line.details["licence"], line.details["replaces"]) == ("LR 2026-12", str(desk.replaced))


def test_the_newcomer_opens_slots_like_any_effecteur_within_the_dates(desk: Desk) -> None:
    welcome = desk.welcome(start=desk.at + DAY)
    every_day = offer.spec(welcome.place, weekdays=tuple(range(7)), valid_from=desk.at.date())
    add_rule(every_day, by=effecteur(welcome, desk), at=desk.at)

    starts = [slot.starts_at for slot in Slot.objects.filter(professional=welcome.place.professional)]
    assert starts
    assert all(desk.at + DAY <= start < desk.at + 5 * DAY for start in starts)


def test_after_the_end_the_place_is_closed_and_the_role_is_over(desk: Desk) -> None:
    welcome = desk.welcome()
    assert close_ended_places(at=desk.at + 4 * DAY) == 0
    assert close_ended_places(at=desk.at + 5 * DAY) == 1
    assert close_ended_places(at=desk.at + 6 * DAY) == 0
    assert not Place.objects.get(pk=welcome.place.pk).is_active
    assert not RoleGrant.objects.filter(user=welcome.user, during__contains=desk.at + 6 * DAY).exists()


def test_a_newcomer_who_settles_needs_no_end(desk: Desk) -> None:
    welcome = desk.welcome(end=None, replaces=None, licence="")
    assert (welcome.place.valid_until, welcome.place.replaces) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"end": None}, "end"),
        ({"licence": " "}, "licence"),
        ({"end": datetime.fromisoformat("2020-01-01T00:00Z")}, "end"),
    ],
)
def test_what_is_missing_for_a_replacement_is_said(desk: Desk, fields: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        desk.welcome(**fields)
    assert refused.value.field == field
    assert not Professional.objects.filter(family_name="Neuve").exists()


def test_a_known_sheet_is_used_and_a_number_of_somebody_else_is_refused(desk: Desk) -> None:
    known = make.professional("Neuve", "Lou", rpps=desk.identity.rpps)
    assert desk.welcome().place.professional == known
    with pytest.raises(Refusal) as refused:
        welcome_newcomer(
            replace(desk.identity, family_name="Autre"), desk.stay(), email="b@exemple.fr", by=desk.manager, at=desk.at
        )
    assert refused.value.field == "rpps"


def test_a_second_replacement_elsewhere_keeps_the_account(desk: Desk) -> None:
    first = desk.welcome()
    second = desk.welcome(
        address=Address(desk.commune, "9 avenue de la Gare"), start=desk.at + 6 * DAY, end=desk.at + 9 * DAY
    )
    assert second.user == first.user
    assert User.objects.filter(email="lou@exemple.fr").count() == 1
    assert RoleGrant.objects.filter(user=first.user).count() == 2


def test_the_same_place_is_not_opened_twice(desk: Desk) -> None:
    desk.welcome()
    with pytest.raises(Refusal) as refused:
        desk.welcome()
    assert refused.value.field == "address"


def test_only_an_accounts_manager_validates(desk: Desk) -> None:
    other = make_actor(Role.REFERENT)
    with pytest.raises(Refusal):
        welcome_newcomer(desk.identity, desk.stay(), email="a@b.fr", by=other, at=desk.at)


# ---- page


def typed(desk: Desk, **fields: object) -> dict[str, object]:
    today = desk.at.date()
    return {
        "civility": "Dr", "family_name": "Neuve", "given_name": "Lou", "profession": "10", "specialty": "SM54",
        "rpps": make.rpps(7), "account": "lou@exemple.fr", "replaced": "Titulaire", "professional": desk.replaced.pk,
        "licence": "LR 2026-12", "start": today, "end": today + 9 * DAY, "address": "3 rue du Marché",
        "town": "Poitiers", "insee": desk.commune.insee, "takes_part": "on",
    } | fields  # fmt: skip


def test_the_manager_validates_on_one_page_and_the_invitation_leaves(desk: Desk) -> None:
    page = login(Client(), desk.manager)
    assert page.post("/annuaire/remplacants/nouveau/", typed(desk)).status_code == 302
    assert [message.to for message in mail.outbox] == [["lou@exemple.fr"]]
    html = page.get("/annuaire/remplacants/").content.decode()
    assert "Dr Lou Neuve" in html
    assert "Titulaire" in html


@pytest.mark.parametrize(
    "wrong",
    [{"rpps": "123"}, {"account": "lou"}, {"town": "Nulle-Part", "insee": ""}, {"end": "9999-12-31"}, {"end": ""},
     {"start": "\x00"}, {"professional": ""}, {"address": ""}, {"profession": "zz"}, {"family_name": "x" * 200}],
)  # fmt: skip
def test_what_is_typed_wrong_is_kept_and_explained(desk: Desk, wrong: dict[str, object]) -> None:
    answer = login(Client(), desk.manager).post("/annuaire/remplacants/nouveau/", typed(desk, **wrong))
    assert answer.status_code == 422
    assert not User.objects.filter(email__startswith="lou").exists()


def test_another_sas_does_not_see_them(desk: Desk) -> None:
    desk.welcome()
    elsewhere = make_actor(Role.ACCOUNTS_MANAGER, make_sas("79"))
    assert "Neuve" not in login(Client(), elsewhere).get("/annuaire/remplacants/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_reads_as_much_whatever_its_length(desk: Desk, count: int) -> None:
    for rank in range(count):
        make.place(
            make.professional(f"N{rank}"),
            desk.commune,
            valid_from=desk.at,
            valid_until=desk.at + DAY,
            replaces=desk.replaced,
        )
    page = login(Client(), desk.manager)
    page.get("/annuaire/remplacants/")
    with CaptureQueriesContext(connection) as asked:
        assert page.get("/annuaire/remplacants/").content.decode().count("1 rue des Essences") == count
    assert len(asked) == 3
