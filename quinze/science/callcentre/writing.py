"""A scenario written as TOML that reads back as the same scenario."""

import json
from collections.abc import Iterable
from typing import Any

from .durations import Duration, Empirical, Exponential, Lognormal
from .model import (
    SLOT_MINUTES,
    Absence,
    Arrivals,
    CallClass,
    Centre,
    ClassRules,
    Group,
    Incident,
    Level,
    LevelRules,
    Outage,
    Redial,
    Scenario,
    Skill,
    Step,
    Surge,
)


def scenario_to_toml(scenario: Scenario) -> str:
    """Shifts come out as heads by quarter-hour, hourly rates as rates by quarter-hour."""
    classes = {call.name: scenario.classes[call] for call in CallClass if scenario.classes[call].share}
    levels = {level.name: _level(scenario.levels[level]) for level in Level}
    blocks = [
        _block("", _head(scenario)),
        *(_block(f"[classes.{name}]", _class(rules)) for name, rules in classes.items()),
        *(_block(f"[levels.{name}]", fields) for name, fields in levels.items() if fields),
        *([_block("[redial]", _redial(scenario.redial))] if scenario.redial != Redial() else []),
        *([_block("[pooling]", _pooling(scenario))] if scenario.pooling else []),
        *(_centre(centre) for centre in scenario.centres),
        *(_block("[[incident]]", _incident(incident)) for incident in scenario.incidents),
    ]
    return "\n".join(blocks)


def _block(title: str, fields: dict[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in fields.items() if value is not None]
    return "\n".join([title] * bool(title) + lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items() if inner is not None) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return repr(value)


def _head(scenario: Scenario) -> dict[str, Any]:
    hour, minute = divmod(scenario.starts_at, 60)
    return {
        "name": scenario.name,
        "slots": scenario.slots,
        "starts_at": f"{hour:02d}:{minute:02d}",
        "warm_up": scenario.warm_up,
        "seed": scenario.seed,
        "replications": scenario.replications,
    }


def _duration(duration: Duration | None) -> Any:
    match duration:
        case None:
            return None
        case Exponential(mean):
            return {"exponential": mean}
        case Lognormal(mean, cv):
            return {"lognormal": mean, "cv": cv}
        case Empirical(values):
            return {"values": list(values)}
        case _:
            return duration.seconds


def _shorter(values: Iterable[Any]) -> Any:
    """One figure when it never changes."""
    given = list(values)
    return given[0] if len(set(given)) == 1 else given


def _class(rules: ClassRules) -> dict[str, Any]:
    return {"share": rules.share, "path": [_step(step) for step in rules.path]}


def _step(step: Step) -> dict[str, Any]:
    return {
        "level": step.level.name,
        "talk": _duration(step.talk),
        "priority": step.priority,
        "goes_on": step.goes_on,
        "handover": step.handover.name.lower(),
        "conference": _duration(step.conference),
    }


def _level(rules: LevelRules) -> dict[str, Any]:
    """Only what differs from the default."""
    given = {
        "patience": _duration(rules.patience),
        "wrap_up": _duration(rules.wrap_up),
        "answer_delay": rules.answer_delay,
        "reserve": rules.reserve,
        "call_back": None if rules.call_back else False,
        "divert_after": rules.divert_after,
    }
    return {key: value for key, value in given.items() if value is not None and (value != 0 or value is False)}


def _redial(redial: Redial) -> dict[str, Any]:
    return {
        "after_abandon": redial.after_abandon,
        "after_busy": redial.after_busy,
        "delay": _duration(redial.delay),
        "attempts": redial.attempts,
    }


def _pooling(scenario: Scenario) -> dict[str, Any]:
    pooling = scenario.pooling
    return {"levels": [level.name for level in pooling.levels], "after": pooling.after} if pooling else {}


def _centre(centre: Centre) -> str:
    background = [
        {
            "level": task.level.name,
            "per_hour": task.per_hour,
            "duration": _duration(task.duration),
            "priority": task.priority,
        }
        for task in centre.background
    ]
    fields = {
        "name": centre.name,
        "trunks": centre.trunks,
        "arrivals": _arrivals(centre.arrivals),
        "background": background or None,
    }
    return _block("[[centre]]", fields) + "".join(_block("[[centre.group]]", _group(group)) for group in centre.groups)


def _arrivals(arrivals: Arrivals) -> dict[str, Any]:
    return {
        "per_slot": _shorter(arrivals.per_slot),
        "day_cv": arrivals.day_cv,
        "day_correlation": arrivals.day_correlation,
        "slot_cv": arrivals.slot_cv,
        "regular": arrivals.regular,
    }


def _group(group: Group) -> dict[str, Any]:
    return {"name": group.name, "skills": [_skill(skill) for skill in group.skills], "agents": _shorter(group.agents)}


def _skill(skill: Skill) -> Any:
    return {"level": skill.level.name, "after": skill.after} if skill.after else skill.level.name


def _incident(incident: Incident) -> dict[str, Any]:
    match incident:
        case Outage(start=start, end=end, centre=centre):
            return {"kind": "outage", "start_minute": start / 60, "minutes": (end - start) / 60, "centre": centre}
        case Absence(group=group, agents=agents):
            return {"kind": "absence", "group": group, "agents": agents} | _window(incident)
        case Surge(factor=factor):
            return {"kind": "surge", "factor": factor} | _window(incident)


def _window(incident: Absence | Surge) -> dict[str, Any]:
    return {
        "start_minute": incident.start_slot * SLOT_MINUTES,
        "minutes": (incident.end_slot - incident.start_slot) * SLOT_MINUTES,
        "centre": incident.centre,
    }
