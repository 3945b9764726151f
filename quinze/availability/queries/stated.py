"""What a doctor has stated: rules, absences, places."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from quinze.availability.calendar import public_holidays
from quinze.availability.limits import words
from quinze.availability.models import Absence, Audience, Modality, OpeningRule
from quinze.availability.opening import RuleSpec, science_rule, spec_of, without_weekday
from quinze.base.errors import NotFound
from quinze.directory.models import Membership, Place, Professional, Structure
from quinze.directory.models.offer import StructureKind


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rows that differ only by their weekday: one statement, one line of the page."""

    rules: list[OpeningRule]
    spec: RuleSpec
    dates_out: tuple[date, ...] = ()  # taken out one by one, still to come

    @property
    def pk(self) -> int:
        return self.rules[0].pk

    @property
    def place(self) -> Place:
        return self.rules[0].place

    @property
    def title(self) -> str:
        return self.spec.title

    @property
    def detail(self) -> str:
        limits = words(self.rules[0])
        return ", ".join(filter(None, [self._shape(), self._who(), self._where(), *self._when(), *limits]))

    def _shape(self) -> str:
        patients = f"{self.spec.capacity} patient{'s' if self.spec.capacity > 1 else ''}"
        if self.spec.kind == OpeningRule.Kind.PLAGE:
            return f"plage de {patients}"
        several = f" pour {patients}" if self.spec.capacity > 1 else ""
        pause = f" et {self.spec.buffer_minutes} min de pause" if self.spec.buffer_minutes else ""
        return f"créneaux de {self.spec.slot_minutes} min{pause}{several}"

    def _who(self) -> str:
        cpts = self.rules[0].cpts
        return cpts.name if self.spec.audience == Audience.CPTS and cpts else str(Audience(self.spec.audience).label)

    def _where(self) -> str:
        elsewhere = [m for m in self.spec.modalities if m != Modality.CABINET]
        return ", ".join(str(Modality(m).label).lower() for m in elsewhere)

    def _when(self) -> list[str]:
        every = f"une semaine sur {self.spec.every_weeks}" if self.spec.every_weeks > 1 else ""
        until = self.spec.valid_until if self.spec.day is None else None
        holidays = "fériés compris" if self.spec.on_holidays else ""
        bridges = "" if self.spec.on_bridges else "fermé les ponts"
        return [every, f"jusqu’au {until:%d/%m/%Y}" if until else "", holidays, bridges]


def rules_of(professional: Professional, *, on: date) -> list[RuleGroup]:
    """In force or to come, in the order of the week, dated ones last."""
    return _grouped(OpeningRule.objects.filter(place__professional=professional), on)


def rules_of_structure(structure: Structure, *, on: date) -> list[RuleGroup]:
    """Those of its own places, in the same order; its members' are theirs."""
    return _grouped(OpeningRule.objects.filter(place__structure=structure, place__professional__isnull=True), on)


def _grouped(rules: QuerySet[OpeningRule], on: date) -> list[RuleGroup]:
    rules = (
        rules.filter(ended_at__isnull=True)
        .exclude(valid_until__lt=on)
        .select_related("place__commune", "cpts")
        .order_by("weekday", "starts", "day", "pk")
    )
    groups: dict[RuleSpec, list[OpeningRule]] = defaultdict(list)
    for rule in rules:
        groups[without_weekday(spec_of([rule]))].append(rule)
    found = [_group(rows, on) for rows in groups.values()]
    return sorted(found, key=lambda g: (g.spec.day is not None, g.spec.weekdays, g.spec.day or on, g.spec.starts, g.pk))


def _group(rows: list[OpeningRule], on: date) -> RuleGroup:
    spec = spec_of(rows)
    return RuleGroup(rows, spec, tuple(day for day in spec.except_days if day >= on))


def own_rule_group(professional: Professional, *, pk: int, on: date) -> RuleGroup:
    """The statement that this row belongs to."""
    for group in rules_of(professional, on=on):
        if any(rule.pk == pk for rule in group.rules):
            return group
    raise NotFound("Cette règle n’existe plus, ou n’est pas l’une des vôtres.")


def next_opening(group: RuleGroup, *, since: date) -> date | None:
    """The first date on which the statement opens; None when it never does again within a year."""
    days = [since + timedelta(days=n) for n in range(366)]
    holidays = public_holidays(group.place.commune.departement_id, range(since.year, since.year + 2))
    rules = [science_rule(rule) for rule in group.rules]
    return next((day for day in days if any(rule.falls_on(day, holidays=holidays) for rule in rules)), None)


def absences_of(professional: Professional, *, at: datetime) -> list[Absence]:
    """Present and to come, the nearest first."""
    ahead = Q(during__endswith__gt=at) | Q(during__upper_inf=True)
    known = Absence.objects.filter(ahead, professional=professional, withdrawn_at__isnull=True)
    return list(known.select_related("place").order_by("during", "pk"))


def own_absence(professional: Professional, *, pk: int) -> Absence:
    absence = Absence.objects.filter(professional=professional, pk=pk).select_related("professional").first()
    if absence is None:
        raise NotFound("Cette absence n’existe plus, ou n’est pas l’une des vôtres.")
    return absence


def places_of(professional: Professional) -> QuerySet[Place]:
    return professional.places.filter(is_active=True).select_related("commune").order_by("pk")


def cpts_of(professional: Professional, *, places: Iterable[Place], at: datetime) -> list[Structure]:
    """Those the doctor belongs to, else those whose zone holds one of the places."""
    members = Membership.objects.filter(professional=professional, during__contains=at).values("structure")
    zones = {"zone_communes__commune__in": [place.commune_id for place in places]}
    cpts = Structure.objects.filter(kind=StructureKind.CPTS)
    return list(cpts.filter(Q(pk__in=members) | Q(**zones)).distinct().order_by("name", "pk"))
