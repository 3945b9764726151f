"""Several rows of several tables in one prepared statement: what one act writes, in one exchange with PostgreSQL.

    act = AtOnce("given AS MATERIALIZED (SELECT 1 FROM ... WHERE ... FOR UPDATE)", *values)
    act.insert(row); act.update(other, "status"); act.publish(...)
    written = act.write()

`given` locks and checks: it holds one row when everything is as it was read, and nothing is written when it holds none.
Each row is written after the one before it. Columns come from the models: a new column is written without a word here.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, IntegerField, Model, TextField

from quinze.base.live import CHANNEL
from quinze.base.models import LiveEvent
from quinze.base.planned import planned

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
        self._parts, self._values = [given], list(values)
        self._last, self._count = "given", 0
        self._effects: list[str] = []

    def insert(self, row: Model) -> str:
        """Returns the name under which the new row's `id` is read by an effect."""
        kept = row.__dict__
        self._values += [prepare(kept[name]) for name, prepare in _columns(type(row), row.pk is not None)]
        return self._add(_insertion(type(row), row.pk is not None))

    def update(self, row: Model, *names: str) -> str:
        fields = [_field(type(row), name) for name in names]
        self._values += [_prepare(field)(getattr(row, field.attname)) for field in fields]
        self._values.append(row.pk)
        return self._add(_update(type(row), names))

    def publish(self, *, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
        """What `live.publish` does."""
        name = self.insert(LiveEvent(sas_id=sas_id, topics=topics, subject=subject, at=at))
        self.effect(f"SELECT pg_notify('{CHANNEL}', id::text)::text FROM {name}")  # noqa: S608

    def effect(self, select: str) -> None:
        """A SELECT of one text column, run once everything is written."""
        self._effects.append(select)

    def write(self) -> bool:
        """False when `given` held nothing; then nothing was written."""
        effects = " UNION ALL ".join([*self._effects, f"SELECT 'written' FROM {self._last}"])  # noqa: S608
        rows = prepared(f"WITH {', '.join(self._parts)} {effects}", self._values)
        return bool(rows) and rows[-1][0] == "written"

    def _add(self, text: str) -> str:
        self._count += 1
        name = f"act_{self._count}"
        self._parts.append(f"{name} AS ({text.replace('PREVIOUS', self._last)})")
        self._last = name
        return name


@cache
def _columns(model: type[Model], with_key: bool) -> tuple[tuple[str, Callable[[Any], Any]], ...]:  # noqa: FBT001
    return tuple((field.attname, _prepare(field)) for field in _fields(model, with_key))


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
def _insertion(model: type[Model], with_key: bool) -> str:  # noqa: FBT001
    fields = _fields(model, with_key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = model._meta.db_table
    key = model._meta.pk.column
    return f'INSERT INTO "{table}" ({columns}) SELECT {marks} FROM PREVIOUS RETURNING "{key}" AS id'  # noqa: S608


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f'"{_field(model, name).column}" = %s' for name in names)
    table, key = model._meta.db_table, model._meta.pk.column
    changed = f'UPDATE "{table}" AS changed SET {changes} FROM PREVIOUS'  # noqa: S608
    return f'{changed} WHERE changed."{key}" = %s RETURNING changed."{key}" AS id'
