"""Domain events: how a lower folder tells a higher one, inside the same transaction.

The folder that decides emits; the folder that cares subscribes in its `apps.ready()`. Handlers run at once, in the
order of subscription, and an exception undoes the whole operation: an event is never half heard.

An operation that writes everything in one statement asks first who can join it: a handler may add what it has to check
and to write to that statement instead of being run after it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from quinze.base.at_once import AtOnce

Event = TypeVar("Event")
Handler = Callable[[Any], None]
_handlers: dict[type[Any], list[Handler]] = defaultdict(list)
_joining: dict[Handler, Callable[[Any, AtOnce], bool]] = {}


def subscribe(
    kind: type[Event], handler: Callable[[Event], None], *, join: Callable[[Event, AtOnce], bool] | None = None
) -> None:
    """`join` adds to the statement all that the handler would do once it is written; False, and nothing added, when
    that cannot be said beforehand."""
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)
    if join is not None:
        _joining[handler] = join


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
