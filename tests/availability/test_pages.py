from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from quinze.accounts.actor import Actor
from quinze.accounts.roles import Role
from quinze.availability.forms import FOLDED
from quinze.availability.models import Absence, OpeningRule, Slot
from quinze.availability.operations import add_absence, add_rule
from quinze.base import clock
from tests.factories import availability as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import Effecteur

PARIS = ZoneInfo("Europe/Paris")
pytestmark = pytest.mark.django_db

RULE = {
    "weekdays": ["1", "3"], "starts": "14h", "ends": "17:00", "slot_minutes": "20", "kind": "slots", "capacity": "1",
    "audience": "SNP", "modalities": ["AMB"], "every_weeks": "1",
}  # fmt: skip


@pytest.fixture
def doctor() -> Effecteur:
    return at_work(make.effecteur())


@pytest.fixture
def page(doctor: Effecteur) -> Client:
    return login(Client(), doctor.actor)


def at_work(doctor: Effecteur) -> Effecteur:
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    return doctor


def typed(doctor: Effecteur, **fields: object) -> dict[str, object]:
    today = clock.now().astimezone(PARIS).date()
    return RULE | {"place": str(doctor.place.pk), "valid_from": today.isoformat()} | fields


def tomorrow(hour: int) -> datetime:
    return datetime.combine(clock.now().astimezone(PARIS).date() + timedelta(days=1), time(hour), PARIS)


def offer(doctor: Effecteur, weekday: int) -> list[OpeningRule]:
    spec = make.spec(doctor.place, weekdays=(weekday,), valid_from=clock.now().date())
    return add_rule(spec, by=doctor.actor, at=clock.now()).rules


def test_a_doctor_states_a_rule_and_its_slots_are_there(doctor: Effecteur, page: Client) -> None:
    answer = page.post("/offre/regles/nouvelle/", typed(doctor, semaine="2026-11-16"))

    assert answer.headers["Location"] == "/effecteur/semaine/?semaine=2026-11-16"
    assert sorted(rule.weekday for rule in OpeningRule.objects.all() if rule.weekday is not None) == [1, 3]
    assert len(make.slots_of(doctor)) >= 27
    week = page.get(answer.headers["Location"]).content.decode()
    assert "Mardi et jeudi 14:00 à 17:00" in week


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"starts": "midi"}, "starts", "Cette heure ne se lit pas"),
        ({"starts": "25:99"}, "starts", "Cette heure ne se lit pas"),
        ({"starts": ""}, "starts", "Donnez une heure"),
        ({"ends": "13:00"}, "ends", "La fin doit venir après le début"),
        ({"weekdays": []}, "weekdays", "Choisissez au moins un jour"),
        ({"weekdays": ["9"]}, "weekdays", "9"),
        ({"capacity": "0"}, "capacity", "Un patient au moins"),
        ({"capacity": "beaucoup"}, "capacity", "Donnez un nombre de patients"),
        ({"day": "32/13/2026"}, "day", "Cette date ne se lit pas"),
        ({"day": "2020-01-01"}, "day", "Cette date est passée"),
        ({"modalities": []}, "modalities", "Cochez au moins une forme"),
        ({"audience": "CPTS"}, "audience", "CPTS"),  # a member of none
        ({"valid_from": ""}, "valid_from", "Donnez le premier jour"),
        ({"every_weeks": "0"}, "every_weeks", "De 1 à 52"),
        ({"starts": "\x00<b>"}, "starts", ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    doctor: Effecteur, page: Client, wrong: dict[str, object], field: str, said: str
) -> None:
    answer = page.post("/offre/regles/nouvelle/", typed(doctor, slot_minutes="45", **wrong), HTTP_HX_REQUEST="true")

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    html = answer.content.decode()
    assert said in html
    assert '<option value="45" selected>' in html
    assert "<b>" not in html
    assert ('<details class="eff-more" open>' in html) is (field in FOLDED)
    assert not OpeningRule.objects.exists()


def test_a_member_of_a_cpts_says_which_one(doctor: Effecteur, page: Client) -> None:
    cpts = make.make.structure("CPTS", "CPTS Sud Vienne")
    make.make.membership(doctor.professional, cpts)

    answer = page.post("/offre/regles/nouvelle/", typed(doctor, audience="CPTS", cpts=""))
    assert list(answer.context["form"].errors) == ["cpts"]
    assert "Dites à quelle CPTS" in answer.content.decode()

    page.post("/offre/regles/nouvelle/", typed(doctor, audience="CPTS", cpts=str(cpts.pk)))
    assert {rule.cpts for rule in OpeningRule.objects.all()} == {cpts}


def test_the_rule_that_overlaps_is_named_on_the_form(doctor: Effecteur, page: Client) -> None:
    offer(doctor, 1)

    answer = page.post("/offre/regles/nouvelle/", typed(doctor, starts="16:30", ends="18:00"))

    assert answer.status_code == 422
    assert "« Mardi 14:00 à 17:00 »" in answer.context["form"].errors["starts"][0]


