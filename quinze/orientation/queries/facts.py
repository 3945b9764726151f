"""What a search knows before it looks at the offer, in one exchange with PostgreSQL: the charter in force, what the SAS
set for itself, the CPTS of the commune with who is on duty, the structures of the referring doctor.
"""

from dataclasses import dataclass
from datetime import datetime
from json import loads
from zoneinfo import ZoneInfo

from quinze.base.errors import Refusal
from quinze.directory.queries import SURROUNDINGS, Surroundings, surroundings_days, surroundings_told
from quinze.orientation.models import CharterVersion, OrientationRequest
from quinze.orientation.queries.charters import NO_CHARTER
from quinze.orientation.queries.rota import ON_DUTY_ROWS, Duty, duty_from
from quinze.orientation.queries.statements import rows
from quinze.orientation.referring import referring_for

COLUMNS = ("id", "sas_id", "number", "title", "status", "published_at")
STATEMENT = f"""
SELECT {", ".join(f"charter.{name}" for name in COLUMNS)}, {SURROUNDINGS},
    (SELECT json_agg(json_build_array(structure_id, professional_id, is_full))::text FROM ({ON_DUTY_ROWS}) turn),
    (SELECT json_agg(json_build_array(theirs.structure_id, theirs.professional_id))::text
        FROM directory_membership mine
        JOIN directory_structure house ON house.id = mine.structure_id AND house.kind IN ('MSP', 'CDS', 'CABINET')
        JOIN directory_membership theirs ON theirs.structure_id = mine.structure_id
        WHERE mine.professional_id = %(doctor)s AND (mine.during @> %(at)s::timestamptz) IS TRUE
            AND (theirs.during @> %(at)s::timestamptz) IS TRUE)
FROM (SELECT) AS one
LEFT JOIN orientation_charterversion charter ON charter.sas_id = %(sas)s
    AND charter.in_force @> %(at)s::timestamptz AND charter.status <> 'draft'
"""  # noqa: S608  (constants only)


@dataclass(frozen=True, slots=True)
class ReferringDoctor:
    """Or the referring nurse, where a nurse is looked for."""

    professional_id: int | None = None
    structure_ids: frozenset[str] = frozenset()
    colleague_ids: tuple[int, ...] = ()  # of the structures that this doctor shares

    @property
    def ids(self) -> frozenset[str]:
        return frozenset() if self.professional_id is None else frozenset({f"p{self.professional_id}"})


@dataclass(frozen=True, slots=True)
class Facts:
    in_force: CharterVersion | None  # without its text, which `parsed_charter` reads once a process
    around: Surroundings
    duty: Duty
    referring: ReferringDoctor

    @property
    def charter(self) -> CharterVersion:
        if self.in_force is None:
            raise Refusal(NO_CHARTER, code="no_charter")
        return self.in_force


def facts_of(request: OrientationRequest, *, at: datetime, profession: str = "") -> Facts:
    """Of this request at this instant, of another profession than the one asked for where that one is looked for.
    `charter` raises Refusal where none is in force."""
    sas, doctor = request.sas, referring_for(profession or request.profession).id_of(request.patient)
    first, last = surroundings_days(at)
    values = {
        "sas": sas.pk, "at": at, "first": first, "last": last, "commune": request.commune_id or "",
        "day": at.astimezone(ZoneInfo(sas.zone)).date(), "doctor": doctor or 0,
    }  # fmt: skip
    *version, chosen, hours, closures, turns, shared = rows(STATEMENT, values)[0]
    charter = None
    if version[0] is not None:
        charter = CharterVersion.from_db(None, COLUMNS, version)
        charter.sas = sas
    return Facts(
        charter, surroundings_told(sas, chosen, hours, closures), duty_from(loads(turns or "[]")),
        _referring(doctor, loads(shared or "[]")),
    )  # fmt: skip


def _referring(doctor: int | None, shared: list[tuple[int, int]]) -> ReferringDoctor:
    if doctor is None:
        return ReferringDoctor()
    structures = frozenset(str(structure) for structure, _ in shared)
    return ReferringDoctor(doctor, structures, tuple(sorted({colleague for _, colleague in shared} - {doctor})))
