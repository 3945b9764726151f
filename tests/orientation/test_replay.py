from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, transaction

from quinze.availability.models import Slot
from quinze.base.errors import Refusal
from quinze.orientation import operations, queries
from quinze.orientation.models import RankingLog
from quinze.science.ranking import ranking_to_json
from tests.factories import orientation as make

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    return make.territory()


@pytest.fixture
def log(land: make.Territory) -> RankingLog:
    for hours in (9, 3, 6):
        make.slot(make.doctor(land, f"Dans {hours} h", km=hours), hours)
    make.doctor(land, "Complet")
    request = make.request(land)
    make.searched(request, land)
    return queries.latest_ranking(request)


def explained(*arguments: object) -> str:
    out = StringIO()
    call_command("explain_orientation", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_log_replays_to_the_same_answer_whatever_became_of_the_seats(log: RankingLog):
    Slot.objects.update(status="withdrawn")
    assert ranking_to_json(queries.ranking_from(log)) == log.output
    assert [p.label for p in queries.view_of(log).levels[3].proposals] == [
        "Dr Hélène Dans 3 h",
        "Dr Hélène Dans 6 h",
        "Dr Hélène Dans 9 h",
    ]


def test_the_command_explains_and_says_that_the_replay_is_identical(log: RankingLog):
    text = explained(log.pk)
    assert "Médecins participants : niveau 4 ouvert" in text
    assert "1. Dr Hélène Dans 3 h : niveau 4, Médecins participants, 3,0 km" in text
    assert text.endswith("rejoué à l’identique\n")
    assert explained(log.request_id, "--demande") == text


def test_the_command_says_what_it_cannot_find():
    with pytest.raises(CommandError, match="Aucun classement numéro 999"):
        explained(999)


def test_a_log_is_never_changed(log: RankingLog):
    for change in (lambda: RankingLog.objects.update(seed="x"), lambda: RankingLog.objects.all().delete()):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_a_participant_without_any_seat_is_counted_and_explained(land: make.Territory, log: RankingLog):
    view = queries.view_of(log)
    assert [(row.reason, row.count) for row in view.refused] == [("no_seat", 1)]
    assert view.candidates == 4
    (full,) = queries.find_professionals(sas=land.sas, text="complet")
    found = queries.why_not(log=log, professional=full)
    assert (found.reason, found.km) == ("no_seat", 4.0)


def test_someone_who_takes_no_part_is_told_so(land: make.Territory, log: RankingLog):
    stranger = make.doctor(land, "Tranquille", participates=False).professional
    assert queries.why_not(log=log, professional=stranger).reason == "not_participating"


def test_opening_a_level_early_needs_a_reason_which_is_written(land: make.Territory):
    place = make.doctor(land, accepts_overbooking=True, overbooking_per_day=1)
    make.slot(make.doctor(land, "Libre"))
    request = make.request(land)
    assert not make.searched(request, land).levels[4].is_open
    with pytest.raises(Refusal) as refused:
        make.searched(request, land, opened_levels=frozenset({5}))
    assert refused.value.field == "opening_reason"
    for _ in range(2):
        view = make.searched(request, land, opened_levels=frozenset({5}), opening_reason="personne seule")
    level = view.levels[4]
    assert (level.state, level.proposals[0].professional_id) == ("opened_early", place.professional_id)
    (event,) = queries.events_of(request).filter(kind="widened")
    assert event.text == "Niveau 5 ouvert par avance : personne seule"
    assert operations.SearchOptions().opened_levels == frozenset()