def test_the_effect_is_shown_before_saving(doctor: Effecteur, page: Client) -> None:
    (rule,) = offer(doctor, 1)

    answer = page.post("/offre/regles/effet/", typed(doctor, weekdays=["1"], ends="15:00", regle=str(rule.pk)))

    assert "disparaissent" in answer.content.decode()
    assert "Le SAS verrait 1 h par semaine" in answer.content.decode()
    assert OpeningRule.objects.get().ended_at is None


def test_an_absence_names_how_many_patients_must_be_replaced(doctor: Effecteur, page: Client) -> None:
    make.give(make.slot(doctor.place, tomorrow(15), tomorrow(16)))
    day = tomorrow(0).date().isoformat()

    answer = page.post(
        "/offre/absence/",
        {"from_day": day, "from_time": "14h", "until_day": day, "until_time": "18h", "reason": "Formation"},
        follow=True,
    )

    assert [str(message) for message in answer.context["messages"]][-1] == "1 patient à replacer : le SAS est prévenu."
    assert "14:00 à 18:00" in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"until_day": ""}, "until_day"),
        ({"until_time": "8h"}, "until_day"),
        ({"from_day": "demain"}, "from_day"),
        ({"from_time": "tôt"}, "from_time"),
    ],
)
def test_an_absence_that_cannot_be_read_is_kept_with_its_message(
    page: Client, wrong: dict[str, str], field: str
) -> None:
    day = tomorrow(0).date().isoformat()
    good = {"from_day": day, "from_time": "9h", "until_day": day, "until_time": "18h", "reason": "Formation"}

    answer = page.post("/offre/absence/", good | wrong)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "Formation" in answer.content.decode()
    assert not Absence.objects.exists()


def test_one_tap_sends_the_doctor_away_until_tonight_and_one_more_brings_them_back(
    doctor: Effecteur, page: Client
) -> None:
    page.post("/offre/absence/maintenant/")
    (absence,) = Absence.objects.all()
    assert absence.during.upper == tomorrow(0)
    assert "Vous êtes absent" in page.get("/effecteur/").content.decode()

    page.post(f"/offre/absence/{absence.pk}/retour/", {"retour": "jour"})
    absence.refresh_from_db()
    assert absence.withdrawn_at is not None


def test_terms_are_changed_with_their_quota(doctor: Effecteur, page: Client) -> None:
    refused = page.post("/offre/reglages/", {"accepts_overbooking": "on", "overbooking_per_day": ""})
    assert list(refused.context["form"].errors) == ["overbooking_per_day"]

    page.post("/offre/reglages/", {"accepts_overbooking": "on", "overbooking_per_day": "2", "shows_public_slots": "on"})

    current = doctor.professional.participations.get(during__endswith__isnull=True)
    assert (current.overbooking_per_day, current.shows_public_slots, current.accepts_visits) == (2, True, False)


def test_another_doctor_sees_and_changes_nothing_of_mine(doctor: Effecteur) -> None:
    (rule,) = offer(doctor, 1)
    absence = add_absence(
        doctor.professional, start=tomorrow(9), reason="Hospitalisation", by=doctor.actor, at=clock.now()
    ).absence
    before = list(Slot.objects.order_by("pk").values())
    other = at_work(make.effecteur("Alisier"))
    intruder = login(Client(), other.actor)

    pages = "".join(
        intruder.get(url, follow=True).content.decode()
        for url in (
            "/effecteur/semaine/",
            f"/effecteur/semaine/?regle={rule.pk}",
            f"/offre/regles/{rule.pk}/",
            "/offre/absence/",
            "/effecteur/",
        )
    )
    intruder.post(f"/offre/regles/{rule.pk}/", typed(doctor))
    intruder.post(f"/offre/regles/{rule.pk}/fin/")
    intruder.post(f"/offre/absence/{absence.pk}/retour/")
    stolen = intruder.post("/offre/regles/nouvelle/", typed(doctor))

    for secret in ("Hospitalisation", "Mardi 14:00 à 17:00", "Cabinet Cormier"):
        assert secret not in pages
    assert list(stolen.context["form"].errors) == ["place"]
    assert list(Slot.objects.order_by("pk").values()) == before
    assert OpeningRule.objects.get().ended_at is None
    absence.refresh_from_db()
    assert absence.withdrawn_at is None


@pytest.mark.parametrize("role", [Role.ARM, Role.OSNP, Role.REGULATEUR_SNP, Role.ADMINISTRATOR])
def test_only_effecteurs_open_these_pages(role: Role) -> None:
    actor: Actor = make_actor(role)
    answers = {login(Client(), actor).get(url).status_code for url in ("/offre/absence/", "/offre/reglages/")}
    assert answers == {403}


@pytest.mark.parametrize(("url", "queries"), [("/offre/absence/", 5), ("/offre/reglages/", 7)])
def test_lists_read_as_often_for_one_line_as_for_three(
    doctor: Effecteur, page: Client, url: str, queries: int, django_assert_num_queries: object
) -> None:
    page.get(url)
    for count in (1, 2):
        for n in range(count):
            day = tomorrow(8) + timedelta(days=count * 10 + n)
            add_absence(doctor.professional, start=day, end=day + timedelta(hours=1), by=doctor.actor, at=clock.now())
        with django_assert_num_queries(queries):  # type: ignore[operator]
            page.get(url)
