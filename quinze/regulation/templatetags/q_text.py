"""Text of options: the words typed are underlined in what was found."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from quinze.base.codes import fold
from quinze.patients.models import Patient
from quinze.patients.queries import display_name

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
def split_words(text: str) -> list[str]:
    return text.split()


@register.filter
def shown_name(patient: Patient) -> str:
    return display_name(patient)
