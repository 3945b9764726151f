import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice
from pathlib import Path

from django.db import connection, transaction

from quinze.accounts.actor import Actor
from quinze.accounts.models import Sas
from quinze.base.errors import Refusal
from quinze.directory.extraction import activity, columns, first_load, merge, reading
from quinze.directory.models import Commune, DirectoryChange, SasCommune
from quinze.directory.names import commune_key

BATCH = 5_000
FEWEST_TO_DOUBT = 50
DOUBTFUL_SHARE = 0.2
Advance = Callable[[int], None]


@dataclass(slots=True)
class ImportReport:
    lines: int = 0
    outside: int = 0  # of another département
    loaded: int = 0
    people: int = 0  # added or changed, as below
    structures: int = 0
    places: int = 0
    memberships: int = 0
    closed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        return self.people + self.structures + self.places + self.memberships + self.closed


def import_directory(
    path: Path,
    *,
    departements: Iterable[str] = (),
    sas: Sas | None = None,
    refused_to: Path | None = None,
    accept_departures: bool = False,
    by: Actor | None,
    at: datetime,
    advance: Advance = lambda _: None,
) -> ImportReport:
    """Load the lines of those départements, or of the communes of that SAS: all of them, or nothing.

    Lines refused are written to `refused_to` with their number and the reason. Places of the register that are no
    longer in the file are closed, unless they are so many that the file must be incomplete.
    """
    scope = _scope(frozenset(departements), sas)
    report = ImportReport()
    with transaction.atomic(), reading.opened(path) as (file, _), _Refusals(refused_to) as refusals:
        merge.create_table()
        _load(reading.lines(file), scope, report, refusals, advance)
        _merge(scope, report, at=at, accept_departures=accept_departures)
        merge.drop_table()
        _record(path, scope, report, sas=sas, by=by, at=at)
    return report


def _scope(departements: frozenset[str], sas: Sas | None) -> activity.Scope:
    covered = frozenset(SasCommune.objects.filter(sas=sas).values_list("commune_id", flat=True)) if sas else None
    insee: dict[str, str] = {}
    by_postal: dict[str, dict[str, str]] = defaultdict(dict)
    for code, departement, name, postal_codes in Commune.objects.values_list(
        "insee", "departement_id", "search_name", "postal_codes"
    ):
        insee[code] = departement
        for postal_code in postal_codes:
            by_postal[postal_code][commune_key(name)] = code
    wanted = departements or frozenset(insee[code] for code in covered or ())
    if unknown := wanted - set(insee.values()):
        raise Refusal(f"Départements inconnus : {', '.join(sorted(unknown))}.", code="departement")
    if not wanted:
        raise Refusal("Dites quels départements charger, ou quel SAS.", code="departement")
    return activity.Scope(wanted, insee, by_postal, covered)


def _load(
    lines: Iterator[str], scope: activity.Scope, report: ImportReport, refusals: "_Refusals", advance: Advance
) -> None:
    scope.read_header(next(lines, ""))
    numbers = count(2)
    with connection.cursor() as cursor, cursor.copy(merge.COPY) as copy:
        while batch := list(islice(lines, BATCH)):
            rows = [_row(line, number, scope, report, refusals) for line, number in zip(batch, numbers)]  # noqa: B905
            copy.write("".join(rows))
            report.lines += len(batch) - batch.count("")
            report.loaded += len(rows) - rows.count("")
            advance(len(batch))
    if not report.loaded:
        raise Refusal("Aucune ligne à charger : le fichier n’a rien de ces départements.", code="nothing")


def _row(line: str, number: int, scope: activity.Scope, report: ImportReport, refusals: "_Refusals") -> str:
    """What to copy; nothing for an empty line, one of elsewhere, or one refused."""
    if not line:
        return ""
    try:
        cells = line.split(columns.SEPARATOR)
        if len(cells) < scope.fewest:
            raise activity.Refused("colonnes manquantes")
        if scope.wants(cells):
            return merge.encode(activity.read(line, cells, number, scope))
        report.outside += 1
    except activity.Refused as refused:
        report.refused[str(refused)] += 1
        refusals.add(number, str(refused), line[:40])
    return ""


def _merge(scope: activity.Scope, report: ImportReport, *, at: datetime, accept_departures: bool) -> None:
    merge.prepare()
    departements = sorted(scope.departements)
    communes = sorted(scope.communes) if scope.communes is not None else None
    absent, known = merge.count_departures(departements, communes)
    if absent > FEWEST_TO_DOUBT and absent > DOUBTFUL_SHARE * known and not accept_departures:
        raise Refusal(
            f"{absent} lieux connus sur {known} manquent dans ce fichier : il est sans doute incomplet."
            " Rien n’a été chargé. S’il est bon, relancez avec --accept-departures.",
            code="departures",
        )
    with first_load.lightened():
        report.people = merge.merge_people(at)
        report.structures = merge.merge_structures()
        report.places = merge.merge_places()
    report.memberships = merge.merge_memberships(at)
    report.closed = merge.close_departures(departements, communes)


def _record(
    path: Path, scope: activity.Scope, report: ImportReport, *, sas: Sas | None, by: Actor | None, at: datetime
) -> None:
    if not report.changed:
        return
    DirectoryChange.objects.create(
        sas=sas or (by.sas if by else None),
        by=by.user if by else None,
        role=by.role if by else "",
        at=at,
        subject="extraction",
        action="Extraction de l’Annuaire Santé chargée",
        details={
            "file": path.name,
            "departements": sorted(scope.departements),
            "lines": report.loaded,
            "refused": sum(report.refused.values()),
            "changed": report.changed,
        },
    )


class _Refusals:
    """The file of refused lines, opened only when one is."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.rows: list[tuple[int, str, str]] = []

    def __enter__(self) -> "_Refusals":
        return self

    def add(self, line: int, reason: str, what: str) -> None:
        self.rows.append((line, reason, what))

    def __exit__(self, *error: object) -> None:
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["ligne", "motif", "identifiant"])
            writer.writerows(self.rows)
