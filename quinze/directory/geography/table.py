"""The computed table of communes, kept as a file beside the data so that it is computed once."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

from quinze.directory.geography import positions, sources
from quinze.directory.geography.zones import zone_of
from quinze.directory.names import commune_key

COLUMNS = (
    "insee",
    "name",
    "search_name",
    "postal_codes",
    "departement_id",
    "population",
    "lat",
    "lon",
    "position",
    "zone",
)
AREA_COLUMNS = ("code", "name", "region_code", "region")


def made(*, assets: Path, cache: Path) -> tuple[Path, Path, bool]:
    """Files of the départements and of the communes, and whether they had to be computed."""
    key = _fingerprint(assets)
    areas, communes = (cache / f"geography-{key}-{name}.csv" for name in ("areas", "communes"))
    if areas.exists() and communes.exists():
        return areas, communes, False
    read = sources.read(assets)
    found = positions.locate(read)
    cache.mkdir(parents=True, exist_ok=True)
    _write(areas, AREA_COLUMNS, ([a.code, a.name, a.region_code, a.region] for a in read.areas))
    _write(communes, COLUMNS, (_row(settlement, found[settlement.insee]) for settlement in read.settlements))
    return areas, communes, True


def _row(settlement: sources.Settlement, there: positions.Located) -> list[object]:
    return [
        settlement.insee,
        settlement.name,
        commune_key(settlement.name),
        "{" + ",".join(settlement.postal_codes) + "}",
        settlement.departement,
        settlement.population,
        there.lat,
        there.lon,
        there.position,
        zone_of(settlement.insee, settlement.departement),
    ]


def _write(path: Path, columns: tuple[str, ...], rows: Iterator[list[object]]) -> None:
    """Under another name first: a load that is killed leaves no half file to be believed."""
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    partial.replace(path)


def _fingerprint(assets: Path) -> str:
    """Changes with the packages and with the code that reads them."""
    state = [f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in sources.paths(assets)]
    code = [path.read_text() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256("\n".join(state + code).encode()).hexdigest()[:12]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
