"""Slot: one time that can be given. Written from a mould: only its key and its two instants differ."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from quinze.base import codes
from quinze.interop.fhir.facts import CODES, EXTENSIONS, SYSTEMS, Resource, concept, meta, octets, reference

HOLE = "\ue000"  # a character of nobody's alphabet: no text that we send holds it
SPECIALTIES = "specialties"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sort(NamedTuple):
    """What thousands of slots have in common. `profile`: its name in our facts; `cpts`: whose service is named."""

    profile: str
    label: str
    modalities: tuple[str, ...]
    cpts: int | None
    reasons: str
    specialties: tuple[str, ...]
    kind: str


def specialties_of(stated: Sequence[str] | None, own: str) -> tuple[str, ...]:
    """Those of the slot, or the professional's; of the official list only, its binding being required."""
    return _listed(stated or ()) or _listed([own])


def _listed(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in given if codes.find(SPECIALTIES, code))


def instant(milliseconds: int, zone: str) -> str:
    """Milliseconds and a numeric offset, never Z."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")


@lru_cache(maxsize=8192)
def _instant(milliseconds: int, zone: str) -> bytes:
    """Kept: the agendas of a territory begin at the same instants."""
    return instant(milliseconds, zone).encode()


def service_types(modalities: Sequence[str], cpts: int | None, reasons: str) -> list[Resource]:
    found = [concept("act", modality) for modality in modalities]
    if cpts is not None:
        service = {"url": EXTENSIONS["slot_service"], "valueReference": reference("HealthcareService", str(cpts))}
        found.append({"extension": [service]} | concept("structure_kind", CODES["cpts"]))
    said = reasons.replace(HOLE, "").strip()
    return [*found, {"text": said}] if said else found


def slot(sort: Sort, *, key: str, schedule: str, start: str, end: str, url: str) -> Resource:
    made: Resource = {
        "resourceType": "Slot",
        "id": key,
        "meta": meta(sort.profile) | {"security": [{"system": SYSTEMS["slot_type"], "code": sort.label}]},
        "serviceType": service_types(sort.modalities, sort.cpts, sort.reasons),
    }
    if sort.specialties:
        made["specialty"] = [concept("specialty", code) for code in sort.specialties]
    return made | {
        "appointmentType": concept("appointment_type", "WALKIN" if sort.kind == "plage" else "ROUTINE"),
        "schedule": reference("Schedule", schedule),
        "status": "free",
        "start": start,
        "end": end,
        "comment": url,
    }


@lru_cache(maxsize=2048)
def _pieces(sort: Sort, of: str, mode: str) -> tuple[bytes, ...]:
    """The entry, cut where its key (twice), its agenda, its instants and its address come."""
    resource = slot(sort, key=HOLE, schedule=HOLE, start=HOLE, end=HOLE, url=HOLE)
    entry = {"fullUrl": f"{of}/Slot/{HOLE}", "resource": resource, "search": {"mode": mode}}
    return tuple(octets(entry).split(HOLE.encode()))


class Mould:
    """The entry of a Bundle for slots of one sort in one agenda, which differ by key and instants only."""

    __slots__ = ("_after", "_before", "_then", "_to_end", "_to_start", "_zone")

    def __init__(self, sort: Sort, *, of: str, mode: str, schedule: str, url: str, zone: str) -> None:
        self._before, self._then, to_schedule, to_start, self._to_end, to_url, after = _pieces(sort, of, mode)
        self._to_start = to_schedule + octets(schedule)[1:-1] + to_start
        self._after = to_url + octets(url)[1:-1] + after
        self._zone = zone

    def entry(self, key: int, start: int, end: int) -> bytes:
        digits, zone = b"%d" % key, self._zone
        return b"".join(
            (self._before, digits, self._then, digits, self._to_start, _instant(start, zone), self._to_end,
             _instant(end, zone), self._after)
        )  # fmt: skip
