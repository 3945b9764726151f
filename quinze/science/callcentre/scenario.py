"""Scenario files: TOML read into the model, and the model written back.

A duration is a number (fixed seconds) or `{ exponential = 45 }`, `{ lognormal = 45, cv = 0.6 }`, `{ values = [...] }`.
A figure by quarter-hour is a number, or a list that is repeated until the end when it is shorter.
"""

import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

from . import tables
from .durations import NOTHING, Duration, Empirical, Exponential, Fixed, Lognormal
from .errors import ScenarioError
from .model import (
    DAY_SLOTS,
    LOWEST_PRIORITY,
    MOST_SLOTS,
    SLOT_MINUTES,
    Absence,
    Arrivals,
    Background,
    CallClass,
    Centre,
    ClassRules,
    Group,
    Handover,
    Incident,
    Level,
    LevelRules,
    Outage,
    Pooling,
    Redial,
    Scenario,
    Skill,
    Step,
    Surge,
)
from .tables import Table, chosen, inside, number, text, whole

LARGEST = 5_000_000


SCENARIO = {"name", "slots", "warm_up", "starts_at", "seed", "replications"} | {
    "classes",
    "levels",
    "redial",
    "pooling",
    "centre",
    "incident",
}
LEVELS = {level.name: level for level in Level}
HANDOVERS = {handover.name.lower(): handover for handover in Handover}
ABSENT_CLASS = ClassRules(share=0, path=(Step(level=Level.N1, talk=Fixed(1)),))

read_level = chosen(LEVELS)


