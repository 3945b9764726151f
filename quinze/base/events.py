"""Domain events: how a lower folder tells a higher one, inside the same transaction.

The folder that decides emits; the folder that cares subscribes in its `apps.ready()`. Handlers run at once, in the
order of subscription, and an exception undoes the whole operation: an event is never half heard.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

Event = TypeVar("Event")
_handlers: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(kind: type[Event], handler: Callable[[Event], None]) -> None:
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)


def emit(event: object) -> None:
    for handler in _handlers[type(event)]:
        handler(event)
