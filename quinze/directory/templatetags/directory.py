from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from quinze.base import codes
from quinze.directory.models import Professional

register = template.Library()


@register.filter
def calling(person: Professional) -> str:
    """« Médecine générale », else the profession."""
    if person.specialty:
        return codes.label("specialties", person.specialty)
    return codes.label("professions", person.profession)


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    return found.get(key)


@register.filter
def at(sequence: Sequence[Any], rank: int) -> Any:
    return sequence[rank]


@register.filter
def thousands(number: int | None) -> str:
    return "" if number is None else f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