def scenario_from_toml(content: str | bytes) -> Scenario:
    """Refuses, with its place and what is accepted, whatever is not a scenario."""
    if len(content) > LARGEST:
        raise ScenarioError("fichier", f"{len(content)} octets ; le maximum est {LARGEST}.")
    try:
        document = tomllib.loads(content.decode("utf-8") if isinstance(content, bytes) else content)
    except UnicodeDecodeError as error:
        raise ScenarioError("fichier", "ce n’est pas un texte UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError("fichier", f"ce n’est pas du TOML : {error}.") from error
    return _scenario(Table(document, "", known=SCENARIO))


def _scenario(table: Table) -> Scenario:
    slots = table.get("slots", whole, DAY_SLOTS)
    tables.inside("slots", lambda: _slots_in_range(slots))
    starts_at = table.get("starts_at", tables.minutes_of_day, 0) % (24 * 60)
    fields: dict[str, Any] = {
        "name": table.get("name", text),
        "slots": slots,
        "starts_at": starts_at,
        "warm_up": table.get("warm_up", whole, 0),
        "seed": table.get("seed", whole, 1),
        "replications": table.get("replications", whole, 10),
        "classes": table.get("classes", _classes),
        "levels": table.get("levels", _levels, (LevelRules(),) * len(Level)),
        "redial": table.get("redial", _redial, Redial()),
        "pooling": table.get("pooling", _pooling, None),
        "centres": table.items("centre", partial(_centre, slots=slots, starts_at=starts_at)),
        "incidents": table.items("incident", _incident, ()),
    }
    return Scenario(**fields)


def _slots_in_range(slots: int) -> None:
    if not 1 <= slots <= MOST_SLOTS:
        raise ScenarioError("slots", f"{slots} n’est pas accepté ; il faut de 1 à {MOST_SLOTS}.")


# Durations and figures by quarter-hour


def _duration(raw: Any, place: str) -> Duration:
    if not isinstance(raw, dict):
        seconds = number(raw, place)
        return inside(place, lambda: Fixed(seconds))
    table = Table(raw, place, known={"fixed", "exponential", "lognormal", "cv", "values"})
    given = sorted(set(raw) - {"cv"})
    if len(given) != 1 or ("cv" in raw) != (given == ["lognormal"]):
        raise ScenarioError(
            place, "écrivez un nombre, { exponential = n }, { lognormal = n, cv = n } ou { values = [...] }."
        )
    return inside(place, lambda: _family(table, given[0]))


def _family(table: Table, family: str) -> Duration:
    match family:
        case "exponential":
            return Exponential(table.get("exponential", number))
        case "lognormal":
            return Lognormal(table.get("lognormal", number), table.get("cv", number))
        case "values":
            return Empirical(table.items("values", number))
        case _:
            return Fixed(table.get("fixed", number))


def _each_slot(values: tuple[Any, ...], slots: int, place: str) -> tuple[Any, ...]:
    if not values or slots % len(values):
        raise ScenarioError(
            place,
            f"{len(values)} quarts d’heure ; il en faut {slots}, ou une période qui y entre un nombre entier de fois.",
        )
    return values * (slots // len(values))


def _by_slot(raw: Any, place: str, *, slots: int) -> tuple[float, ...]:
    values = tables.each(raw, place, number) if isinstance(raw, list) else (number(raw, place),)
    return _each_slot(values, slots, place)


# Callers


def _classes(raw: Any, place: str) -> tuple[ClassRules, ...]:
    table = Table(raw, place, known={call.name for call in CallClass})
    return tuple(table.get(call.name, _class, ABSENT_CLASS) for call in CallClass)


def _class(raw: Any, place: str) -> ClassRules:
    table = Table(raw, place, known={"share", "path"})
    share, path = table.get("share", number), table.items("path", _step)
    return inside(place, lambda: ClassRules(share=share, path=path))


def _step(raw: Any, place: str) -> Step:
    table = Table(raw, place, known={"level", "talk", "priority", "goes_on", "handover", "conference"})
    fields: dict[str, Any] = {
        "level": table.get("level", read_level),
        "talk": table.get("talk", _duration),
        "priority": table.get("priority", whole, 1),
        "goes_on": table.get("goes_on", number, 0.0),
        "handover": table.get("handover", chosen(HANDOVERS), Handover.BLIND),
        "conference": table.get("conference", _duration, NOTHING),
    }
    return inside(place, lambda: Step(**fields))


def _levels(raw: Any, place: str) -> tuple[LevelRules, ...]:
    table = Table(raw, place, known=set(LEVELS))
    return tuple(table.get(level.name, _level_rules, LevelRules()) for level in Level)


def _level_rules(raw: Any, place: str) -> LevelRules:
    table = Table(raw, place, known={"patience", "wrap_up", "answer_delay", "reserve", "call_back", "divert_after"})
    fields: dict[str, Any] = {
        "patience": table.get("patience", _duration, None),
        "wrap_up": table.get("wrap_up", _duration, NOTHING),
        "answer_delay": table.get("answer_delay", number, 0.0),
        "reserve": table.get("reserve", whole, 0),
        "call_back": table.get("call_back", tables.flag, True),
        "divert_after": table.get("divert_after", number, None),
    }
    return inside(place, lambda: LevelRules(**fields))


def _redial(raw: Any, place: str) -> Redial:
    table = Table(raw, place, known={"after_abandon", "after_busy", "delay", "attempts"})
    fields: dict[str, Any] = {
        "after_abandon": table.get("after_abandon", number, 0.0),
        "after_busy": table.get("after_busy", number, 0.0),
        "delay": table.get("delay", _duration, NOTHING),
        "attempts": table.get("attempts", whole, 0),
    }
    return inside(place, lambda: Redial(**fields))


def _pooling(raw: Any, place: str) -> Pooling | None:
    table = Table(raw, place, known={"levels", "after"})
    levels, after = table.items("levels", read_level), table.get("after", number, 0.0)
    return inside(place, lambda: Pooling(levels=levels, after=after))


# Centres


def _centre(raw: Any, place: str, *, slots: int, starts_at: int) -> Centre:
    table = Table(raw, place, known={"name", "arrivals", "group", "background", "trunks"})
    fields: dict[str, Any] = {
        "name": table.get("name", text),
        "arrivals": table.get("arrivals", partial(_arrivals, slots=slots)),
        "groups": table.items("group", partial(_group, slots=slots, starts_at=starts_at)),
        "background": table.items("background", _background, ()),
        "trunks": table.get("trunks", whole, None),
    }
    return inside(place, lambda: Centre(**fields))


def _arrivals(raw: Any, place: str, *, slots: int) -> Arrivals:
    table = Table(raw, place, known={"per_slot", "per_hour", "day_cv", "day_correlation", "slot_cv", "regular"})
    if table.has("per_slot") == table.has("per_hour"):
        raise ScenarioError(place, "donnez per_slot (par quart d’heure) ou per_hour (par heure), l’un des deux.")
    fields: dict[str, Any] = {
        "per_slot": table.get("per_slot", partial(_by_slot, slots=slots), None)
        or _quarters(table.get("per_hour", _hours), slots, table.place("per_hour")),
        "day_cv": table.get("day_cv", number, 0.0),
        "day_correlation": table.get("day_correlation", number, 0.0),
        "slot_cv": table.get("slot_cv", number, 0.0),
        "regular": table.get("regular", tables.flag, False),
    }
    return inside(place, lambda: Arrivals(**fields))


def _hours(raw: Any, place: str) -> tuple[float, ...]:
    return tables.each(raw, place, number) if isinstance(raw, list) else (number(raw, place),)


def _quarters(hours: tuple[float, ...], slots: int, place: str) -> tuple[float, ...]:
    quarters = tuple(rate / 4 for rate in hours for _ in range(4 if len(hours) > 1 else 1))
    return _each_slot(quarters, slots, place)


def _group(raw: Any, place: str, *, slots: int, starts_at: int) -> Group:
    table = Table(raw, place, known={"name", "skills", "agents", "shifts"})
    if table.has("agents") == table.has("shifts"):
        raise ScenarioError(place, "donnez agents (un effectif) ou shifts (des vacations), l’un des deux.")
    name, skills = table.get("name", text), table.items("skills", _skill)
    agents = table.get("agents", partial(_heads, slots=slots), None)
    if agents is None:
        agents = _on_shift(table.items("shifts", _shift), slots, starts_at)
    return inside(place, lambda: Group(name=name, skills=skills, agents=agents))


def _heads(raw: Any, place: str, *, slots: int) -> tuple[int, ...] | None:
    values = tables.each(raw, place, whole) if isinstance(raw, list) else (whole(raw, place),)
    return _each_slot(values, slots, place)


def _shift(raw: Any, place: str) -> tuple[int, int, int]:
    table = Table(raw, place, known={"from", "to", "agents"})
    start, end = table.get("from", tables.minutes_of_day), table.get("to", tables.minutes_of_day)
    return start // SLOT_MINUTES, end // SLOT_MINUTES, table.get("agents", whole)


def _on_shift(shifts: tuple[tuple[int, int, int], ...], slots: int, starts_at: int) -> tuple[int, ...]:
    """Shifts of every day, added up; one that ends before it begins goes past midnight."""
    present = [0] * slots
    for slot in range(slots):
        quarter = (starts_at // SLOT_MINUTES + slot) % DAY_SLOTS
        for start, end, agents in shifts:
            if start <= quarter < end or (end <= start and (quarter >= start or quarter < end)):
                present[slot] += agents
    return tuple(present)


def _skill(raw: Any, place: str) -> Skill:
    if isinstance(raw, str):
        return Skill(level=read_level(raw, place))
    table = Table(raw, place, known={"level", "after"})
    level, after = table.get("level", read_level), table.get("after", number, 0.0)
    return inside(place, lambda: Skill(level=level, after=after))


def _background(raw: Any, place: str) -> Background:
    table = Table(raw, place, known={"level", "per_hour", "duration", "priority"})
    fields: dict[str, Any] = {
        "level": table.get("level", read_level),
        "per_hour": table.get("per_hour", number),
        "duration": table.get("duration", _duration),
        "priority": table.get("priority", whole, LOWEST_PRIORITY),
    }
    return inside(place, lambda: Background(**fields))


# Incidents


def _incident(raw: Any, place: str) -> Incident:
    kinds: dict[str, Callable[[Any, str], Incident]] = {"outage": _outage, "absence": _absence, "surge": _surge}
    kind = chosen(kinds)(raw.get("kind") if isinstance(raw, dict) else None, f"{place}.kind")
    return inside(place, lambda: kind(raw, place))


def _outage(raw: Any, place: str) -> Outage:
    table = Table(raw, place, known={"kind", "start_minute", "minutes", "centre"})
    start = 60 * table.get("start_minute", number)
    return Outage(start=start, end=start + 60 * table.get("minutes", number), centre=table.get("centre", text, None))


def _absence(raw: Any, place: str) -> Absence:
    table = Table(raw, place, known={"kind", "group", "agents", "start_minute", "minutes", "centre"})
    start, end = _window(table)
    group, agents = table.get("group", text), table.get("agents", whole)
    return Absence(group=group, agents=agents, start_slot=start, end_slot=end, centre=table.get("centre", text, None))


def _surge(raw: Any, place: str) -> Surge:
    table = Table(raw, place, known={"kind", "factor", "start_minute", "minutes", "centre"})
    start, end = _window(table)
    factor = table.get("factor", number)
    return Surge(factor=factor, start_slot=start, end_slot=end, centre=table.get("centre", text, None))


def _window(table: Table) -> tuple[int, int]:
    start, length = table.get("start_minute", whole), table.get("minutes", whole)
    if start % SLOT_MINUTES or length % SLOT_MINUTES:
        raise ScenarioError(table.name, "début et durée se comptent par quart d’heure (multiples de 15 minutes).")
    return start // SLOT_MINUTES, (start + length) // SLOT_MINUTES
