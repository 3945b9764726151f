"""What the SAS sees of a doctor, why the rest is not shown, and one tap to change it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import OpeningRule, Slot
from quinze.availability.operations import add_absence, add_rule, cancel_occurrence, generate_slots, show_slot
from quinze.availability.queries import open_hours, week, what_sas_sees
from quinze.availability.queries.seen import SeenBySas, Why
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from tests.factories import availability as make
from tests.factories.accounts import login, make_actor
from tests.factories.availability import NOW, Effecteur

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = datetime(2026, 11, 17, 14, tzinfo=PARIS)
pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> Effecteur:
    return make.effecteur()


def seen(doctor: Effecteur, *, at: datetime = NOW) -> SeenBySas:
    return what_sas_sees(doctor.professional, sas=doctor.sas, at=at)


def only_line(doctor: Effecteur, **fields: object) -> tuple[Why | None, str]:
    make.slot(doctor.place, TUESDAY, TUESDAY + timedelta(minutes=20), **fields)
    (line,) = [line for day in seen(doctor).days for line in day.lines]
    return line.why, line.reason


@pytest.mark.parametrize(
    ("fields", "why", "said"),
    [
        ({}, None, ""),
        ({"audience": "CPTS"}, None, ""),
        ({"audience": "PRO"}, Why.AUDIENCE, "pour un autre public : soignants"),
        ({"audience": "OWN"}, Why.AUDIENCE, "pour un autre public : mes patients"),
        ({"audience": "PRO", "sas_sees": True}, None, ""),
        ({"sas_sees": False}, Why.TAKEN_BACK, "caché par vous"),
        ({"taken": 1}, Why.FULL, "sans place"),
        ({"notice_minutes": 32 * 60 + 1}, Why.NOTICE, "délai de prévenance dépassé"),
        ({"notice_minutes": 32 * 60 - 61}, None, ""),
        ({"status": "withdrawn", "taken": 1}, Why.CLOSED, "hors de vos règles"),
        ({"source": "agenda", "external_id": "a1"}, None, ""),
    ],
)
def test_each_slot_that_is_not_shown_says_why(
    doctor: Effecteur, fields: dict[str, object], why: Why | None, said: str
) -> None:
    """Complaint 15: unavailable slots though they exist, and nobody says why."""
    assert only_line(doctor, **fields) == (why, said)


def test_without_a_participation_nothing_is_shown() -> None:
    assert only_line(make.effecteur(participates=False))[0] is Why.NO_PARTICIPATION


def test_a_place_closed_in_the_directory_shows_nothing(doctor: Effecteur) -> None:
    doctor.place.is_active = False
    doctor.place.save()
    assert only_line(doctor)[0] is Why.PLACE


def test_slots_lost_to_an_absence_say_so_and_those_of_an_ended_rule_are_not_listed(doctor: Effecteur) -> None:
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    add_absence(doctor.professional, start=TUESDAY, end=TUESDAY + timedelta(hours=1), by=doctor.actor, at=NOW)

    day = seen(doctor).days[1]
    assert [line.why for line in day.lines] == [Why.ABSENCE] * 3 + [None] * 6
    assert day.absent_from == TUESDAY

    OpeningRule.objects.filter(pk=rules[0].pk).update(ended_at=NOW)
    generate_slots(at=NOW)
    assert seen(doctor).days[1].lines == []


def close_date(doctor: Effecteur) -> None:
    rules = add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW).rules
    cancel_occurrence(rules, day=TUESDAY.date(), by=doctor.actor, at=NOW)


def every_other_week(doctor: Effecteur) -> None:
    add_rule(make.spec(doctor.place, every_weeks=2, valid_from=date(2026, 11, 10)), by=doctor.actor, at=NOW)


@pytest.mark.parametrize(
    ("state", "said"), [(close_date, "date fermée par vous"), (every_other_week, "pas cette semaine")]
)
def test_a_rule_that_does_not_open_that_day_says_why(
    doctor: Effecteur, state: Callable[[Effecteur], None], said: str
) -> None:
    state(doctor)
    assert seen(doctor).days[1].closed == [f"Mardi 14:00 à 17:00 : {said}"]
    assert seen(doctor).days[2].closed == []


@pytest.mark.parametrize(("bridges", "said"), [(False, "pont"), (True, None)])
def test_a_bank_holiday_and_its_bridge_are_named(doctor: Effecteur, bridges: bool, said: str | None) -> None:
    at = datetime(2027, 5, 5, 6, tzinfo=PARIS)  # Wednesday; Ascension is on Thursday 6
    for weekday in (3, 4):
        add_rule(make.spec(doctor.place, weekdays=(weekday,), on_bridges=bridges), by=doctor.actor, at=at)

    _, thursday, friday = seen(doctor, at=at).days

    assert thursday.closed == ["Jeudi 14:00 à 17:00 : jour férié"]
    assert friday.closed == ([f"Vendredi 14:00 à 17:00 : {said}"] if said else [])
    assert bool(friday.slots) is bridges


def test_who_a_shown_slot_is_proposed_to_is_said(doctor: Effecteur) -> None:
    make.slot(doctor.place, TUESDAY, TUESDAY + timedelta(minutes=20), max_age_months=192, notice_minutes=120)
    (line,) = seen(doctor).days[1].lines
    assert line.only_for == ["moins de 16 ans", "prévenir 2 h avant"]


# ---- one tap


def test_complaint_2_one_slot_is_hidden_from_the_sas_and_shown_again_and_the_night_keeps_it(doctor: Effecteur) -> None:
    """Complaint 2: doctors refuse that every free slot be exposed to the SAS by default."""
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    slot = make.slots_of(doctor)[2]

    show_slot(doctor.professional, pk=slot.pk, sees=False, by=doctor.actor, at=NOW)
    generate_slots(at=NOW)
    assert slot not in seen(doctor).days[1].slots
    assert len(seen(doctor).days[1].slots) == 8

    show_slot(doctor.professional, pk=slot.pk, sees=True, by=doctor.actor, at=NOW)
    assert slot in seen(doctor).days[1].slots
    assert Slot.objects.get(pk=slot.pk).sas_sees is None  # as the rule says: nothing is left of the two taps


def test_complaint_2_one_slot_for_colleagues_is_lent_to_the_sas(doctor: Effecteur) -> None:
    add_rule(make.spec(doctor.place, audience="PRO"), by=doctor.actor, at=NOW)
    first = make.slots_of(doctor)[0]
    assert seen(doctor).seats == 0

    show_slot(doctor.professional, pk=first.pk, sees=True, by=doctor.actor, at=NOW)

    assert [slot.pk for slot in seen(doctor).days[1].slots] == [first.pk]


def test_a_slot_that_has_begun_or_is_withdrawn_is_not_changed(doctor: Effecteur) -> None:
    begun = make.slot(doctor.place, NOW - timedelta(minutes=5), NOW + timedelta(minutes=15))
    gone = make.slot(doctor.place, TUESDAY, TUESDAY + timedelta(minutes=20), status="withdrawn")
    for slot in (begun, gone):
        with pytest.raises(Refusal):
            show_slot(doctor.professional, pk=slot.pk, sees=False, by=doctor.actor, at=NOW)


def test_nobody_hides_the_slot_of_another(doctor: Effecteur) -> None:
    other = make.effecteur("Alisier")
    slot = make.slot(doctor.place, TUESDAY, TUESDAY + timedelta(minutes=20))
    for professional in (doctor.professional, other.professional):
        with pytest.raises(NotFound):
            show_slot(professional, pk=slot.pk, sees=False, by=other.actor, at=NOW)
    slot.refresh_from_db()
    assert slot.sas_sees is None


def test_what_is_seen_is_read_as_often_for_one_slot_as_for_three(
    doctor: Effecteur, django_assert_num_queries: Callable[..., object]
) -> None:
    for hours in (1, 2):
        start, end = time(7 + hours), time(8 + hours)
        add_rule(
            make.spec(doctor.place, weekdays=(1, 2), starts=start, ends=end, slot_minutes=60 // hours),
            by=doctor.actor, at=NOW,
        )  # fmt: skip
        with django_assert_num_queries(4):
            seen(doctor)


# ---- the page


@pytest.fixture
def page(doctor: Effecteur) -> Client:
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    return login(Client(), doctor.actor)


def tomorrow(doctor: Effecteur, **fields: object) -> Slot:
    day = (clock.now().astimezone(PARIS) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return make.slot(doctor.place, day, day + timedelta(minutes=20), **fields)


def test_one_tap_on_the_page_hides_and_shows(doctor: Effecteur, page: Client) -> None:
    slot = tomorrow(doctor)
    assert "Cacher" in page.get("/offre/apercu/").content.decode()

    part = page.post(f"/offre/creneaux/{slot.pk}/vue/", {"sees": "non"}, HTTP_HX_REQUEST="true").content.decode()
    assert "caché par vous" in part
    assert "<h1" not in part

    whole = page.post(f"/offre/creneaux/{slot.pk}/vue/", {"sees": "oui"}, follow=True).content.decode()
    assert "Cacher" in whole
    slot.refresh_from_db()
    assert slot.sas_sees is None


def test_the_page_of_another_doctor_is_not_changed(doctor: Effecteur, page: Client) -> None:
    other = make.effecteur("Alisier")
    slot = tomorrow(other)
    answer = page.post(f"/offre/creneaux/{slot.pk}/vue/", {"sees": "non"}, follow=True)
    assert "n’est pas l’un des vôtres" in answer.content.decode()
    slot.refresh_from_db()
    assert slot.sas_sees is None


def test_someone_who_takes_no_part_reads_it_on_the_page() -> None:
    doctor = make.effecteur(participates=False)
    make_actor(Role.EFFECTEUR, doctor.sas, user=doctor.actor.user)
    tomorrow(doctor)
    html = login(Client(), doctor.actor).get("/offre/apercu/").content.decode()
    assert "Vous ne participez pas au SAS" in html
    assert "faute de participation au SAS" in html


def test_the_page_asks_as_much_for_one_slot_as_for_three(
    doctor: Effecteur, page: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    page.get("/offre/apercu/")
    first = tomorrow(doctor)
    for n in (0, 1, 2):
        start = first.ends_at + timedelta(hours=n)
        if n:
            make.slot(doctor.place, start, start + timedelta(minutes=20))
        with django_assert_num_queries(8):
            page.get("/offre/apercu/")


def test_an_hour_hidden_from_the_sas_is_not_an_hour_open_to_it(doctor: Effecteur) -> None:
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    monday = date(2026, 11, 16)
    slots = make.slots_of(doctor)

    assert open_hours(doctor.professional, monday=monday, sas=doctor.sas, at=NOW) == 3
    for slot in slots[:3]:
        show_slot(doctor.professional, pk=slot.pk, sees=False, by=doctor.actor, at=NOW)
    assert open_hours(doctor.professional, monday=monday, sas=doctor.sas, at=NOW) == 2


def test_the_week_is_a_list_too(doctor: Effecteur) -> None:
    add_rule(make.spec(doctor.place), by=doctor.actor, at=NOW)
    shown = week(doctor.professional, monday=date(2026, 11, 16), zone="Europe/Paris", at=NOW)
    assert [(day.day, [block.title for block in blocks]) for day, blocks in shown.by_day][:3] == [
        (16, []), (17, ["SAS"]), (18, []),
    ]  # fmt: skip
