"""Several rows of several tables in one prepared statement: what one act writes, in one exchange with PostgreSQL.

    act = AtOnce("given AS MATERIALIZED (SELECT 1 FROM ... WHERE ... FOR UPDATE)", *values)
    act.insert(row); act.insert(*rows_of_one_table); act.update(other, "status"); act.publish(...)
    written = act.write()

`given` locks and checks: it holds one row when everything is as it was read, and nothing is written when it holds none.
`require` adds a lock and a check after it. Each row is written after those before it. Columns come from the models: a
new column is written without a word here. What the desks hear of one act is one event.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, IntegerField, Model, TextField

from quinze.base.live import CHANNEL
from quinze.base.models import LiveEvent
from quinze.base.planned import planned
from quinze.base.rows import fresh

FIRST = "PREVIOUS"  # in a statement, the name of what is done before
AS_THEY_ARE = (BooleanField, CharField, DateTimeField, IntegerField, TextField)


def prepared(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of a statement that PostgreSQL plans once a connection. Placeholders are `%s`; a `%` stays alone."""
    return planned(_numbered(statement), values)


@cache
def _numbered(statement: str) -> bytes:
    first, *others = statement.split("%s")
    return (first + "".join(f"${index}{text}" for index, text in enumerate(others, 1))).encode()


class AtOnce:
    def __init__(self, given: str, *values: Any) -> None:
        self._checks, self._checked = [given], list(values)
        self._parts: list[str] = []
        self._values: list[Any] = []
        self._ready, self._last = "given", FIRST
        self._effects: list[str] = []
        self._told: LiveEvent | None = None
        self.known: Mapping[str, tuple[Any, ...]] = {}  # by name: what those who join wanted to be read before

    def require(self, check: str, *values: Any) -> None:
        """A query that locks and checks one more row, once all the checks before it held: it says FROM PREVIOUS."""
        name = f"given_{len(self._checks) + 1}"
        self._checks.append(f"{name} AS MATERIALIZED ({check.replace(FIRST, self._ready)})")
        self._checked += values
        self._ready = name

    def insert(self, *rows: Model) -> str:
        """Rows of one table. Returns the name under which their `id` are read by an effect."""
        model, with_key = type(rows[0]), rows[0].pk is not None
        values_of, others = _columns(model, with_key)
        for row in rows:
            values = list(values_of(row.__dict__))
            for index, prepare in others:
                values[index] = prepare(values[index])
            self._values += values
        return self._add(_insertion(model, with_key, len(rows)), one=len(rows) == 1)

    def update(self, row: Model, *names: str) -> str:
        fields = [_field(type(row), name) for name in names]
        self._values += [_prepare(field)(getattr(row, field.attname)) for field in fields]
        self._values.append(row.pk)
        return self._add(_update(type(row), names))

    def publish(self, *, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
        """What `live.publish` does. All that one act tells one SAS leaves together: a desk reads again once."""
        told = self._told
        if told is None or told.sas_id != sas_id:
            self._send()
            self._told = fresh(LiveEvent, sas_id=sas_id, topics=list(topics), subject=subject, at=at)
        else:
            told.topics += [topic for topic in topics if topic not in told.topics]

    def effect(self, select: str) -> None:
        """A SELECT of one text column, run once everything is written."""
        self._effects.append(select)

    def write(self) -> bool:
        """False when a check held nothing; then nothing was written."""
        self._send()
        effects = " UNION ALL ".join([*self._effects, f"SELECT 'written' FROM {self._last}"])  # noqa: S608
        written = ", ".join(self._parts).replace(FIRST, self._ready)
        rows = prepared(f"WITH {', '.join(self._checks)}, {written} {effects}", [*self._checked, *self._values])
        return bool(rows) and rows[-1][0] == "written"

    def _send(self) -> None:
        if self._told is not None:
            name = self.insert(self._told)
            self.effect(f"SELECT pg_notify('{CHANNEL}', id::text)::text FROM {name}")  # noqa: S608
            self._told = None

    def _add(self, text: str, *, one: bool = True) -> str:
        name = f"act_{len(self._parts) + 1}"
        self._parts.append(f"{name} AS ({text.replace(FIRST, self._last)})")
        if one:  # what comes next is written once, not once for each
            self._last = name
        return name


@cache
def _columns(
    model: type[Model],
    with_key: bool,  # noqa: FBT001
) -> tuple[Callable[[dict[str, Any]], tuple[Any, ...]], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """What takes all the values of a row, and how those that do not leave as they are become what is sent."""
    fields = _fields(model, with_key)
    ways = ((index, _prepare(field)) for index, field in enumerate(fields))
    return itemgetter(*(field.attname for field in fields)), tuple(each for each in ways if each[1] is not _as_it_is)


@cache
def _fields(model: type[Model], with_key: bool) -> tuple["Field[Any, Any]", ...]:  # noqa: FBT001
    fields = (field for field in model._meta.concrete_fields if not field.generated)
    return tuple(field for field in fields if with_key or not field.primary_key)


@cache
def _prepare(field: "Field[Any, Any]") -> Callable[[Any], Any]:
    """Texts, numbers, instants leave as they are; the others as the field itself would send them."""
    target = field.target_field if isinstance(field, ForeignKey) else field
    if isinstance(target, AS_THEY_ARE):
        return _as_it_is
    return lambda value: field.get_db_prep_save(value, connection)


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.name == name)


@cache
def _insertion(model: type[Model], with_key: bool, count: int) -> str:  # noqa: FBT001
    fields = _fields(model, with_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    table, key = model._meta.db_table, model._meta.pk.column
    if count == 1:
        rows = f"SELECT {', '.join(['%s'] * len(fields))} FROM {FIRST}"  # noqa: S608
    else:  # nothing but a cast tells PostgreSQL the types of rows that are not inserted as they are
        marks = ", ".join(f"%s::{_type(field)}" for field in fields)
        rows = f"SELECT said.* FROM {FIRST}, (VALUES {', '.join([f'({marks})'] * count)}) said"  # noqa: S608
    return f'INSERT INTO "{table}" ({columns}) {rows} RETURNING "{key}" AS id'


def _type(field: "Field[Any, Any]") -> str:
    """Without its length, or a text too long would be cut instead of refused."""
    return re.sub(r"\(.*\)", "", str(field.db_type(connection)))


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f'"{_field(model, name).column}" = %s' for name in names)
    table, key = model._meta.db_table, model._meta.pk.column
    changed = f'UPDATE "{table}" AS changed SET {changes} FROM {FIRST}'  # noqa: S608
    return f'{changed} WHERE changed."{key}" = %s RETURNING changed."{key}" AS id'
