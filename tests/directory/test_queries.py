import pytest

from quinze.directory import queries
from quinze.directory.models import StructureCommune
from tests.factories import directory as make

pytestmark = pytest.mark.django_db


def names(rows):
    return [str(row) for row in rows]


@pytest.fixture
def vienne():
    poitiers = make.commune("Poitiers", population=90_000, postal_codes=["86000"])
    benoit = make.commune("Saint-Benoît", population=7_000, postal_codes=["86280"], search_name="saint benoit")
    return make.sas(communes=(poitiers, benoit))


def test_communes_of_the_sas_come_first_then_the_most_peopled(vienne):
    make.commune(
        "Saint-Benoît", departement="974", population=37_000, postal_codes=["97470"], search_name="saint benoit"
    )
    make.commune("Saint-Bénigne", departement="01", population=1_200, search_name="saint benigne")
    found = queries.search_communes("st ben", sas=vienne)
    assert [(c.name, c.departement_id) for c in found] == [
        ("Saint-Benoît", "86"),
        ("Saint-Benoît", "974"),
        ("Saint-Bénigne", "01"),
    ]


@pytest.mark.parametrize("typed", ["poi", "POITIERS", "Poîtiers ", "86000", "860", "86"])
def test_a_commune_is_found_by_name_or_postal_code(vienne, typed):
    assert names(queries.search_communes(typed, sas=vienne))[0] == "Poitiers"


@pytest.mark.parametrize(
    "typed", ["", "p", " ' ", "zzz", "99999", "97", "100%", "_oitiers", "p.*", "\x00", "9" * 300, "a" * 300]
)
def test_nothing_wrong_typed_finds_or_breaks(vienne, typed):
    assert queries.search_communes(typed, sas=vienne) == []


def test_a_word_inside_the_name_is_enough_in_ones_own_territory(vienne):
    assert names(queries.search_communes("benoit", sas=vienne)) == ["Saint-Benoît"]
    assert queries.search_communes("benoit") == []


def test_an_exact_name_wins_over_a_bigger_longer_one(vienne):
    make.commune("Poix", departement="80", population=100)
    make.commune("Poix-de-Picardie", departement="80", population=2_000)
    assert names(queries.search_communes("poix", sas=vienne))[0] == "Poix"


def test_search_takes_three_queries_at_most(vienne, django_assert_max_num_queries):
    for number in range(20):
        make.commune(f"Poi {number}", departement="17")
    with django_assert_max_num_queries(2):
        assert len(queries.search_communes("poi", sas=vienne)) == 8


def test_people_are_found_by_words_of_their_name_in_any_order():
    rose = make.professional("Aubépine-Houx", "Rose")
    make.professional("Houblon", "Jean")
    for typed in ("aubepine", "rose aub", "Houx Rose", "AUBÉPINE-HOUX"):
        assert queries.search_professionals(typed) == [rose]
    assert queries.search_professionals("x") == queries.search_professionals("ubépine") == []


def test_the_family_name_comes_before_the_given_name():
    given = make.professional("Buis", "Rose")
    family = make.professional("Rosey", "Anne")
    assert queries.search_professionals("rose") == [family, given]


def test_people_are_found_by_their_identifier_with_or_without_prefix():
    rose = make.professional()
    assert queries.search_professionals(str(rose.rpps)) == queries.search_professionals(f"8{rose.rpps}") == [rose]


def test_nearest_first_and_closed_places_do_not_count():
    near, far, closed = (make.professional("Houx", name) for name in ("Anne", "Basile", "Chloé"))
    town, village = make.commune(lat=46.58, lon=0.34), make.commune("Loudun", lat=47.0, lon=0.08)
    make.place(far, village)
    make.place(near, town)
    make.place(closed, town, is_active=False)
    found = queries.search_professionals("houx", near=(46.6, 0.34))
    assert found == [near, far]
    assert found[0].distance_km == pytest.approx(2.2, abs=0.1)
    assert queries.search_professionals("houx", near=(46.6, 0.34), within_km=10) == [near]
    assert [place.commune for place in found[0].active_places] == [town]


def test_filters():
    gp, nurse = make.professional("Houx", "Anne"), make.professional("Houx", "Basile", profession="60", specialty="")
    make.place(gp, make.commune())
    assert queries.search_professionals("houx", profession="60") == [nurse]
    assert queries.search_professionals("houx", specialties=["SM54"]) == [gp]
    assert queries.search_professionals("houx", departements=["86"]) == [gp]
    assert queries.search_referring_doctor("houx") == [gp]


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_queries_for_three_as_for_one(count, django_assert_num_queries):
    commune = make.commune()
    for number in range(count):
        make.place(make.professional("Houx", f"Anne {number}"), commune)
    with django_assert_num_queries(2):
        found = queries.search_professionals("houx")
        assert [place.commune.name for person in found for place in person.active_places] == ["Poitiers"] * count


def test_structures_are_found_without_accents():
    msp = make.structure(name="MSP de l’Été – Châtellerault")
    assert queries.search_structures("ete chatel") == [msp]
    assert queries.search_structures("été", kind="CPTS") == []


def test_cpts_of_a_commune():
    commune, cpts = make.commune(), make.structure("CPTS", "CPTS Sud Vienne")
    StructureCommune.objects.create(structure=cpts, commune=commune)
    assert list(queries.cpts_of(commune)) == [cpts]
    assert list(queries.cpts_of(make.commune("Loudun"))) == []
