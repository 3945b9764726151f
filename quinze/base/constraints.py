"""What PostgreSQL refuses, said in French. Each folder declares its messages in its own constraints.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from quinze.base.errors import Refusal


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    field: str | None = None


_sentences: dict[str, Sentence] = {}


def register(messages: dict[str, str | tuple[str, str]]) -> None:
    """constraint name → French message, or (message, form field)."""
    for name, message in messages.items():
        _sentences[name] = Sentence(message) if isinstance(message, str) else Sentence(*message)


def sentence(name: str) -> Sentence | None:
    return _sentences.get(name)


def violated(error: IntegrityError) -> str:
    """The name of the constraint that refused, empty when the database does not name one."""
    diagnostic = getattr(error.__cause__, "diag", None)
    return getattr(diagnostic, "constraint_name", None) or ""


@contextmanager
def refuse_violations() -> Iterator[None]:
    """Turn the violation of a known constraint into a Refusal; anything else goes through untouched."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = violated(error)
        known = _sentences.get(name)
        if known is None:
            raise
        raise Refusal(known.text, code=name, field=known.field) from error
