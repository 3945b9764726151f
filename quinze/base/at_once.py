"""Several rows of several tables in one prepared statement: what one act writes, in one exchange with PostgreSQL.

    act = AtOnce("given AS MATERIALIZED (SELECT 1 FROM ... WHERE ... FOR UPDATE)", *values)
    act.insert(row); act.insert(*rows_of_one_table); act.update(other, "status"); act.publish(...)
    written = act.write()

`given` locks and checks: it holds one row when everything is as it was read, and nothing is written when it holds none.
`require` adds a lock and a check after it. Each row is written after those before it. Columns come from the models: a
new column is written without a word here. What the desks hear of one act is one event.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
)
from psycopg.types.range import Range

from quinze.base.live import CHANNEL
from quinze.base.models import LiveEvent
from quinze.base.notify import Notice, notify_all
from quinze.base.planned import KEPT, planned
from quinze.base.rows import fresh

FIRST = "PREVIOUS"  # in a statement, the name of what is done before
DONE = "'written'"
Part = tuple[str, bool]  # what is written; whether it is one row
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
        self._parts: list[Part] = []
        self._values: list[Any] = []
        self._events: list[int] = []  # which parts write one
        self._notices: list[Notice] = []
        self._told: LiveEvent | None = None
        self.known: Mapping[str, tuple[Any, ...]] = {}  # by name: what those who join wanted to be read before

    def require(self, check: str, *values: Any) -> None:
        """A query that locks and checks one more row, once all the checks before it held: it says FROM PREVIOUS."""
        self._checks.append(check)
        self._checked += values

    def insert(self, *rows: Model) -> None:
        """Rows of one table."""
        model, with_key = type(rows[0]), rows[0].pk is not None
        values_of, others = _columns(model, with_key)
        for row in rows:
            values = list(values_of(row.__dict__))
            for index, prepare in others:
                values[index] = prepare(values[index])
            self._values += values
        self._parts.append((_insertion(model, with_key, len(rows)), len(rows) == 1))

    def update(self, row: Model, *names: str) -> None:
        fields = [_field(type(row), name) for name in names]
        self._values += [_prepare(field)(getattr(row, field.attname)) for field in fields]
        self._values.append(row.pk)
        self._parts.append((_update(type(row), names), True))

    def publish(self, *, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
        """What `live.publish` does. All that one act tells one SAS leaves together: a desk reads again once."""
        told = self._told
        if told is None or told.sas_id != sas_id:
            self._send()
            self._told = fresh(LiveEvent, sas_id=sas_id, topics=list(topics), subject=subject, at=at)
        else:
            told.topics += [topic for topic in topics if topic not in told.topics]

    def wake(self, channel: str) -> None:
        """Those who listen there, once everything is written and committed."""
        self._notices.append((channel, ""))

    def write(self) -> bool:
        """False when a check held nothing; then nothing was written."""
        self._send()
        statement = _statement(tuple(self._checks), tuple(self._parts), tuple(self._events))
        rows = planned(statement, [*self._checked, *self._values])
        if len(rows) <= len(self._events):
            return False
        notify_all([*((CHANNEL, event) for (event,) in rows[:-1]), *self._notices])
        return True

    def _send(self) -> None:
        if self._told is not None:
            self.insert(self._told)
            self._events.append(len(self._parts))
            self._told = None


@lru_cache(maxsize=KEPT)
def _statement(checks: tuple[str, ...], parts: tuple[Part, ...], events: tuple[int, ...]) -> bytes:
    """Answers the numbers of the live events and, last, that all is written. Made once for each kind of act."""
    last, written = "given", [checks[0]]
    for index, check in enumerate(checks[1:], 2):
        written.append(f"given_{index} AS MATERIALIZED ({check.replace(FIRST, last)})")
        last = f"given_{index}"
    for index, (text, one) in enumerate(parts, 1):
        written.append(f"act_{index} AS ({text.replace(FIRST, last)})")
        if one:  # what comes next is written once, not once for each
            last = f"act_{index}"
    answers = [f"SELECT id::text FROM act_{index}" for index in events]  # noqa: S608
    return _numbered(f"WITH {', '.join(written)} {' UNION ALL '.join([*answers, f'SELECT {DONE} FROM {last}'])}")  # noqa: S608


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
    """Texts, numbers, instants leave as they are; lists of texts, JSON and periods written out here, in a tenth of the
    time; the others as the field itself would send them."""
    target = field.target_field if isinstance(field, ForeignKey) else field
    if isinstance(target, AS_THEY_ARE):
        return _as_it_is
    if isinstance(target, ArrayField) and isinstance(target.base_field, CharField):
        return _as_array
    if type(target) is JSONField and target.encoder is None:
        return _as_json
    if isinstance(target, DateTimeRangeField):
        return _as_period
    return lambda value: field.get_db_prep_save(value, connection)


def _as_it_is(value: Any) -> Any:
    return value


def _as_array(texts: Sequence[str] | None) -> str | None:
    if texts is None:
        return None
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join([f'"{text}"' for text in quoted]) + "}"


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _as_period(value: Any) -> Any:
    if isinstance(value, Range) and value.bounds == "[)" and value.lower and value.upper:
        return f"[{value.lower.isoformat()},{value.upper.isoformat()})"
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
