"""Who gave what and who was asked, counted from the logs alone (complaints 4 and 21)."""

from datetime import date, timedelta

import pytest

from quinze.availability.models import Slot
from quinze.orientation import operations
from quinze.orientation.models import OfferedDay, RankingChoice, RankingLog, SearchedDay
from quinze.orientation.operations.tallying import Met, met
from quinze.orientation.queries.equity import Equity, Narrowed, equity
from tests.factories import orientation as make
from tests.factories.accounts import grant, make_user
from tests.factories.availability import slot as make_slot

AT = make.AT
LATER = AT + timedelta(hours=8)
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


def counted(land: make.Territory, *, at=LATER, **kept) -> Equity:
    operations.count_offered_days(sas=land.sas, at=at)
    operations.tally_searches(sas=land.sas, at=at)
    return equity(sas=land.sas, at=at, only=Narrowed(**kept))


def tally() -> list[tuple[str, int, int, int]]:
    rows = SearchedDay.objects.order_by("professional__family_name", "outcome")
    return list(rows.values_list("outcome", "level", "chosen_level", "times"))


def test_each_search_meets_each_professional_once_with_its_outcome(land: make.Territory):
    near, far = make.doctor(land, "A proche"), make.doctor(land, "B loin", km=9)
    seat = make.slot(near)
    make.slot(far, 4)
    make.doctor(land, "C complet")
    make.booked(make.request(land), near, seat, land)

    assert operations.tally_searches(sas=land.sas, at=LATER) == 1
    assert tally() == [("chosen", 4, 4, 1), ("proposed", 4, 4, 1), ("no_seat", 0, 0, 1)]


def test_counting_twice_counts_nothing_twice_and_never_a_search_of_the_last_half_hour(land: make.Territory):
    make.slot(make.doctor(land))
    make.searched(make.request(land), land)
    assert operations.tally_searches(sas=land.sas, at=AT + timedelta(minutes=29)) == 0
    assert operations.tally_searches(sas=land.sas, at=LATER) == 1
    assert operations.tally_searches(sas=land.sas, at=LATER) == 0
    make.searched(make.request(land), land, at=AT + timedelta(minutes=10))
    assert operations.tally_searches(sas=land.sas, at=LATER) == 1
    assert [times for *_, times in tally()] == [2]


def test_someone_placed_first_and_not_chosen_is_told_apart_from_someone_outranked(land: make.Territory):
    first, second = make.doctor(land, "A première"), make.doctor(land, "B seconde")
    make.slot(first, 1)
    make.held(make.request(land), second, make.slot(second, 5), land)
    assert RankingChoice.objects.get().first is False
    operations.tally_searches(sas=land.sas, at=LATER)
    assert tally() == [("passed_over", 4, 4, 1), ("chosen", 4, 4, 1)]


def test_a_doctor_of_two_places_is_met_once_by_the_better_outcome():
    output = {
        "levels": [
            {"number": 1, "state": "waiting", "proposals": [{"candidate": "p1@10"}]},
            {
                "number": 2,
                "state": "open",
                "proposals": [{"candidate": "p1@11", "others": [{"candidate": "p1@12"}]}, {"candidate": "s4@9"}],
            },
        ],
        "refusals": [
            {"candidate": "p1@13", "reason": "too_far"},
            {"candidate": "p2@14", "reason": "modality"},
            {"candidate": "p2@15", "reason": "absent"},
        ],
    }
    found = met(output, without_offer=[3], chosen="s4@9")
    assert found == {1: Met("passed_over", 2, 2), 2: Met("absent"), 3: Met("no_seat")}
    assert met(output, without_offer=[], chosen=None, shown=0)[1] == Met("further", 2, 0)
    assert met(output, without_offer=[], chosen="p1@12")[1] == Met("chosen", 2, 2)
    assert met(output, without_offer=[], chosen=None)[1] == Met("proposed", 2, 0)


