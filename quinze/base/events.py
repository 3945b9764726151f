"""Domain events: how a lower folder tells a higher one, inside the same transaction.

The folder that decides emits; the folder that cares subscribes in its `apps.ready()`. Handlers run at once, in the
order of subscription, and an exception undoes the whole operation: an event is never half heard.

An operation that writes everything in one statement asks first who can join it: a handler may add what it has to check
and to write to that statement instead of being run after it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from quinze.base.at_once import AtOnce


@dataclass(frozen=True, slots=True)
class Beforehand:
    """One row, or none, that `join` must know: read by the statement that reads for the act, rather than by its own.

    `source` comes after FROM; the folder that decides says which names it may use there.
    """

    name: str
    columns: tuple[str, ...]
    source: str


Event = TypeVar("Event")
Handler = Callable[[Any], None]
_handlers: dict[type[Any], list[Handler]] = defaultdict(list)
_joining: dict[Handler, Callable[[Any, AtOnce], bool]] = {}
_beforehand: dict[type[Any], list[Beforehand]] = defaultdict(list)


def subscribe(
    kind: type[Event],
    handler: Callable[[Event], None],
    *,
    join: Callable[[Event, AtOnce], bool] | None = None,
    reads: Beforehand | None = None,
) -> None:
    """`join` adds to the statement all that the handler would do once it is written; False, and nothing added, when
    that cannot be said beforehand. It finds what it `reads` in `act.known`, where the act read it."""
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)
        if reads is not None:
            _beforehand[kind].append(reads)
    if join is not None:
        _joining[handler] = join


def beforehand(kind: type[Any]) -> tuple[Beforehand, ...]:
    return tuple(_beforehand[kind])


def emit(event: object) -> None:
    run(event, None)


def joined(event: object, act: AtOnce) -> list[Handler]:
    """The handlers that did not join, and are to be run after the statement, in its transaction."""
    return [handler for handler in _handlers[type(event)] if not _joins(handler, event, act)]


def run(event: object, handlers: Sequence[Handler] | None) -> None:
    """These handlers; all of them where nobody was asked to join."""
    for handler in _handlers[type(event)] if handlers is None else handlers:
        handler(event)


def _joins(handler: Handler, event: object, act: AtOnce) -> bool:
    join = _joining.get(handler)
    return join is not None and join(event, act)
