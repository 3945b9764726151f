"""Slot: one time that can be given. Written as text from a mould: only its key and its two instants differ."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from quinze.base import codes
from quinze.interop.fhir.facts import CODES, EXTENSIONS, SYSTEMS, Resource, concept, meta, reference, text

PRIVATE = "\ue000"  # a character of nobody's alphabet: no text that we send holds it
KEY, START, END = f"{PRIVATE}key", f"{PRIVATE}start", f"{PRIVATE}end"
SPECIALTIES = "specialties"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def specialties_of(stated: Sequence[str] | None, own: str) -> tuple[str, ...]:
    """Those of the slot, or the professional's; of the official list only, its binding being required."""
    return _listed(stated or ()) or _listed([own])


def _listed(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in given if codes.find(SPECIALTIES, code))


@lru_cache(maxsize=8192)
def instant(milliseconds: int, zone: str) -> str:
    """Milliseconds and a numeric offset, never Z. Kept: the agendas of a territory begin at the same instants."""
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")


def service_types(modalities: Sequence[str], cpts: int | None, reasons: str) -> list[Resource]:
    found = [concept("act", modality) for modality in modalities]
    if cpts is not None:
        service = {"url": EXTENSIONS["slot_service"], "valueReference": reference("HealthcareService", str(cpts))}
        found.append({"extension": [service]} | concept("structure_kind", CODES["cpts"]))
    said = reasons.replace(PRIVATE, "").strip()
    return [*found, {"text": said}] if said else found


def slot(
    *,
    profile: str,
    label: str,
    services: list[Resource],
    specialties: Sequence[str],
    kind: str,
    schedule: str,
    url: str,
) -> Resource:
    """The whole resource, its key and instants being those of the mould."""
    made: Resource = {
        "resourceType": "Slot",
        "id": KEY,
        "meta": meta(profile) | {"security": [{"system": SYSTEMS["slot_type"], "code": label}]},
        "serviceType": services,
    }
    if specialties:
        made["specialty"] = [concept("specialty", code) for code in specialties]
    return made | {
        "appointmentType": concept("appointment_type", "WALKIN" if kind == "plage" else "ROUTINE"),
        "schedule": reference("Schedule", schedule),
        "status": "free",
        "start": START,
        "end": END,
        "comment": url,
    }


class Mould:
    """The entry of a Bundle for slots that differ by key and instants only."""

    def __init__(self, resource: Resource, *, full_url: str, mode: str, zone: str) -> None:
        entry = {"fullUrl": f"{full_url}{KEY}", "resource": resource, "search": {"mode": mode}}
        self._before, rest = text(entry).split(KEY, 1)
        self._then, rest = rest.split(KEY, 1)
        self._to_start, rest = rest.split(START, 1)
        self._to_end, self._after = rest.split(END, 1)
        self._zone = zone

    def entry(self, key: int, start: int, end: int) -> str:
        return (
            f"{self._before}{key}{self._then}{key}{self._to_start}{instant(start, self._zone)}"
            f"{self._to_end}{instant(end, self._zone)}{self._after}"
        )
