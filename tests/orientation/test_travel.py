"""Minutes by road in places where a circle lies: bridges, ferries that are not roads, estuaries, islands overseas."""

import pytest

from quinze.orientation import operations, queries
from quinze.orientation.options import SearchOptions
from quinze.orientation.queries.charters import charter_required
from quinze.orientation.queries.logs import TRAVEL
from quinze.orientation.queries.looking import look, look_wider
from quinze.orientation.travel import TABLE, journeys_from, km_within, minutes_for
from quinze.science.distance import Density
from quinze.science.ranking import ranking_to_json
from tests.factories import orientation as make

PLACES = {
    "Saint-Pierre-d'Oléron": (45.943, -1.305), "Le Château-d'Oléron": (45.886, -1.193), "Marennes": (45.823, -1.105),
    "Le Palais (Belle-Île)": (47.347, -3.155), "Quiberon": (47.484, -3.12), "Ouessant": (48.457, -5.096),
    "Le Conquet": (48.36, -4.77), "Royan": (45.628, -1.028), "Le Verdon": (45.545, -1.062), "Soulac": (45.513, -1.123),
    "Saint-Denis (Réunion)": (-20.879, 55.448), "Saint-Pierre (Réunion)": (-21.339, 55.478),
    "Gustavia": (17.897, -62.85), "Marigot": (18.068, -63.083), "Philipsburg": (18.026, -63.046),
    "Pointe-à-Pitre": (16.241, -61.534), "Brest": (48.39, -4.486), "Crozon": (48.246, -4.489),
    "Poitiers": (46.58, 0.34), "Chauvigny": (46.569, 0.648),
}  # fmt: skip


def between(a: str, b: str) -> tuple[float | None, int | None]:
    return journeys_from(*PLACES[a], Density.SPARSE).to(*PLACES[b])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Quiberon", "Le Palais (Belle-Île)"), ("Le Conquet", "Ouessant"), ("Gustavia", "Marigot"),
        ("Gustavia", "Pointe-à-Pitre"), ("Saint-Denis (Réunion)", "Poitiers"), ("Pointe-à-Pitre", "Gustavia"),
    ],
)  # fmt: skip
def test_no_minutes_are_given_over_water_without_a_bridge(a: str, b: str):
    assert between(a, b) == (None, None)


def test_oleron_is_reached_by_its_bridge():
    km, minutes = between("Marennes", "Le Château-d'Oléron")
    assert 8 <= km <= 11
    assert 12 <= minutes <= 22
    further, _ = between("Marennes", "Saint-Pierre-d'Oléron")
    assert 17 <= further <= 22


def test_the_gironde_is_crossed_at_bordeaux_and_the_ferry_is_no_road():
    km, minutes = between("Royan", "Le Verdon")
    assert km > 150
    assert minutes > 200
    assert between("Le Verdon", "Soulac")[1] < 15


def test_the_roadstead_of_brest_is_gone_round():
    km, minutes = between("Brest", "Crozon")
    assert 38 <= km <= 50
    assert 55 <= minutes <= 85


def test_roads_inside_an_island_are_roads():
    assert 50 <= between("Saint-Denis (Réunion)", "Saint-Pierre (Réunion)")[0] <= 55
    assert between("Marigot", "Philipsburg")[1] < 20


def test_inland_the_estimate_is_the_one_of_the_roads_alone():
    km, minutes = between("Poitiers", "Chauvigny")
    assert minutes == minutes_for(km, density=Density.SPARSE)


def test_nobody_whom_the_road_reaches_in_time_is_outside_the_box_of_the_search():
    for minutes in (10, 20, 40, 90):
        reach = km_within(minutes, density=Density.SPARSE)
        assert minutes_for(reach + 0.1, density=Density.SPARSE) > minutes


@pytest.mark.django_db
def test_a_doctor_over_the_water_is_not_proposed_and_is_told_why():
    land = make.territory()
    place = make.doctor(land, "Palais")
    place.lat, place.lon = PLACES["Le Palais (Belle-Île)"]
    place.save()
    make.slot(place, 2)
    request = make.request(land, lat=PLACES["Quiberon"][0], lon=PLACES["Quiberon"][1])
    view = make.searched(request, land)
    assert view.first is None
    log = queries.latest_ranking(request)
    found = queries.why_not(log=log, professional=place.professional)
    assert found.reason == "too_far"
    assert log.inputs[TRAVEL] == TABLE


@pytest.mark.django_db
def test_a_search_that_finds_nobody_widens_by_minutes_and_can_be_taken_back():
    land = make.territory()
    make.slot(make.doctor(land, "Loin", km=30), 3)
    request = make.request(land)
    assert make.searched(request, land).first is None
    view = operations.search_or_widen(request=request, by=land.osnp, at=make.AT)
    assert (view.first.label, view.options.max_minutes) == ("Dr Hélène Loin", 60)
    (event,) = queries.events_of(request).filter(kind="widened_minutes")
    assert event.text == "Personne aux distances de la charte : recherche élargie à 60 min de route"
    back = operations.search(request=request, by=land.osnp, at=make.AT)
    assert (back.first, back.options.max_minutes) == (None, None)


@pytest.mark.django_db
def test_a_search_that_finds_somebody_is_not_widened():
    land = make.territory()
    make.slot(make.doctor(land, "Près", km=3), 3)
    request = make.request(land)
    view = operations.search_or_widen(request=request, by=land.osnp, at=make.AT)
    assert view.options.max_minutes is None
    assert not queries.events_of(request).filter(kind="widened_minutes").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("km", "minutes"), [(30, 60), (48, 90), (140, None)])
def test_what_widens_reads_once_and_proposes_what_a_search_at_that_distance_does(km, minutes):
    land = make.territory()
    for index, name in enumerate(("Aulne", "Bouleau", "Charme")):
        make.slot(make.doctor(land, name, km=km + index), 3 + index)
    request, charter = make.request(land), charter_required(sas=land.sas, at=make.AT)
    wider = look_wider(request=request, charter=charter, minutes=(60, 90), at=make.AT)
    if minutes is None:
        assert wider is None
        return
    found, options = wider
    assert options == SearchOptions(max_minutes=minutes)
    alone = look(request=request, charter=charter, options=options, at=make.AT)
    assert ranking_to_json(found.ranking) == ranking_to_json(alone.ranking)
    assert found.ranking.first is not None
