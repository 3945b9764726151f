"""A state written down as JSON values, and read again. The rules are not in it: they are the room's, not the day's."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any, TypeVar

from .rules import Rules
from .state import Agent, Call, Leg, Post, State, agents_under

Record = TypeVar("Record", Agent, Call, Leg)
VERSION = 1


class StateError(ValueError):
    """A written state that cannot be resumed, said in French."""


def state_to_json(state: State) -> dict[str, Any]:
    return {
        "version": VERSION,
        "now": state.now,
        "legs_made": state.legs_made,
        "calls_queued": state.calls_queued,
        "agents": [asdict(agent) for agent in state.agents.values()],
        "calls": [asdict(call) for call in state.calls.values()],
        "legs": [asdict(leg) for leg in state.legs.values()],
    }


def state_from_json(document: Mapping[str, Any], rules: Rules) -> State:
    """Agents whom the rules no longer know may only have been off; new ones begin off."""
    if document.get("version") != VERSION:
        raise StateError(f"état de version {document.get('version')!r} ; seule la version {VERSION} se relit.")
    try:
        state = _read(document, rules)
    except (KeyError, TypeError, ValueError) as error:
        raise StateError(f"état illisible : {error}") from error
    for call in state.calls.values():
        if call.leg is None:
            state.place(call)
    return state


def _read(document: Mapping[str, Any], rules: Rules) -> State:
    agents = [_record(Agent, given) for given in document["agents"]]
    state = State({agent.name: replace(agent, post=Post(agent.post)) for agent in agents}, float(document["now"]))
    state.legs_made, state.calls_queued = int(document["legs_made"]), int(document["calls_queued"])
    state.calls = {call.name: call for call in (_record(Call, given) for given in document["calls"])}
    state.legs = {leg.number: leg for leg in (_record(Leg, given) for given in document["legs"])}
    _check(state)
    state.agents = agents_under(rules, state)
    return state


def _record(kind: type[Record], given: Mapping[str, Any]) -> Record:
    known = {field.name for field in fields(kind)}
    if set(given) != known:
        raise ValueError(f"{kind.__name__} : {sorted(set(given) ^ known)}")
    return kind(**given)


def _check(state: State) -> None:
    for call in state.calls.values():
        for number in (call.leg, call.keeper):
            if number is not None and state.legs[number].call != call.name:
                raise ValueError(f"le poste {number} n’est pas celui de l’appel « {call.name} »")
    for leg in state.legs.values():
        if state.agents[leg.agent].leg != leg.number or leg.call not in state.calls:
            raise ValueError(f"le poste {leg.number} n’a pas d’agent ou d’appel")
