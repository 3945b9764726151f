"""The form of a rule: who may come, a pause, one date or the following ones."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from quinze.availability.models import OpeningRule, Slot
from quinze.availability.opening import WEEKDAYS
from quinze.availability.operations import add_rule, cancel_occurrence
from quinze.base import clock
from tests.availability.test_pages import at_work, typed
from tests.factories import availability as make
from tests.factories.accounts import login
from tests.factories.availability import Effecteur

PARIS = ZoneInfo("Europe/Paris")
pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Effecteur:
    return at_work(make.effecteur())


@pytest.fixture
def page(doctor: Effecteur) -> Client:
    return login(Client(), doctor.actor)


def in_days(n: int) -> date:
    return clock.now().astimezone(PARIS).date() + timedelta(days=n)


def offer(doctor: Effecteur, day: date) -> OpeningRule:
    """Every week from that day on, public holidays too: the test is run any day of the year."""
    spec = make.spec(doctor.place, weekdays=(day.weekday(),), valid_from=in_days(0), on_holidays=True)
    (rule,) = add_rule(spec, by=doctor.actor, at=clock.now()).rules
    return rule


def same(doctor: Effecteur, rule: OpeningRule, **fields: object) -> dict[str, object]:
    whole = {"weekdays": [str(rule.weekday)], "on_holidays": "on", "starts": "14:00", "ends": "17:00"}
    return typed(doctor, **whole | fields)


def offered(doctor: Effecteur) -> dict[date, int]:
    found: dict[date, int] = {}
    for slot in make.slots_of(doctor):
        day = slot.starts_at.astimezone(PARIS).date()
        found[day] = found.get(day, 0) + 1
    return found


def test_who_may_come_is_typed_in_plain_words_and_carried_by_the_slots(doctor: Effecteur, page: Client) -> None:
    said = {
        "min_age_months": "3 mois", "max_age_months": "16 ans", "only_known": "on", "notice_minutes": "2",
        "reasons": "suture, plâtre", "buffer_minutes": "10", "off_bridges": "on", "audience": "OWN",
        "weekdays": [str(n) for n in range(7)],
    }  # fmt: skip

    page.post("/offre/regles/nouvelle/", typed(doctor, **said))

    slot = Slot.objects.order_by("starts_at")[0]
    assert (slot.min_age_months, slot.max_age_months, slot.new_patients) == (3, 192, False)
    assert (slot.notice_minutes, slot.reasons, slot.audience) == (120, "suture, plâtre", "OWN")
    rule = OpeningRule.objects.order_by("pk")[0]
    assert (rule.buffer_minutes, rule.on_bridges) == (10, False)
    html = page.get("/effecteur/semaine/").content.decode()
    for words in ("10 min de pause", "de 3 mois à moins de 16 ans", "patients déjà vus seulement",
                  "prévenir 2 h avant", "pour : suture, plâtre", "fermé les ponts"):  # fmt: skip
        assert words in html
    form = page.get(f"/offre/regles/{rule.pk}/").content.decode()
    assert 'value="3 mois"' in form
    assert 'value="16 ans"' in form


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"min_age_months": "jeune"}, "min_age_months", "Cet âge ne se lit pas"),
        ({"min_age_months": "999 ans"}, "min_age_months", "Cet âge ne se lit pas"),
        ({"min_age_months": "16", "max_age_months": "16"}, "max_age_months", "doit dépasser"),
        ({"notice_minutes": "337"}, "notice_minutes", "de 0 à 336"),
        ({"notice_minutes": "bientôt"}, "notice_minutes", "de 0 à 336"),
        ({"buffer_minutes": "121"}, "buffer_minutes", "De 0 à 120"),
        ({"reasons": "x" * 121}, "reasons", "120"),
        ({"min_age_months": "\x00"}, "min_age_months", ""),
    ],
)
def test_a_limit_that_cannot_be_read_is_said_beside_its_field(
    doctor: Effecteur, page: Client, wrong: dict[str, object], field: str, said: str
) -> None:
    answer = page.post("/offre/regles/nouvelle/", typed(doctor, **wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert said in answer.content.decode()
    assert not OpeningRule.objects.exists()


def test_one_date_is_shortened_from_the_week(doctor: Effecteur, page: Client) -> None:
    day = in_days(2)
    rule = offer(doctor, day)
    monday = day - timedelta(days=day.weekday())
    week = page.get(f"/effecteur/semaine/?semaine={monday}").content.decode()
    assert f"regle={rule.pk}&amp;date={day}" in week
    opened = page.get(f"/effecteur/semaine/?semaine={monday}&regle={rule.pk}&date={day}").content.decode()
    assert f'name="occurrence" value="{day}"' in opened

    said = same(doctor, rule, ends="15:00", scope="once", occurrence=day.isoformat())
    effect = page.post("/offre/regles/effet/", said | {"regle": str(rule.pk)}).content.decode()
    page.post(f"/offre/regles/{rule.pk}/", said)

    assert "6 disparaissent" in effect
    assert offered(doctor)[day] == 3
    assert offered(doctor)[day + timedelta(days=7)] == 9


def test_this_date_and_the_following_are_changed(doctor: Effecteur, page: Client) -> None:
    day = in_days(2)
    rule = offer(doctor, day)
    later = day + timedelta(days=7)

    said = same(doctor, rule, scope="following", occurrence=later.isoformat(), slot_minutes="60")
    page.post(f"/offre/regles/{rule.pk}/", said)

    assert (offered(doctor)[day], offered(doctor)[later]) == (9, 3)


@pytest.mark.parametrize("scope", ["once", "following"])
def test_a_date_is_closed_in_one_tap_and_opened_again(doctor: Effecteur, page: Client, scope: str) -> None:
    day = in_days(2)
    rule = offer(doctor, day)

    page.post(f"/offre/regles/{rule.pk}/fin/", {"scope": scope, "occurrence": day.isoformat()})

    assert day not in offered(doctor)
    assert (day + timedelta(days=7) in offered(doctor)) is (scope == "once")
    if scope == "once":
        (pierced,) = OpeningRule.objects.filter(ended_at__isnull=True)
        assert "Fermé le" in page.get(f"/offre/regles/{pierced.pk}/").content.decode()
        page.post(f"/offre/regles/{pierced.pk}/rouvrir/", {"day": day.isoformat()})
        assert offered(doctor)[day] == 9


@pytest.mark.parametrize(
    "said",
    [
        {"scope": "once"},
        {"scope": "once", "occurrence": "hier"},
        {"scope": "une fois", "occurrence": "2026-11-24"},
        {"scope": "once", "occurrence": "0001-01-01"},
        {"scope": "following", "occurrence": "9999-12-31"},
    ],
)
def test_a_garbled_scope_closes_nothing(doctor: Effecteur, page: Client, said: dict[str, str]) -> None:
    rule = offer(doctor, in_days(2))
    answer = page.post(f"/offre/regles/{rule.pk}/fin/", said, follow=True)
    assert answer.status_code == 200
    assert OpeningRule.objects.get().ended_at is None
    page.post(f"/offre/regles/{rule.pk}/rouvrir/", {"day": said.get("occurrence", "")})
    assert OpeningRule.objects.get().ended_at is None


def test_changing_the_whole_rule_keeps_the_dates_that_were_closed(doctor: Effecteur, page: Client) -> None:
    day = in_days(2)
    cancel_occurrence([offer(doctor, day)], day=day, by=doctor.actor, at=clock.now())
    (rule,) = OpeningRule.objects.filter(ended_at__isnull=True)

    page.post(f"/offre/regles/{rule.pk}/", same(doctor, rule, scope="all", slot_minutes="30"))

    assert offered(doctor) == {day + timedelta(days=7): 6}


def test_the_rule_of_another_doctor_is_neither_closed_nor_opened_again(doctor: Effecteur, page: Client) -> None:
    other = at_work(make.effecteur("Alisier"))
    rule = offer(other, in_days(2))
    for path, said in (("fin", {"scope": "all"}), ("rouvrir", {"day": in_days(2).isoformat()})):
        page.post(f"/offre/regles/{rule.pk}/{path}/", said)
    assert OpeningRule.objects.get().ended_at is None
    assert f"{WEEKDAYS[rule.weekday or 0]} 14:00" not in page.get("/effecteur/semaine/").content.decode().lower()


def test_specialties_are_asked_of_whom_has_none_and_carried_by_the_slots(doctor: Effecteur, page: Client) -> None:
    assert "specialties" not in page.get("/offre/regles/nouvelle/").context["form"].fields
    doctor.professional.specialty = ""
    doctor.professional.save()

    garbled = page.post("/offre/regles/nouvelle/", typed(doctor, specialties=["SM99x"]))
    assert list(garbled.context["form"].errors) == ["specialties"]
    page.post("/offre/regles/nouvelle/", typed(doctor, specialties=["SM40", "SM54"]))

    assert {tuple(slot.specialties or ()) for slot in Slot.objects.all()} == {("SM40", "SM54")}
    assert "demandes de pédiatrie" in page.get("/effecteur/semaine/").content.decode()