def test_hours_are_those_the_sas_could_see_and_an_overlap_is_one_time(land: make.Territory):
    place = make.doctor(land, shows_public_slots=False)
    before = AT - timedelta(hours=5)
    make_slot(place, before, before + timedelta(hours=1))
    kept = {"status": Slot.Status.WITHDRAWN, "taken": 1, "capacity": 3}  # of an earlier rule, with its patient
    make_slot(place, before + timedelta(minutes=30), before + timedelta(hours=2), **kept)
    make_slot(place, before + timedelta(hours=2), before + timedelta(hours=3), audience="PUBLIC")
    make_slot(place, before + timedelta(hours=3), before + timedelta(hours=4), status=Slot.Status.WITHDRAWN)
    make_slot(place, AT + timedelta(hours=1), AT + timedelta(hours=2))  # not yet
    assert operations.count_offered_days(sas=land.sas, at=AT) == 1
    day = OfferedDay.objects.get()
    assert (day.day, day.minutes, day.seats) == (date(2026, 11, 17), 120, 4)


def test_counting_the_days_again_corrects_the_last_two_and_adds_nothing(land: make.Territory):
    place = make.doctor(land)
    start = AT - timedelta(hours=3)
    seat = make_slot(place, start, start + timedelta(hours=1))
    operations.count_offered_days(sas=land.sas, at=AT)
    operations.count_offered_days(sas=land.sas, at=LATER)
    assert OfferedDay.objects.count() == 1
    Slot.objects.filter(pk=seat.pk).update(status=Slot.Status.WITHDRAWN)
    operations.count_offered_days(sas=land.sas, at=LATER)
    assert OfferedDay.objects.count() == 0


def test_solicitations_are_told_against_the_hours_offered_for_each_doctor(land: make.Territory):
    """Complaint 4: registered but never called. Each doctor's solicitations stand beside the hours they gave."""
    asked, idle = make.doctor(land, "Asked", accepts_overbooking=True, overbooking_per_day=2), make.doctor(land, "Idle")
    for place in (asked, idle):
        make_slot(place, AT - timedelta(hours=4), AT - timedelta(hours=2))
    make.booked(make.request(land), asked, make.slot(asked, 1, minutes=60), land)
    request = make.request(land)
    operations.ask_overbooking(request=request, professional=asked.professional, answer="complet", by=land.osnp, at=AT)

    found = counted(land)
    line = {line.person.sorted_as: line for line in found.lines}
    first, second = line["asked helene"], line["idle helene"]
    assert (first.hours, first.seats, first.chosen, first.outside, first.rate) == (3.0, 2, 1, 1, 2 / 3)
    assert (second.hours, second.seats, second.solicitations, second.rate) == (2.0, 1, 0, 0.0)
    assert found.gini == pytest.approx(0.4)
    week = found.weeks[-1]
    assert (week.monday, week.offering, week.solicitations, week.running) == (date(2026, 11, 16), 2, 2, True)
    assert week.gini == pytest.approx(0.4)
    assert all(earlier.gini is None for earlier in found.weeks[:-1])


def causes(found: Equity) -> dict[str, str]:
    return {never.line.person.sorted_as.removesuffix(" helene"): never.cause.title for never in found.never}


