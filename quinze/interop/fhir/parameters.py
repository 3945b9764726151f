"""Search parameters of the two agenda requests, read strictly: a filter that is not understood is never left aside."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from quinze.interop.fhir.facts import IDENTIFIERS
from quinze.interop.fhir.http import Problem

ZONE = ZoneInfo("Europe/Paris")  # of an instant written without offset
MOST_IDENTIFIERS = 25
MOST_PARAMETERS = 40
LONGEST_WINDOW = timedelta(days=31)
LONGEST_VALUE = 64
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)
INCLUDES = ("_include", "_include:iterate", "_include:recurse")
REVERSE = ("_revinclude", "_revinclude:iterate")
NEUTRAL = ("_count", "_format", "_pretty")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Names:
    """How one request spells its parameters."""

    start: str
    status: str
    identifiers: str
    system: str
    includes: Mapping[str, str]  # folded → the name in the code
    reverse: Mapping[str, str]

    @property
    def known(self) -> frozenset[str]:
        reverse = REVERSE if self.reverse else ()
        return frozenset([self.start, self.status, self.identifiers, *INCLUDES, *reverse, *NEUTRAL])


SLOT = Names(
    start="start",
    status="status",
    identifiers="schedule.actor:Practitioner.identifier",
    system=IDENTIFIERS["professional"],
    includes={
        "slot:schedule": "Schedule",
        "schedule:actor": "actor",
        "slot:service-type-reference": "HealthcareService",
        "healthcareservice:organization": "Organization",
    },
    reverse={},
)
SCHEDULE = Names(
    start="_has:Slot:schedule:start",
    status="_has:Slot:schedule:status",
    identifiers="actor:Location.organization.identifier",
    system=IDENTIFIERS["structure"],
    includes={
        "schedule:actor:location": "Location",
        "schedule:actor": "Location",
        "location:organization": "Organization",
    },
    reverse={"slot:schedule": "Slot"},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Slots that begin from `start` to `end`, both included, of these identifiers (of the right system only)."""

    start: datetime
    end: datetime
    identifiers: tuple[str, ...]
    wants: frozenset[str]


def read(query: str, names: Names) -> Asked:
    """Raises Problem 400, which names the parameter."""
    values = _values(query)
    for name in values:
        if name not in names.known:
            raise _wrong(name, "Paramètre non prévu.")
    start, end = _window(values, names.start)
    _status(values, names.status)
    _count(values)
    return Asked(start, end, _identifiers(values, names), _wanted(values, names))


def _wrong(name: str, says: str) -> Problem:
    return Problem(400, "invalid", f"{name} : {says}", name)


def _values(query: str) -> Values:
    found: dict[str, list[str]] = defaultdict(list)
    parts = [part for part in query.split("&") if part]
    if len(parts) > MOST_PARAMETERS:
        raise Problem(400, "too-costly", f"Plus de {MOST_PARAMETERS} paramètres.")
    for part in parts:
        name, _, value = part.partition("=")
        found[_plain(name)].append(_plain(value))
    return found


def _plain(text: str) -> str:
    try:
        plain = unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise Problem(400, "invalid", "La demande n’est pas en UTF-8.") from None
    if "\x00" in plain:
        raise Problem(400, "invalid", "La demande contient un caractère nul.")
    return plain


def _window(values: Values, name: str) -> tuple[datetime, datetime]:
    given = values.get(name, ())
    bounds: dict[str, datetime] = {}
    for text in given:
        sort, instant = text[:2], text[2:]
        if sort not in ("ge", "le") or sort in bounds:
            raise _wrong(name, "une borne ge et une borne le, une fois chacune.")
        bounds[sort] = _instant(instant, name, ends=sort == "le")
    if len(bounds) != 2:
        raise _wrong(name, "une borne ge et une borne le sont attendues.")
    if bounds["le"] - bounds["ge"] > LONGEST_WINDOW:
        raise _wrong(name, f"la fenêtre dépasse {LONGEST_WINDOW.days} jours.")
    return bounds["ge"], bounds["le"]


def _instant(text: str, name: str, *, ends: bool) -> datetime:
    """The `+` of an offset that was not escaped arrives as a space. A day alone is that day, in Paris, whole."""
    found = _INSTANT.fullmatch(text.replace(" ", "+"))
    if found is None:
        raise _wrong(name, "date attendue : 2026-11-22T14:00:00.000+01:00.")
    day, hour, fraction, offset = found.groups()
    try:
        if hour is None:
            return _whole_day(date.fromisoformat(day), ends=ends)
        read = datetime.fromisoformat(f"{day}T{hour}{(fraction or '')[:7]}{offset or ''}")
        return read if offset else read.replace(tzinfo=ZONE)
    except (ValueError, OverflowError):
        raise _wrong(name, "cette date n’existe pas.") from None


def _whole_day(day: date, *, ends: bool) -> datetime:
    if not ends:
        return datetime.combine(day, time.min, ZONE)
    return datetime.combine(day + timedelta(days=1), time.min, ZONE) - timedelta(microseconds=1)


def _status(values: Values, name: str) -> None:
    if list(values.get(name, ())) != ["free"]:
        raise _wrong(name, "« free » est attendu, une fois.")


def _count(values: Values) -> None:
    """Accepted and without effect: everything is in one Bundle."""
    for text in values.get("_count", ()):
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise _wrong("_count", "un nombre est attendu.")


def _identifiers(values: Values, names: Names) -> tuple[str, ...]:
    """Those of another system match nobody, which is no fault."""
    name = names.identifiers
    given = values.get(name, ())
    if len(given) != 1:
        raise _wrong(name, f"de 1 à {MOST_IDENTIFIERS} identifiants, séparés par des virgules, une fois.")
    tokens = given[0].split(",")
    if len(tokens) > MOST_IDENTIFIERS:
        raise _wrong(name, f"{MOST_IDENTIFIERS} identifiants au plus, {len(tokens)} reçus.")
    read = [_token(text, name) for text in tokens]
    return tuple(dict.fromkeys(value for system, value in read if system == names.system))


def _token(text: str, name: str) -> tuple[str, str]:
    system, bar, value = text.strip().partition("|")
    if not bar or not system or not value or "|" in value or len(value) > LONGEST_VALUE:
        raise _wrong(name, "chaque identifiant s’écrit système|valeur.")
    return system, value


def _wanted(values: Values, names: Names) -> frozenset[str]:
    found = [_include(text, name, names.includes) for name in INCLUDES for text in values.get(name, ())]
    found += [_include(text, name, names.reverse) for name in REVERSE for text in values.get(name, ())]
    return frozenset(found)


def _include(text: str, name: str, known: Mapping[str, str]) -> str:
    """Case is not looked at: the guide itself writes `Location:Organization` and `Location:organization`."""
    if text.lower() not in known:
        raise _wrong(name, f"« {text[:80]} » n’est pas prévu.")
    return known[text.lower()]
