from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from quinze.directory import radius
from quinze.directory.geography import table
from quinze.directory.geography.zones import BY_DEPARTEMENT, DEFAULT
from quinze.directory.models import Commune, Departement

UPDATED = [column for column in table.COLUMNS if column != "insee"]


@dataclass(frozen=True, slots=True)
class GeographyReport:
    departements: int
    communes: int
    changed: int
    computed: bool
    positions: dict[str, int]


def load_geography(*, assets: Path, cache: Path) -> GeographyReport:
    """Fill départements and communes from the packages. Running it again changes only what changed."""
    areas, communes, computed = table.made(assets=assets, cache=cache)
    with transaction.atomic():
        departements = _load_departements(areas)
        changed = _load_communes(communes)
    return GeographyReport(departements, Commune.objects.count(), changed, computed, _positions())


def _load_departements(path: Path) -> int:
    facts = radius.published()
    nothing = radius.Published(None, None, None, None)
    rows = table.read(path)
    Departement.objects.bulk_create(
        [_departement(row, facts.get(row["code"], nothing)) for row in rows],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[field.name for field in Departement._meta.concrete_fields if field.name != "code"],
    )
    return len(rows)


def _departement(row: dict[str, str], facts: radius.Published) -> Departement:
    return Departement(
        **row,
        zone=BY_DEPARTEMENT.get(row["code"], DEFAULT),
        area_km2=facts.area_km2,
        gp_density_per_100k=facts.gp_density_per_100k,
        default_radius_km=facts.default_radius_km,
        published_radius_km=facts.radius_km,
    )


def _load_communes(path: Path) -> int:
    names = ", ".join(table.COLUMNS)
    fresh = ", ".join(f"{column} = excluded.{column}" for column in UPDATED)
    differs = (
        f"({', '.join(f'old.{c}' for c in UPDATED)}) IS DISTINCT FROM ({', '.join(f'excluded.{c}' for c in UPDATED)})"
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE fresh_commune (LIKE directory_commune) ON COMMIT DROP")
        with (
            path.open("rb") as file,
            cursor.copy(f"COPY fresh_commune ({names}) FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while chunk := file.read(1 << 18):
                copy.write(chunk)
        cursor.execute(
            f"INSERT INTO directory_commune AS old ({names}) SELECT {names} FROM fresh_commune"  # noqa: S608
            f" ON CONFLICT (insee) DO UPDATE SET {fresh} WHERE {differs}"
        )
        changed: int = cursor.rowcount
        cursor.execute("DROP TABLE fresh_commune")
        if changed:
            cursor.execute("ANALYZE directory_commune")
    return changed


def _positions() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position, count(*) FROM directory_commune GROUP BY position ORDER BY count(*) DESC")
        return dict(cursor.fetchall())
