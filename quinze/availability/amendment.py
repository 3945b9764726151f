"""What becomes of a stated rule when somebody changes it for one date, from a date on, or altogether."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from quinze.availability.opening import ONE_DAY, RuleSpec


class Scope(StrEnum):
    ALL = "all"
    ONCE = "once"
    FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Amendment:
    """`spec` replaces the rule within the scope; None closes it. `day` is the date, or the first of those changed."""

    spec: RuleSpec | None
    scope: Scope = Scope.ALL
    day: date = date.min  # of no use when the whole rule is changed

    def after(self, before: RuleSpec) -> list[RuleSpec]:
        """The rules that take the place of `before`: what is left of it, then what comes instead."""
        instead = self.instead(before)
        return self.left(before) + ([instead] if instead else [])

    def instead(self, before: RuleSpec) -> RuleSpec | None:
        """Dates already taken out of the rule stay out."""
        if self.spec is None:
            return None
        if self.scope is Scope.ONCE:
            return replace(self.spec, weekdays=(), day=self.spec.day or self.day, except_days=())
        if self.scope is Scope.FOLLOWING:
            return replace(self.spec, valid_from=self.day, except_days=_since(before.except_days, self.day))
        return replace(self.spec, except_days=before.except_days)

    def left(self, before: RuleSpec) -> list[RuleSpec]:
        """The rhythm of one week in n is counted from `valid_from`, which what is left keeps."""
        if self.scope is Scope.ALL or before.day is not None:
            return []
        if self.scope is Scope.ONCE:
            return [replace(before, except_days=tuple(sorted({*before.except_days, self.day})))]
        return [replace(before, valid_until=self.day - ONE_DAY)] if self.day > before.valid_from else []


def _since(days: Sequence[date], first: date) -> tuple[date, ...]:
    return tuple(day for day in days if day >= first)
