"""From the temporary table of lines to the directory: a few statements on whole sets, in one transaction.

Rows that people wrote or corrected here (source "quinze") are never touched; what the register says is theirs to keep.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from quinze.directory.extraction.activity import NULL, ROW

TABLE = "extraction_line"
COPY = f"COPY {TABLE} ({', '.join(ROW)}) FROM STDIN (NULL E'\\x{ord(NULL):02x}')"
_TYPES = {"line": "bigint", "phones": "varchar(20)[]"}
_PERSON = (
    "civility",
    "gender",
    "given_name",
    "family_name",
    "search_name",
    "profession",
    "specialty",
)
_PLACE = ("professional_id", "structure_id", "name", "address", "commune_id", "lat", "lon", "zone", "phones", "email")
_PLACE_UPDATED = (*_PLACE, "is_active")


def encode(row: tuple[str, ...]) -> str:
    """A line of COPY. No cell holds a tab or an end of line: only the backslash means something to PostgreSQL."""
    return "\t".join(row).replace("\\", r"\\") + "\n"


def create_table() -> None:
    columns = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in ROW)
    _execute(f"CREATE TEMP TABLE {TABLE} ({columns}) ON COMMIT DROP")


def drop_table() -> None:
    _execute(f"DROP TABLE {TABLE}")


def prepare() -> None:
    _execute(f"ANALYZE {TABLE}")
    _execute("SET LOCAL work_mem = '128MB'")
    _execute("SET LOCAL enable_nestloop = off")  # tables just loaded have no statistics: they would be taken for small


def merge_people(at: datetime) -> int:
    """Added or changed. A person has one line per activity and skill: the first line with a specialty speaks."""
    return sum(_merge_people_by(key, at) for key in ("rpps", "adeli", "idnps"))


def _merge_people_by(key: str, at: datetime) -> int:
    columns = ", ".join(_PERSON)
    return _execute(
        f"""
        INSERT INTO directory_professional AS old ({key}, {columns}, source, source_updated_at)
        SELECT DISTINCT ON ({key}) {key}, {columns}, 'annuaire', %s FROM {TABLE}
         WHERE {key} IS NOT NULL ORDER BY {key}, (specialty = ''), line
        ON CONFLICT ({key}) DO UPDATE SET {_taken(_PERSON)}, source_updated_at = excluded.source_updated_at
         WHERE old.source = 'annuaire' AND {_differs(_PERSON)}
        """,  # noqa: S608
        [at],
    )


def merge_structures() -> int:
    """Only those in which people practise together, or sell medicines: the others are a name on the place."""
    return _execute(
        f"""
        INSERT INTO directory_structure (kind, name, finess, siret, phone)
        SELECT DISTINCT ON (coalesce(finess, siret)) kind, structure_name, finess, siret, ''
          FROM {TABLE} line
         WHERE kind <> '' AND structure_name <> '' AND coalesce(finess, siret) IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM directory_structure s WHERE s.finess = line.finess)
           AND NOT EXISTS (SELECT 1 FROM directory_structure s WHERE s.siret = line.siret)
         ORDER BY coalesce(finess, siret), line
        ON CONFLICT DO NOTHING
        """  # noqa: S608
    )


def merge_places() -> int:
    """Added, changed or open again."""
    return _execute(
        f"""
        INSERT INTO directory_place AS old
               (activity_id, {", ".join(_PLACE)}, languages, information, is_active, source)
        SELECT DISTINCT ON (line.activity_id) line.activity_id,
               coalesce(by_rpps.id, by_adeli.id, by_card.id), coalesce(f.id, t.id), line.name, line.address, c.insee,
               c.lat, c.lon, c.zone, line.phones, line.email, '{{}}', '', true, 'annuaire'
          FROM {TABLE} line
          JOIN directory_commune c ON c.insee = line.insee
          LEFT JOIN directory_professional by_rpps ON by_rpps.rpps = line.rpps
          LEFT JOIN directory_professional by_adeli ON by_adeli.adeli = line.adeli
          LEFT JOIN directory_professional by_card ON by_card.idnps = line.idnps
          LEFT JOIN directory_structure f ON f.finess = line.finess
          LEFT JOIN directory_structure t ON t.siret = line.siret
         ORDER BY line.activity_id, line.line
        ON CONFLICT (activity_id) DO UPDATE SET {_taken(_PLACE_UPDATED)}
         WHERE old.source = 'annuaire' AND {_differs(_PLACE_UPDATED)}
        """  # noqa: S608
    )


def merge_memberships(at: datetime) -> int:
    """Those who practise in a health house or centre are its members, from now on; nobody is taken out."""
    return _execute(
        f"""
        INSERT INTO directory_membership (professional_id, structure_id, during)
        SELECT DISTINCT place.professional_id, place.structure_id, tstzrange(%s, NULL)
          FROM {TABLE} line
          JOIN directory_place place ON place.activity_id = line.activity_id
          JOIN directory_structure s ON s.id = place.structure_id AND s.kind IN ('MSP', 'CDS')
         WHERE NOT EXISTS (SELECT 1 FROM directory_membership m
                            WHERE m.professional_id = place.professional_id AND m.structure_id = s.id
                              AND m.during && tstzrange(%s, NULL))
        """,  # noqa: S608
        [at, at],
    )


def count_departures(departements: list[str], communes: list[str] | None) -> tuple[int, int]:
    """(places of the register absent from the file, places of the register known there)."""
    known = f"SELECT count(*) FROM directory_place place {_IN_SCOPE}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({known} AND {_ABSENT}), ({known})",  # in a FILTER, the file is read again for each place
            _scope(departements, communes) * 2,
        )
        counted: tuple[int, int] = cursor.fetchone()
        return counted


def close_departures(departements: list[str], communes: list[str] | None) -> int:
    return _execute(
        f"UPDATE directory_place SET is_active = false"  # noqa: S608
        f" WHERE id IN (SELECT place.id FROM directory_place place {_IN_SCOPE} AND {_ABSENT})",
        _scope(departements, communes),
    )


_IN_SCOPE = (
    "JOIN directory_commune c ON c.insee = place.commune_id"
    " WHERE place.source = 'annuaire' AND place.is_active"
    " AND c.departement_id = ANY(%s) AND (%s::text[] IS NULL OR c.insee = ANY(%s))"
)
# In a WHERE, NOT EXISTS is a join; past work_mem a NOT IN reads the whole file again for each place.
_ABSENT = f"NOT EXISTS (SELECT FROM {TABLE} line WHERE line.activity_id = place.activity_id)"


def _scope(departements: list[str], communes: list[str] | None) -> list[Any]:
    return [departements, communes, communes]


def _taken(columns: tuple[str, ...]) -> str:
    return ", ".join(f"{column} = {_fresh(column)}" for column in columns)


def _differs(columns: tuple[str, ...]) -> str:
    ours, theirs = (", ".join(values) for values in zip(*((f"old.{c}", _fresh(c)) for c in columns), strict=True))
    return f"({ours}) IS DISTINCT FROM ({theirs})"


def _fresh(column: str) -> str:
    """Some extractions carry no specialty: an absent one does not erase what is known."""
    return "coalesce(nullif(excluded.specialty, ''), old.specialty)" if column == "specialty" else f"excluded.{column}"


def _execute(statement: str, values: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        count: int = cursor.rowcount
        return max(0, count)
