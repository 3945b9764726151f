"""Hand-written statements, planned once a connection by PostgreSQL. Named values in the text, `%(name)s`."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from quinze.base.planned import Rows, meanwhile, planned

NAMED = re.compile(r"%\((\w+)\)s")


def rows(statement: str, values: Mapping[str, Any], *, counted: bool = False) -> Rows:
    """Every row, values in binary form. An integer is always sent as a bigint, or each size would be a new plan.

    `counted`: among Django's own queries, where these are counted.
    """
    text, names = _positional(statement)
    return planned(text, [_listed(values[name]) for name in names], counted=counted, binary=True)


def asked(statement: str, values: Mapping[str, Any]) -> AbstractContextManager[Callable[[], Rows]]:
    """The same, for whoever has something else to do meanwhile: see `quinze.base.planned.meanwhile`."""
    text, names = _positional(statement)
    return meanwhile(text, [_listed(values[name]) for name in names], binary=True)


@cache
def _positional(statement: str) -> tuple[bytes, tuple[str, ...]]:
    names = tuple(dict.fromkeys(NAMED.findall(statement)))
    numbers = {name: f"${index}" for index, name in enumerate(names, start=1)}
    return NAMED.sub(lambda found: numbers[found[1]], statement).encode(), names


def _listed(value: Any) -> Any:
    """One type for all lists of integers, empty ones included: each type met would be a plan."""
    if isinstance(value, list) and all(item is None or type(item) is int for item in value):
        return "{" + ",".join("NULL" if item is None else str(item) for item in value) + "}"
    return value
