"""What the shell tells the core. An event about a leg, a call or an agent that is no longer there is dropped: networks
deliver late.
"""

from dataclasses import dataclass
from enum import IntEnum

from .rules import Id


class Handover(IntEnum):
    """How an agent passes a call on. BLIND: leaves at once. ATTENDED: keeps the caller until the next one has been
    briefed. CALLBACK: the caller hangs up and will be called back.
    """

    BLIND = 0
    ATTENDED = 1
    CALLBACK = 2


@dataclass(frozen=True, slots=True)
class CallArrived:
    """Priority 0 is the first. A call already known is not queued twice. `on_line` False: a task, nobody waits."""

    call: Id
    queue: Id
    priority: int = 1
    on_line: bool = True


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    call: Id


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    leg: int


@dataclass(frozen=True, slots=True)
class AgentMissed:
    """Refused, busy, unreachable, or let it ring."""

    leg: int


@dataclass(frozen=True, slots=True)
class AgentHungUp:
    leg: int


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """By the agent of the leg. `call_back`: who hangs up while waiting keeps their place and is called back."""

    leg: int
    queue: Id
    priority: int = 1
    handover: Handover = Handover.BLIND
    call_back: bool = True


@dataclass(frozen=True, slots=True)
class BriefingEnded:
    call: Id


@dataclass(frozen=True, slots=True)
class AgentAvailable:
    """Logs in, or comes back from a pause. Whoever still talks or writes only cancels a pause they had asked for."""

    agent: Id


@dataclass(frozen=True, slots=True)
class AgentUnavailable:
    """Logs out or pauses: at once when idle, else after the call in progress and its wrap-up."""

    agent: Id


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    agent: Id


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """Applies at once to a call that waits."""

    call: Id
    priority: int


@dataclass(frozen=True, slots=True)
class AgentFreed:
    """A supervisor frees an agent whose call is stuck: as if they had hung up and finished."""

    agent: Id


Event = (
    CallArrived
    | CallerHungUp
    | AgentAnswered
    | AgentMissed
    | AgentHungUp
    | TransferRequested
    | BriefingEnded
    | AgentAvailable
    | AgentUnavailable
    | WrapUpEnded
    | PriorityChanged
    | AgentFreed
)
