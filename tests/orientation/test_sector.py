"""Conventionnement: shown on a proposal, narrows a search when asked, and never orders anybody."""

import pytest
from django.test import Client
from django.urls import reverse

from quinze.base import clock
from quinze.orientation import operations, queries
from quinze.orientation.models import RankingLog
from quinze.orientation.queries.inputs import gather
from tests.factories import orientation as make
from tests.factories.accounts import login

pytestmark = pytest.mark.django_db


@pytest.fixture
def land() -> make.Territory:
    """Three doctors, sector 2 the earliest, and a duty house."""
    made = make.territory(at=clock.now())
    for rank, (name, sector) in enumerate((("Verdier", "2"), ("Sittelle", "1"), ("Huppe", ""))):
        make.slot(make.doctor(made, name, sector=sector), 2 + rank, at=clock.now())
    make.structure(made, "MMG", "Maison médicale de garde")
    return made


def names(view: queries.SearchView) -> list[str]:
    return [proposal.label.rpartition(" ")[2] for level in view.levels for proposal in level.proposals]


def test_it_narrows_to_one_and_keeps_the_order_and_the_structures(land: make.Territory) -> None:
    at = clock.now()
    request = make.request(land, at=at)

    everyone, narrowed = make.searched(request, land, at=at), make.searched(request, land, at=at, sector="1")

    assert names(everyone)[:3] == ["Verdier", "Sittelle", "Huppe"]
    assert names(narrowed) == [name for name in names(everyone) if name not in ("Verdier", "Huppe")]
    log = RankingLog.objects.get(pk=narrowed.ranking_id)
    assert queries.options_of(log).sector == "1"
    assert names(queries.view_of(log)) == names(narrowed)
    read = gather(request=request, charter=land.charter, options=operations.SearchOptions(sector="1"), at=at)
    assert {each.label.rpartition(" ")[2] for each in read.inputs.candidates} == {"Sittelle", "garde"}


def test_who_is_left_out_is_told_why(land: make.Territory) -> None:
    at = clock.now()
    request = make.request(land, at=at)
    log = RankingLog.objects.get(pk=make.searched(request, land, at=at, sector="1").ranking_id)
    doctor = land.sas.participations.get(professional__family_name="Verdier").professional
    assert doctor

    why = queries.why_not(log=log, professional=doctor)

    assert (why.reason, "secteur 1" in why.sentence) == ("sector", True)


def test_the_osnp_reads_it_on_the_line_and_filters_by_it(land: make.Territory) -> None:
    request = make.request(land, at=clock.now())
    page = login(Client(), land.osnp)
    page.post(reverse("orientation:claim", args=[request.pk]))
    search, one = (reverse(f"orientation:{name}", args=[request.pk]) for name in ("search", "request"))

    assert "</strong>, Poitiers, secteur 2" in page.get(one).content.decode()
    shown = page.post(search, {"max_km": "", "sector": "1"}, follow=True).content.decode()
    assert "Sittelle" in shown
    assert "Verdier" not in shown
    assert page.post(search, {"max_km": "", "sector": "pigeon"}).status_code == 422
