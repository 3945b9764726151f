"""What an opening rule says: its parts, its days, whether two of them collide, and its name in French."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from math import gcd

from quinze.availability.models import Audience, Modality, OpeningRule
from quinze.science import slots as science

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule as a person states it: several weekdays at once, or one date."""

    place_id: int
    starts: time
    ends: time
    valid_from: date
    weekdays: tuple[int, ...] = ()
    day: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1
    on_holidays: bool = False
    kind: str = OpeningRule.Kind.SLOTS
    slot_minutes: int = 20
    capacity: int = 1
    modalities: tuple[str, ...] = (Modality.CABINET,)
    audience: str = Audience.SNP
    cpts_id: int | None = None
    on_bridges: bool = True
    buffer_minutes: int = 0
    min_age_months: int | None = None
    max_age_months: int | None = None
    new_patients: bool = True
    notice_minutes: int = 0
    specialties: tuple[str, ...] = ()  # none: whatever is asked
    reasons: str = ""
    except_days: tuple[date, ...] = ()

    def rows(self) -> list[OpeningRule]:
        """One unsaved row per weekday, or the one of the date."""
        lists = {name: list(getattr(self, name)) for name in LISTS}
        common = {name: getattr(self, name) for name in SHARED} | lists
        common["specialties"] = lists["specialties"] or None
        if self.day is not None:
            alone = {"day": self.day, "valid_from": self.day, "valid_until": self.day, "except_days": []}
            return [OpeningRule(**common | alone)]
        return [OpeningRule(**common, weekday=weekday) for weekday in self.weekdays]

    @property
    def title(self) -> str:
        return title(self.weekdays, self.day, self.starts, self.ends)


# Columns that the rows of one stated rule have in common.
SHARED = (
    "place_id", "starts", "ends", "valid_from", "valid_until", "every_weeks", "on_holidays", "kind", "slot_minutes",
    "capacity", "modalities", "audience", "cpts_id", "on_bridges", "buffer_minutes", "min_age_months",
    "max_age_months", "new_patients", "notice_minutes", "specialties", "reasons", "except_days",
)  # fmt: skip
LISTS = ("modalities", "specialties", "except_days")


def spec_of(rules: Sequence[OpeningRule]) -> RuleSpec:
    """The statement that rows differing only by their weekday come from."""
    first = rules[0]
    common = {name: getattr(first, name) for name in SHARED}
    common |= {name: tuple(common[name] or ()) for name in LISTS}
    weekdays = tuple(sorted(rule.weekday for rule in rules if rule.weekday is not None))
    return RuleSpec(**common, weekdays=weekdays, day=first.day)


def without_weekday(spec: RuleSpec) -> RuleSpec:
    return replace(spec, weekdays=())


def hour(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"


def duration(hours: float) -> str:
    """« 7 h 30 »."""
    whole, minutes = divmod(round(hours * 60), 60)
    return f"{whole} h {minutes:02d}" if minutes else f"{whole} h"


def title(weekdays: Sequence[int], day: date | None, starts: time, ends: time) -> str:
    """« Mardi et jeudi 14:00 à 17:00 »."""
    names = [day.strftime("%d/%m/%Y")] if day else [WEEKDAYS[weekday] for weekday in weekdays]
    if len(names) > 2:
        names = [f"{name[:3]}." for name in names]
    words = " et ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
    return f"{words[:1].upper()}{words[1:]} {hour(starts)} à {hour(ends)}"


def science_rule(rule: OpeningRule) -> science.Rule:
    minutes = rule.slot_minutes if rule.kind == OpeningRule.Kind.SLOTS else None
    opening = science.Opening(rule.starts, rule.ends, minutes, rule.buffer_minutes if minutes else 0)
    if rule.day is not None:
        return science.DatedRule(rule.day, opening)
    assert rule.weekday is not None  # noqa: S101  (rule_is_weekly_or_dated)
    return science.WeeklyRule(
        rule.weekday,
        opening,
        since=rule.valid_from,
        until=rule.valid_until + ONE_DAY if rule.valid_until else None,
        every=rule.every_weeks,
        on_holidays=rule.on_holidays,
        on_bridges=rule.on_bridges,
        except_days=frozenset(rule.except_days),
    )


def collide(one: OpeningRule, other: OpeningRule) -> bool:
    """Whether both would open at the same local time of a same day, public holidays not looked at."""
    return one.starts < other.ends and other.starts < one.ends and _share_a_day(one, other)


def _share_a_day(one: OpeningRule, other: OpeningRule) -> bool:
    first = max(one.valid_from, other.valid_from)
    last = min(one.valid_until or date.max, other.valid_until or date.max)
    if first > last:
        return False
    if one.day is not None or other.day is not None:
        day = one.day or other.day
        assert day is not None  # noqa: S101
        return all(science_rule(rule).falls_on(day, holidays=()) for rule in (one, other))
    return one.weekday == other.weekday and _share_a_week(one, other, first, last)


def _whole(rule: OpeningRule) -> science.WeeklyRule:
    """As if no date had been taken out of it: one week of the rhythm speaks for all."""
    stated = science_rule(rule)
    assert isinstance(stated, science.WeeklyRule)  # noqa: S101
    return replace(stated, except_days=frozenset())


def _share_a_week(one: OpeningRule, other: OpeningRule, first: date, last: date) -> bool:
    """Two rhythms of n and m weeks meet within their least common multiple of weeks, or never."""
    rules = [_whole(one), _whole(other)]
    day = first + timedelta(days=((one.weekday or 0) - first.weekday()) % 7)
    for _ in range(one.every_weeks * other.every_weeks // gcd(one.every_weeks, other.every_weeks)):
        if day > last:
            return False
        if all(rule.falls_on(day, holidays=()) for rule in rules):
            return True
        day += timedelta(days=7)
    return False
