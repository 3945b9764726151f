"""What an operation answers when it will not do what was asked."""

from typing import Any


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """A rule says no. `message` is French and says what to do; `field` is the form field it belongs beside."""

    def __init__(self, message: str, *, code: str = "refused", field: str | None = None, **data: Any) -> None:
        super().__init__(message)
        self.message, self.code, self.field, self.data = message, code, field, data


class Conflict(Refusal):
    """Someone else changed it first. `data` carries what they wrote, so that nothing is lost."""


class NotFound(Refusal):
    """Absent, or not this person's to see: the two are not told apart."""
