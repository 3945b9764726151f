"""A queryset that Django writes once and then only runs.

Writing the SQL of a queryset takes Django longer than PostgreSQL takes to answer it. Where thirty desks ask the same
question all day, the question is built once with stand-ins for its values, and kept; PostgreSQL keeps its plan with
the connection:

    OF_USER = Written(lambda user, at: Duty.objects.filter(user_id=user, during__contains=at), user=int, at=datetime)
    duties = OF_USER(user=12, at=at)

The values only take the places of the stand-ins: what changes the shape of the question (None, the length of a list,
a name) belongs to the builder, and each shape is a Written of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, ClassVar, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators
from psycopg.sql import Literal
from psycopg.types.json import Json, Jsonb
from psycopg.types.range import Range

from quinze.base.planned import planned

Row = TypeVar("Row")
HIGH, LONG_AGO, PRIVATE = 2_000_000_000, 1000, "\ue000"  # where only stand-ins are found
Made = Callable[[Sequence[Any]], list[Any]]
Statement = tuple[bytes, tuple[str, ...], Made]


def _stand_in(kind: type, index: int) -> Any:
    """A value of this type that no query of ours holds by itself."""
    if kind is int:
        return HIGH + index  # fits every integer column
    if kind is datetime:
        return datetime(LONG_AGO, 9, 9, tzinfo=UTC) + timedelta(microseconds=index)
    if kind is date:
        return date(LONG_AGO, 9, 9) + timedelta(days=index)
    if kind is str:
        return f"{PRIVATE}{index}"
    raise TypeError(f"no stand-in for {kind}")


class Written(Generic[Row]):
    """Calling it runs the query and gives the list of what the queryset gives: instances, or tuples of values_list.

    Values that the builder does not name are left aside: callers of several shapes give the same ones to each.
    Raises TypeError where a stand-in is not found again in what Django wrote (its value would be ignored), or is found
    inside another value (`at - HOUR`, f"{name}%"): that would be kept for ever. Such a value is given by the caller.
    """

    every: ClassVar[list["Written[Any]"]] = []

    def __init__(self, build: Callable[..., "QuerySet[Any, Row]"], **kinds: type) -> None:
        self._build = build
        self._kept: Statement | None = None
        self.every.append(self)
        self._stand_ins = {name: _stand_in(kind, index) for index, (name, kind) in enumerate(kinds.items())}

    def __call__(self, **values: Any) -> list[Row]:
        text, names, made = self.prepare()
        return made(planned(text, [values[name] for name in names], counted=True))

    def prepare(self) -> Statement:
        """What is run, written at the first call; threads that come together write the same."""
        if self._kept is None:
            self._kept = self._write()
        return self._kept

    def _write(self) -> Statement:
        queryset = self._build(**self._stand_ins)
        if queryset._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise TypeError("prefetch_related asks other questions: they are not kept")
        compiler = queryset.query.get_compiler(using=queryset.db)
        text, parameters = compiler.as_sql()
        names = [self._name_of(value) for value in parameters]
        if missing := set(self._stand_ins) - set(names):
            raise TypeError(f"not found in the query: {', '.join(sorted(missing))}")
        return _numbered(text, names, parameters), tuple(filter(None, names)), _maker(queryset, compiler)

    def _name_of(self, value: Any) -> str | None:
        found = (name for name, held in self._stand_ins.items() if _same(value, held))
        name = next(found, None)
        if name is None and _derived(value):
            raise TypeError(f"computed from a value that changes: {value!r}")
        return name


def _same(value: Any, held: Any) -> bool:
    return isinstance(value, type(held)) and bool(value == held)


def _derived(value: Any) -> bool:
    """Whether this can only come from a stand-in, a margin of centuries and of a hundred million taken."""
    match value:
        case int():
            return abs(value) > HIGH - 100_000_000
        case date():
            return value.year < LONG_AGO + 500
        case str():
            return PRIVATE in value
    return any(_derived(each) for each in _inside(value))


def _inside(value: Any) -> Iterable[Any]:
    match value:
        case list() | tuple() | set() | frozenset():
            return value
        case dict():
            return value.values()
        case Range():
            return (value.lower, value.upper)
        case Json() | Jsonb():
            return (value.obj,)
    return ()


def _numbered(text: str, names: Sequence[str | None], parameters: Sequence[Any]) -> bytes:
    """`$1`, `$2`… where values come; what never changes is in the text, where a partial index can be recognised."""
    connection.ensure_connection()
    numbers = count(1)
    marks = [
        Literal(value).as_string(connection.connection) if name is None else f"${next(numbers)}"
        for name, value in zip(names, parameters, strict=True)
    ]
    return (text % tuple(marks)).encode()


def _maker(queryset: "QuerySet[Any, Any]", compiler: Any) -> Made:
    # As SQLCompiler.results_iter, which looks for the converters at each call.
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])

    def rows(fetched: Sequence[Any]) -> Any:
        return map(tuple, compiler.apply_converters(fetched, converters)) if converters else fetched

    if queryset._iterable_class is FlatValuesListIterable:
        return lambda fetched: [row[0] for row in rows(fetched)]
    if queryset._iterable_class is ValuesListIterable:
        return lambda fetched: list(rows(fetched))
    if queryset._iterable_class is not ModelIterable:
        raise TypeError("only instances and values_list are kept")
    instances = _instances(queryset, compiler)
    return lambda fetched: [instances(row) for row in rows(fetched)]


def _instances(queryset: "QuerySet[Any, Any]", compiler: Any) -> Callable[[Any], Any]:
    """As ModelIterable: the model, its select_related, its annotations."""
    columns = compiler.klass_info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[start:end]]
    related = get_related_populators(compiler.klass_info, compiler.select, queryset.db)  # type: ignore[call-arg]
    model, annotations = compiler.klass_info["model"], compiler.annotation_col_map or {}

    def instance(row: Any) -> Any:
        made = model.from_db(queryset.db, names, row[start:end])
        for populator in related:
            populator.populate(row, made)
        for name, column in annotations.items():
            setattr(made, name, row[column])
        return made

    return instance
