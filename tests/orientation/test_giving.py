"""« Ce que je donne, ce que je reçois »: one's own figures, and disputes that are answered (complaints 2, 4 and 21)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import Error, transaction
from django.test import Client

from quinze.accounts.roles import Role
from quinze.availability.models import Slot
from quinze.base import clock
from quinze.base.errors import NotFound, Refusal
from quinze.orientation import operations
from quinze.orientation.models import Dispute, DisputeAnswer
from quinze.orientation.operations.dispute import Contested, answer_dispute, open_dispute
from quinze.orientation.queries.equity import equity
from quinze.orientation.queries.giving import Giving, giving, month_of
from quinze.orientation.snp_rules import Act, Evidence, annual_sum, not_counted, rule, rules
from tests.factories import directory, patients
from tests.factories import orientation as make
from tests.factories.accounts import login, make_actor, make_user
from tests.factories.availability import slot as make_slot

AT = make.AT  # Tuesday 17 November 2026, 10:00 in Poitiers
NOVEMBER = date(2026, 11, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def of(land: make.Territory, place, *, month=NOVEMBER, at=AT) -> Giving:
    return giving(place.professional, sas=land.sas, month=month, at=at)


def seen(land: make.Territory, place, *, hours: float, asked: float = 0, outcome="fulfilled", **patient):
    """An appointment so many hours before AT, asked so many hours before it, and its outcome."""
    start = AT - timedelta(hours=hours)
    before = start - timedelta(hours=asked or 1)
    seat = make_slot(place, start, start + timedelta(minutes=20))
    request = make.request(land, at=before, patient=patients.patient(land.sas, **patient), hours=96)
    booking = make.booked(request, place, seat, land, at=before)
    if outcome:
        operations.record_outcome(booking=booking, outcome=outcome, by=land.osnp, at=AT)
    return booking


def test_a_week_counts_hours_searches_choices_appointments_and_outcomes(land: make.Territory):
    place = make.doctor(land)
    make_slot(place, AT - timedelta(hours=20), AT - timedelta(hours=18))
    seen(land, place, hours=5)
    seen(land, place, hours=4, outcome="no_show")
    make.booked(make.request(land), place, make.slot(place, 3), land)
    operations.tally_searches(sas=land.sas, at=AT + timedelta(hours=1))

    found = of(land, place, at=AT + timedelta(hours=1))
    week = found.weeks[2]
    assert week.monday == date(2026, 11, 16)
    assert (week.minutes, week.hours) == (180, "3 h")
    assert (week.shown, week.chosen, week.booked, week.seen, week.no_show, week.snp) == (3, 3, 3, 1, 1, 1)
    assert (found.total.booked, found.total.minutes, found.enough) == (3, 180, 1)
    assert sum(times for _, times in found.absences) == 1
    assert [week.monday.day for week in found.weeks] == [2, 9, 16, 23, 30]


def test_the_doctor_reads_the_figures_that_the_referent_reads(land: make.Territory):
    """Complaint 21: one basis for all. The past of both pages is the same."""
    place = make.doctor(land, accepts_overbooking=True, overbooking_per_day=3)
    make_slot(place, AT - timedelta(hours=26), AT - timedelta(hours=24))
    make_slot(place, AT - timedelta(hours=25), AT - timedelta(hours=23), status=Slot.Status.WITHDRAWN, taken=1)
    seen(land, place, hours=5)
    operations.ask_overbooking(
        request=make.request(land, at=AT - timedelta(hours=2)),
        professional=place.professional,
        answer="complet",
        by=land.osnp,
        at=AT - timedelta(hours=1),
    )
    operations.count_offered_days(sas=land.sas, at=AT)
    operations.tally_searches(sas=land.sas, at=AT)
    (line,) = equity(sas=land.sas, at=AT).lines
    total = of(land, place).total
    assert (line.hours * 60, line.shown, line.solicitations) == (total.minutes, total.shown, total.chosen)
    assert (total.minutes, total.shown, total.chosen) == (200, 1, 2)


ASKED = datetime(2026, 11, 16, 9, tzinfo=UTC)
COUNTED = {
    "profession": "10",
    "specialty": "SM54",
    "came": True,
    "starts_at": ASKED + timedelta(hours=47),
    "asked_at": ASKED,
    "own_patient": False,
}


@pytest.mark.parametrize(
    ("change", "on", "why"),
    [
        ({}, date(2026, 11, 18), ""),
        ({"starts_at": ASKED + timedelta(hours=48)}, date(2026, 11, 18), ""),
        ({"starts_at": ASKED + timedelta(hours=48, minutes=1)}, date(2026, 11, 18), "plus de 48 h après la demande"),
        ({"own_patient": True}, date(2026, 11, 18), "patient dont vous êtes le médecin traitant"),
        ({"came": False}, date(2026, 11, 18), "le patient n’a pas été vu"),
        ({"specialty": "SM42"}, date(2026, 11, 18), "spécialité exclue"),
        ({"profession": "60", "specialty": ""}, date(2026, 11, 18), "seuls les médecins cotent l’acte SNP"),
        ({}, date(2023, 5, 13), "aucune règle SNP n’était en vigueur"),
        ({}, date(2023, 5, 14), ""),
    ],
)
def test_what_is_an_snp_act_of_the_week(change, on, why):
    assert not_counted(Act(**COUNTED | change), on) == why


def test_each_rule_says_its_legal_source_and_is_one_at_a_time():
    assert all(one.source and one.words and one.starts <= one.ends for one in rules())
    for one in rules():
        others = [other for other in rules() if other.name == one.name and other is not one]
        assert not [other for other in others if other.starts <= one.ends and one.starts <= other.ends]
    cap = rule("weekly_cap", date(2026, 11, 17))
    assert cap is not None
    assert (cap.number, "14.1.3" in cap.source) == (20, True)


def test_an_own_patient_is_seen_and_not_counted_and_the_page_says_so(land: make.Territory):
    place = make.doctor(land)
    seen(land, place, hours=5, referring_doctor=place.professional)
    found = of(land, place)
    assert (found.total.seen, found.total.snp) == (1, 0)
    assert found.not_snp == (("patient dont vous êtes le médecin traitant", 1),)


def test_the_annual_sum_says_which_condition_is_missing_and_why(land: make.Territory):
    place = make.doctor(land)
    found = of(land, place).annual
    assert found is not None
    assert (found.euros, found.met) == (1000, False)
    assert [condition.met for condition in found.conditions] == [False, True, False]
    assert found.conditions[2].why == "aucun créneau visible du SAS en 2026"

    seen(land, place, hours=5)
    found = of(land, place).annual
    assert found is not None
    assert found.met
    stranger = make.doctor(land, participates=False)
    found = of(land, stranger).annual
    assert found is not None
    assert [condition.met for condition in found.conditions] == [True, False, False]


def test_a_member_of_a_cpts_needs_no_slot_of_their_own_for_the_annual_sum(land: make.Territory):
    place = make.doctor(land, via="cpts", via_structure=land.cpts)
    found = of(land, place).annual
    assert found is not None
    assert found.conditions[2].met
    assert found.conditions[2].why == "organisation territoriale : CPTS Sud Vienne"


def test_before_its_first_day_there_is_no_annual_sum():
    evidence = Evidence(
        operational=True, operational_words="", registered=True, registered_words="", visible=True, visible_words=""
    )
    assert annual_sum(evidence, date(2025, 12, 31)) is None
    assert annual_sum(evidence, date(2026, 1, 1)) is not None


def test_months_are_bounded():
    today = date(2026, 11, 17)
    assert month_of("2026-10", today=today) == date(2026, 10, 1)
    assert month_of("", today=today) == month_of("2031-01", today=today) == month_of("n’importe", today=today)
    assert month_of("1999-01", today=today) == date(2024, 11, 1)


def test_a_week_belongs_to_the_month_of_its_monday():
    assert month_of("", today=date(2026, 7, 2)) == month_of("2026-07", today=date(2026, 7, 2)) == date(2026, 6, 1)
    assert month_of("", today=date(2026, 7, 6)) == date(2026, 7, 1)


# ---- disputes


@pytest.fixture
def doctor(land: make.Territory):
    place = make.doctor(land, "Cormier")
    account = make_user()
    place.professional.account = account
    place.professional.save()
    return place.professional, make_actor(Role.EFFECTEUR, land.sas, user=account)


HOURS = Contested("hours", date(2026, 11, 16), date(2026, 11, 22), "3 h")


def test_a_dispute_keeps_what_the_page_said_and_its_answer_is_dated(land: make.Territory, doctor):
    professional, me = doctor
    dispute = open_dispute(professional=professional, contested=HOURS, text="4 h ouvertes mardi", by=me, at=AT)
    answer = answer_dispute(pk=dispute.pk, accepted=True, text="Vu, corrigé.", by=land.referent, at=AT)
    assert (dispute.shown, answer.at, answer.role, answer.accepted) == ("3 h", AT, "referent", True)
    for table in (Dispute, DisputeAnswer):
        for change in (lambda t=table: t.objects.update(text="x"), lambda t=table: t.objects.all().delete()):
            with pytest.raises(Error), transaction.atomic():
                change()


def test_only_the_doctor_contests_and_only_a_manager_of_the_same_sas_answers(land: make.Territory, doctor):
    professional, me = doctor
    delegate = make_actor(Role.DELEGATAIRE, land.sas)
    for other in (delegate, land.osnp, make_actor(Role.EFFECTEUR, land.sas)):
        with pytest.raises(Refusal):
            open_dispute(professional=professional, contested=HOURS, text="faux", by=other, at=AT)
    dispute = open_dispute(professional=professional, contested=HOURS, text="faux", by=me, at=AT)
    with pytest.raises(Refusal):
        answer_dispute(pk=dispute.pk, accepted=False, text="Non.", by=land.osnp, at=AT)
    with pytest.raises(NotFound):
        answer_dispute(pk=dispute.pk, accepted=False, text="Non.", by=make.territory("16").referent, at=AT)


def test_one_figure_is_contested_once_until_it_is_answered(land: make.Territory, doctor):
    professional, me = doctor

    def contest():
        return open_dispute(professional=professional, contested=HOURS, text="faux", by=me, at=AT)

    first = contest()
    with pytest.raises(Refusal, match="déjà contesté"):
        contest()
    answer_dispute(pk=first.pk, accepted=False, text="Le mardi était férié.", by=land.referent, at=AT)
    assert contest().pk != first.pk


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_a_dispute_says_why_in_a_thousand_signs(land: make.Territory, doctor, text):
    professional, me = doctor
    with pytest.raises(Refusal) as refused:
        open_dispute(professional=professional, contested=HOURS, text=text, by=me, at=AT)
    assert refused.value.field == "text"


# ---- pages


@pytest.fixture
def page(doctor) -> Client:
    _, me = doctor
    return login(Client(), me)


def test_the_page_shows_each_week_and_the_cap_of_twenty(land: make.Territory, page: Client):
    html = page.get("/effecteur/bilan/").content.decode()
    assert "Ce que je donne, ce que je reçois" in html
    assert "/ 20" in html
    assert "NGAP, art. 14.1.3" in html
    assert "1000€paran" in "".join(html.split())
    assert "style=" not in html


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_reads_as_often_for_one_appointment_as_for_three(
    land: make.Territory, page: Client, doctor, count, django_assert_num_queries
):
    place = doctor[0].places.get()
    now = clock.now()
    for number in range(count):
        start = now - timedelta(minutes=30 * (number + 1))
        seat = make_slot(place, start, start + timedelta(minutes=20))
        before = start - timedelta(hours=1)
        make.booked(make.request(land, at=before), place, seat, land, at=before)
        contested = Contested("hours", date(2026, 11, number + 1), date(2026, 11, number + 1), "3 h")
        open_dispute(professional=doctor[0], contested=contested, text="faux", by=doctor[1], at=now)
    with django_assert_num_queries(13):
        page.get("/effecteur/bilan/")


def test_a_dispute_goes_from_the_doctor_s_page_to_the_manager_and_back(land: make.Territory, page: Client):
    now = clock.now()
    monday = now.date() - timedelta(days=now.weekday())
    posted = page.post(
        "/effecteur/bilan/contester/", {"mois": "", "figure": "snp", "week": "", "text": "J’en ai vu 3."}
    )
    assert posted.status_code == 302
    assert "En attente de réponse" in page.get("/effecteur/bilan/").content.decode()

    manager = login(Client(), make_actor(Role.ACCOUNTS_MANAGER, land.sas))
    dispute = Dispute.objects.get()
    assert dispute.shown == "0"
    assert "J’en ai vu 3." in manager.get("/contestations/").content.decode()
    manager.post(f"/contestations/{dispute.pk}/repondre/", {"accepted": "oui", "text": "Trois, en effet."})
    html = page.get("/effecteur/bilan/").content.decode()
    assert "Le chiffre était faux." in html
    assert "Trois, en effet." in html
    assert monday <= dispute.at.date()


def test_a_refused_dispute_says_why_beside_its_field_and_keeps_what_was_typed(page: Client):
    answer = page.post("/effecteur/bilan/contester/", {"figure": "nonsense", "week": "1789-07-14", "text": "Mes mots"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choisissez un chiffre de la liste." in html
    assert "Choisissez une semaine de ce mois." in html
    assert "Mes mots" in html
    assert not Dispute.objects.exists()


def test_an_empty_answer_is_refused_beside_its_field(land: make.Territory, doctor):
    professional, me = doctor
    dispute = open_dispute(professional=professional, contested=HOURS, text="faux", by=me, at=AT)
    manager = login(Client(), make_actor(Role.REFERENT, land.sas))
    answer = manager.post(f"/contestations/{dispute.pk}/repondre/", {"text": ""})
    assert answer.status_code == 422
    assert "Écrivez la réponse" in answer.content.decode()
    assert manager.post("/contestations/0/repondre/", {"accepted": "oui", "text": "x"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_disputes_costs_the_same_for_one_and_for_three(
    land: make.Territory, doctor, count, django_assert_num_queries
):
    professional, me = doctor
    for number in range(count):
        contested = Contested("hours", date(2026, 11, number + 1), date(2026, 11, number + 1), "3 h")
        dispute = open_dispute(professional=professional, contested=contested, text="faux", by=me, at=AT)
        answer_dispute(pk=dispute.pk, accepted=False, text="Non.", by=land.referent, at=AT)
    manager = login(Client(), make_actor(Role.REFERENT, land.sas))
    with django_assert_num_queries(4):
        manager.get("/contestations/")


def test_a_doctor_sees_only_their_own_figures(land: make.Territory, doctor, page: Client):
    other = make.doctor(land, "Voisine")
    account = make_user()
    other.professional.account = account
    other.professional.save()
    theirs = make_actor(Role.EFFECTEUR, land.sas, user=account)
    open_dispute(professional=other.professional, contested=HOURS, text="Texte de la voisine", by=theirs, at=AT)
    html = page.get("/effecteur/bilan/").content.decode()
    assert "Texte de la voisine" not in html
    assert "Voisine" not in html


def test_a_delegate_with_consent_reads_the_figures_and_contests_none(land: make.Territory, doctor):
    delegate = make_actor(Role.DELEGATAIRE, land.sas)
    secretary = login(Client(), delegate)
    assert secretary.get("/effecteur/bilan/").status_code == 403
    directory.delegation(doctor[0], delegate)
    html = secretary.get("/effecteur/bilan/").content.decode()
    assert "conteste ses chiffres" in html
    assert 'name="text"' not in html
    posted = secretary.post("/effecteur/bilan/contester/", {"figure": "snp", "week": "", "text": "faux"})
    assert posted.status_code == 403
    assert not Dispute.objects.exists()
