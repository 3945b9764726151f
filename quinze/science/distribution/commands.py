"""What the core asks of the shell. The core numbers each leg (one attempt to join one agent): a late event can never be
taken for another attempt.
"""

from dataclasses import dataclass

from .rules import Id


@dataclass(frozen=True, slots=True)
class Offer:
    """Make the agent's telephone ring."""

    call: Id
    leg: int
    agent: Id


@dataclass(frozen=True, slots=True)
class CancelOffer:
    leg: int
    agent: Id


@dataclass(frozen=True, slots=True)
class Connect:
    """Join the caller and the agent; `keeper`, the leg of the agent who still keeps the caller, makes it three.
    `call_back`: the caller is no longer on the line, dial them.
    """

    call: Id
    leg: int
    agent: Id
    keeper: int | None
    call_back: bool


@dataclass(frozen=True, slots=True)
class HoldCaller:
    """Music: nobody is with the caller."""

    call: Id


@dataclass(frozen=True, slots=True)
class DropLeg:
    """This agent leaves the call, which goes on or waits without them."""

    call: Id
    leg: int
    agent: Id


@dataclass(frozen=True, slots=True)
class ReleaseCaller:
    """End the caller's side of the call."""

    call: Id


@dataclass(frozen=True, slots=True)
class Divert:
    """Send the caller to the neighbour SAS."""

    call: Id


@dataclass(frozen=True, slots=True)
class AgentPaused:
    """Tell the room: this agent missed too many calls in a row."""

    agent: Id


Command = Offer | CancelOffer | Connect | HoldCaller | DropLeg | ReleaseCaller | Divert | AgentPaused
