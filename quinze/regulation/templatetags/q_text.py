"""Text of the ARM's desk: words typed underlined in what was found, moments as a list says them."""

from datetime import datetime

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate, localtime

from quinze.base.codes import fold
from quinze.patients.models import Patient
from quinze.patients.queries import age_words
from quinze.regulation.templatetags.q_case import MONTHS

register = template.Library()


@register.filter
def marked(text: str, typed: str) -> SafeString:
    """The first occurrence of the first word typed, accents ignored."""
    word = (fold(typed).split() or [""])[0]
    plain = "".join(fold(c)[:1] or c for c in text)  # same length as the text, so that positions agree
    start = plain.find(word) if word else -1
    if start < 0:
        return escape(text)
    end = start + len(word)
    return mark_safe(f"{escape(text[:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:])}")  # noqa: S308


@register.filter
def when(instant: datetime, now: datetime) -> str:
    """« 10:40 » today, « 4 nov. » this year, « 4 nov. 25 » before."""
    local, today = localtime(instant), localdate(now)
    if local.date() == today:
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f" {local:%y}"
    return f"{local.day} {MONTHS[local.month - 1]}{year}"


@register.filter
def age_at(person: Patient, at: datetime) -> str:
    return age_words(person, on=localdate(at))
