"""Instances of models made as plain Python objects are.

`Model.__init__` sends signals, looks at every field in turn and sets them one by one: a booking of the country spent a
fifth of its time there, for two dozen rows that it reads or writes.
"""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, Self, TypeVar

from django.db.models import Field, Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


class Quick(Model):
    """A model that nothing hears of being made (no pre_init, no post_init): its rows are read without `__init__`."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_: Any) -> Self:
        """A column that is not named is read when it is asked for, as Django's own deferred ones."""
        row = cls.__new__(cls)
        kept = row.__dict__
        kept["_state"] = state = ModelState()
        state.adding, state.db = False, db
        kept.update(zip(field_names, values, strict=True))
        return row


def fresh(model: type[Row], **values: Any) -> Row:
    """A row to be written. Columns by their own names (`sas_id`), the others have their defaults."""
    row = model.__new__(model)
    constants, made = _defaults(model)
    kept = row.__dict__
    kept["_state"] = ModelState()
    kept.update(constants)
    for name, make in made:
        kept[name] = make()
    columns = len(kept)
    kept.update(values)
    if len(kept) > columns:
        raise TypeError(f"{model.__name__} has no column {', '.join(list(kept)[columns:])}")
    return row


def tie(row: Model, **related: Model | None) -> None:
    """The instances themselves of foreign keys that are already in the row: nothing is checked, no column changes."""
    row._state.fields_cache.update(related)


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    made = tuple((field.attname, field.get_default) for field in fields if _is_made(field))
    names = dict(made)
    return {field.attname: field.get_default() for field in fields if field.attname not in names}, made


def _is_made(field: "Field[Any, Any]") -> bool:
    """A default that is new for each row, a list for one."""
    return field.has_default() and callable(field.default)
