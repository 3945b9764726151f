"""The rows of the doctor's list, written by hand: `{% load q_rows %}`.

Every change of a list has each desk of that list read it again, in a crisis hundreds of rows a second. Through the
template engine a row costs a millisecond of processor, here thirty microseconds; the frame stays in the template.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from quinze.base import clock
from quinze.regulation import sections
from quinze.regulation.models import Step
from quinze.regulation.queries import Row
from quinze.web.templatetags.q import clock_badge, q_icon, q_priority, q_tag

register = template.Library()
priority = cache(q_priority)
tag = cache(q_tag)
icon = cache(q_icon)
DOCTORS = (Step.AMU, Step.SNP)


@register.simple_tag(takes_context=True)
def doctor_rows(context: Context, rows: Iterable[Row], group: str, current: str) -> SafeString:
    """One line per file; a file of nobody is a button that takes it, the others are links."""
    now = context.get("server_now") or clock.now()
    return mark_safe("".join(_row(row, group, current, now) for row in rows))  # noqa: S308 — each part is escaped below


def _row(row: Row, group: str, current: str, now: datetime) -> str:
    here = row.number == current
    css = "is-sel" if here else "reg-taken" if group == "taken" else ""
    enters = " data-enter-now" if row.red_flag else ""
    badge = clock_badge(row.waiting_since, target=row.target, now=now, css="is-p0" if row.red_flag else "")
    return (
        f'<tr id="row-{row.number}" class="{css}"{enters}><td>{priority(row.priority)}</td><td>{badge}</td>'
        f"<td>{_person(row, group, here=here)}{_marks(row)}<br>"
        f'<span class="q-13 q-2nd">{_words(row, group)}</span></td></tr>'
    )


def _person(row: Row, group: str, *, here: bool) -> str:
    name, age = escape(row.name), f", {escape(row.age)}" if row.age else ""
    if here or group in ("mine", "taken"):
        current = ' aria-current="true"' if here else ""
        return f'<a class="q-row" href="{_path("doctor_case", row.number)}"{current}>{name}</a>{age}'
    return (
        f'<button class="reg-row" type="submit" form="take" formaction="{_path("claim", row.number)}" data-row-link>'
        f'{name}<span class="visually-hidden">, prendre</span></button>{age}'
    )


def _marks(row: Row) -> str:
    marks = [tag(sections.VULNERABILITIES.get(flag, flag)) for flag in row.vulnerabilities]
    if row.called_again:
        marks.append(tag("a rappelé", icon="phone"))
    if row.callback_due:
        marks.append(tag("à rappeler", icon="phone", on=True))
    return "".join(f" {mark}" for mark in marks)


def _words(row: Row, group: str) -> str:
    words = [row.reason or "Motif non dit"]
    if row.commune:
        words.append(row.commune)
    if row.callback_due_at:
        words.append(f"rappel à {localtime(row.callback_due_at):%H:%M}")
    if row.step not in DOCTORS:
        words.append(row.where.lower())
    holder = f"{icon('lock')} {escape(row.holder)}. " if group == "taken" else ""
    return holder + escape(", ".join(words))


def _path(name: str, number: str) -> str:
    return _pattern(name).replace("NUMERO", number)


@cache
def _pattern(name: str) -> str:
    return reverse(f"regulation:{name}", args=["NUMERO"])