def test_registered_but_never_called_says_why_for_each(land: make.Territory):
    """Complaint 4: registered but never called. The reason of each is counted in the searches that are logged."""
    best = make.doctor(land, "Choisi")
    make.doctor(land, "Sans heure")
    beaten, away, distant = (
        make.doctor(land, name, km=km) for name, km in (("Second", 9), ("Absent", 4), ("Loin", 90))
    )
    for place in (beaten, away, distant):
        make.slot(place, 6)
        make_slot(place, AT - timedelta(hours=3), AT - timedelta(hours=2))
    make.absence(away.professional)
    account = make_user()
    grant(account, "effecteur", land.sas, start=AT - timedelta(days=3))
    stranger = make.doctor(land, "Sans part", participates=False).professional
    stranger.account = account
    stranger.save()
    nurse = make.doctor(land, "Infirmier").professional
    nurse.profession, nurse.specialty = "60", ""
    nurse.save()
    make_slot(nurse.places.get(), AT - timedelta(hours=3), AT - timedelta(hours=2))
    make.booked(make.request(land), best, make.slot(best, 1), land)

    found = counted(land)
    assert causes(found) == {
        "sans heure": "Aucune heure ouverte au SAS",
        "second": "Classé après un autre du même niveau",
        "absent": "Absent",
        "loin": "Hors de la zone de toutes les recherches",
        "sans part": "Ne participe pas à ce SAS",
        "infirmier": "Aucune demande pour sa profession",
    }
    details = {never.line.person.sorted_as: never.cause.details for never in found.never}
    assert details["second helene"] == ("proposé au niveau 4, un autre choisi au même niveau : une fois",)
    assert details["loin helene"] == ("hors de la zone lue par la recherche : une fois",)


def test_someone_mostly_out_of_the_zone_is_not_said_to_be_always_so(land: make.Territory):
    near, distant = make.doctor(land, "Choisi"), make.doctor(land, "Loin", km=90)
    make_slot(distant, AT - timedelta(hours=3), AT - timedelta(hours=2))
    make.booked(make.request(land), near, make.slot(near, 1), land)
    for number in range(2):
        make.searched(make.request(land), land, at=AT + timedelta(minutes=number))
    make.searched(make.request(land, lat=make.HERE[0] + 90 * make.KM_NORTH), land)
    (never,) = counted(land).never
    assert never.cause.title == "Le plus souvent hors de la zone des recherches"
    assert never.cause.details[-1] == "hors de la zone lue par la recherche : 3 fois"


def test_out_ranked_says_by_which_level(land: make.Territory):
    sos = make.structure(land, "SOS", "SOS Médecins 86")
    place = make.doctor(land, "Tard")
    make.slot(place, 3)
    make_slot(place, AT - timedelta(hours=3), AT - timedelta(hours=2))
    request = make.request(land)
    view = make.searched(request, land)
    level = next(
        level for level in view.levels for p in level.proposals if p.candidate == f"s{sos.structure_id}@{sos.pk}"
    )
    if not level.is_open:
        view = make.searched(request, land, opened_levels=frozenset({level.number}), opening_reason="à domicile")
    operations.record_contact(
        request=request,
        ranking=view.ranking_id,
        candidate=f"s{sos.structure_id}@{sos.pk}",
        by=land.osnp,
        at=AT,
        reason="à domicile",
    )
    titles = causes(counted(land))
    mine = next(level for level in view.levels for p in level.proposals if p.place_id == place.pk)
    expected = f"Classé après le niveau {level.number}"
    if mine.number < level.number:
        expected = "Placé avant celui qui a été choisi avec un motif écrit"
    assert titles["tard"] == expected


def test_filters_keep_a_cpts_a_profession_or_a_commune(land: make.Territory):
    make.doctor(land, "Membre", member_of=(land.cpts,))
    make.doctor(land, "Autre")
    assert [line.person.sorted_as for line in counted(land, cpts="CPTS Sud Vienne").lines] == ["membre helene"]
    assert len(counted(land, commune="Poitiers").lines) == 2
    assert counted(land, profession="60").lines == ()


def test_another_sas_is_not_counted(land: make.Territory):
    make.slot(make.doctor(land))
    make.searched(make.request(land), land)
    other = make.territory("16")
    assert operations.tally_searches(sas=other.sas, at=LATER) == 0
    assert counted(other).lines == ()
    assert operations.tally_searches(sas=land.sas, at=LATER) == 1


def test_a_ranking_of_long_ago_is_left_out(land: make.Territory):
    make.slot(make.doctor(land))
    make.searched(make.request(land), land)
    assert operations.tally_searches(sas=land.sas, at=AT + timedelta(days=120)) == 0
    assert RankingLog.objects.count() == 1
