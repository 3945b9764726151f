import pytest

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas, User
from quinze.accounts.roles import Role
from quinze.web import nav
from quinze.web.nav import C, NavItem

TABLE = (
    NavItem(label="Composants", url_name="web:gallery", needs=frozenset({C.TAKE_CALL})),
    NavItem(label="Page", url_name="web:gallery_page", needs=frozenset({C.TAKE_CALL, C.ORIENT})),
    NavItem(label="Orientation", url_name="web:gallery_mobile", needs=frozenset({C.ORIENT})),
    NavItem(label="Absente", url_name="nulle:part", needs=frozenset({C.TAKE_CALL})),
)
ARM = Actor(user=User(given_name="Lise"), role=Role.ARM, sas=Sas(code="86"))


@pytest.fixture(autouse=True)
def gallery_only(settings: object) -> None:
    settings.ROOT_URLCONF = "tests.web.urls"  # type: ignore[attr-defined]


def test_one_sees_what_the_role_opens_and_the_installation_serves() -> None:
    found = nav.items(TABLE, actor=ARM, path="/composants/")
    assert [item["label"] for item in found] == ["Composants", "Page"]


def test_nobody_goes_nowhere() -> None:
    assert nav.items(TABLE, actor=None, path="/") == []


@pytest.mark.parametrize(
    ("path", "current"),
    [("/composants/", ["Composants"]), ("/composants/page/12/", ["Page"]), ("/ailleurs/", [])],
)
def test_only_the_closest_destination_is_the_present_one(path: str, current: list[str]) -> None:
    found = nav.items(TABLE, actor=ARM, path=path)
    assert [item["label"] for item in found if item["current"]] == current


def test_every_role_has_labels_that_differ() -> None:
    for role in Role:
        actor = Actor(user=User(), role=role, sas=Sas(code="86"))
        labels = [item.label for item in nav.MAIN if any(actor.may(need) for need in item.needs)]
        assert len(labels) == len(set(labels))
