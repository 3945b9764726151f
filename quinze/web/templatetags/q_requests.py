"""The rows of the OSNP's list, written by hand as those of `q_rows`: `{% load q_requests %}`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from typing import Protocol

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from quinze.base import clock
from quinze.web.templatetags.q import clock_badge, clock_hm, day_fr
from quinze.web.templatetags.q_rows import icon, priority

register = template.Library()
ANY = 0  # stands for the number of a request in an address


@dataclass(frozen=True, slots=True)
class Page:
    """Where the rows are drawn; in the group « wait », they are buttons that take."""

    group: str
    opens: str
    takes: str
    now: datetime


class RequestRow(Protocol):
    """What one line shows."""

    pk: int
    priority: str
    requested_at: datetime
    deadline: datetime
    limit_at: datetime
    commune: str
    requested_by: str
    holder: str
    name: str
    age: str
    need: str
    said: str


@register.simple_tag(takes_context=True)
def q_request_rows(context: Context, rows: Iterable[RequestRow], *, group: str, opens: str, takes: str) -> SafeString:
    """`opens` and `takes` name the addresses of a request and of its claim, each with the number as only argument."""
    page = Page(group, opens, takes, context.get("server_now") or clock.now())
    return mark_safe("".join(_row(row, page) for row in rows))  # noqa: S308 — each part is escaped below


def _row(row: RequestRow, page: Page) -> str:
    target = (row.deadline - row.requested_at).total_seconds()
    holder = f"{icon('lock')} {escape(row.holder)}. " if page.group == "taken" else ""
    return (
        f'<tr id="row-{row.pk}"{" data-enter-now" if row.priority == "P0" else ""}><td>{priority(row.priority)}</td>'
        f"<td>{clock_badge(row.requested_at, target=target, now=page.now)}</td>"
        f"<td>{_name(row, page)}{f', {escape(row.age)}' if row.age else ''}<br>"
        f'<span class="q-13 q-2nd">{holder}{escape(row.need)}</span>{_said(row.said)}</td>'
        f"<td>{escape(row.commune)}</td><td>{_before(row.deadline, page.now)}</td><td>{_instant(row.limit_at)}</td>"
        f'<td>{escape(row.requested_by)}<br><span class="q-13 q-2nd">{clock_hm(row.requested_at)}</span></td></tr>'
    )


def _said(words: str) -> str:
    return f'<br><strong class="q-13">{escape(words)}</strong>' if words else ""


def _name(row: RequestRow, page: Page) -> str:
    name = escape(row.name)
    if page.group != "wait":
        return f'<a class="q-row" href="{_address(page.opens, row.pk)}">{name}</a>'
    return (
        f'<button class="ori-take" type="submit" form="take" formaction="{_address(page.takes, row.pk)}" '
        f'data-row-link>{name}<span class="visually-hidden">, prendre</span></button>'
    )


def _before(deadline: datetime, now: datetime) -> str:
    return f"<strong>{_instant(deadline)}, dépassé</strong>" if deadline <= now else _instant(deadline)


def _instant(at: datetime) -> str:
    return f"{day_fr(at)} {clock_hm(at)}"


def _address(name: str, pk: int) -> str:
    before, after = _around(name)
    return f"{before}{pk}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[ANY]).rpartition(f"/{ANY}/")
    return f"{before}/", f"/{after}"
