"""The rows of a worklist that fills with hundreds of files in a crisis, written by hand: `{% load q_rows %}`.

Every change of a list has each desk of that list read it again, hundreds of rows a second. Through the template engine
a row costs a millisecond of processor, here thirty microseconds; the frame of the list stays in its template.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Protocol

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from quinze.base import clock
from quinze.web.templatetags.q import clock_badge, q_icon, q_priority, q_tag

register = template.Library()
priority = cache(q_priority)
tag = lru_cache(maxsize=512)(q_tag)  # a flag of another list is shown as it came: there is no end to these
icon = cache(q_icon)
OPENED = ("mine", "taken")  # groups whose rows open the file; the others are buttons that take it


@dataclass(frozen=True, slots=True)
class Page:
    """Where the rows are drawn."""

    group: str
    current: str
    opens: str
    takes: str
    now: datetime


class FileRow(Protocol):
    """What one line shows; `marks` are (words, icon, emphasised)."""

    number: str
    priority: str
    waiting_since: datetime
    target: int | None
    name: str
    age: str
    holder: str

    @property
    def marks(self) -> Sequence[tuple[str, str, bool]]: ...
    @property
    def words(self) -> str: ...


@register.simple_tag(takes_context=True)
def q_file_rows(
    context: Context, rows: Iterable[FileRow], *, group: str, current: str, opens: str, takes: str
) -> SafeString:
    """`opens` and `takes` name the addresses of a file and of its claim, each with the number as only argument."""
    now = context.get("server_now") or clock.now()
    page = Page(group=group, current=current, opens=_path(opens), takes=_path(takes), now=now)
    return mark_safe("".join(_row(row, page) for row in rows))  # noqa: S308 — each part is escaped below


def _row(row: FileRow, page: Page) -> str:
    here, vital = row.number == page.current, row.priority == "P0"
    css = "is-sel" if here else "reg-taken" if page.group == "taken" else ""
    badge = clock_badge(row.waiting_since, target=row.target, now=page.now, css="is-p0" if vital else "")
    marks = "".join(f" {tag(words, icon=drawing, on=on)}" for words, drawing, on in row.marks)
    holder = f"{icon('lock')} {escape(row.holder)}. " if page.group == "taken" else ""
    return (
        f'<tr id="row-{escape(row.number)}" class="{css}"{" data-enter-now" if vital else ""}>'
        f"<td>{priority(row.priority)}</td><td>{badge}</td>"
        f"<td>{_name(row, page, here=here)}"
        f"{f', {escape(row.age)}' if row.age else ''}{marks}<br>"
        f'<span class="q-13 q-2nd">{holder}{escape(row.words)}</span></td></tr>'
    )


def _name(row: FileRow, page: Page, *, here: bool) -> str:
    name, number = escape(row.name), escape(row.number)
    if here or page.group in OPENED:
        current = ' aria-current="true"' if here else ""
        return f'<a class="q-row" href="{page.opens.replace("NUMERO", number)}"{current}>{name}</a>'
    return (
        f'<button class="reg-row" type="submit" form="take" formaction="{page.takes.replace("NUMERO", number)}" '
        f'data-row-link>{name}<span class="visually-hidden">, prendre</span></button>'
    )


@cache
def _path(name: str) -> str:
    return reverse(name, args=["NUMERO"])
