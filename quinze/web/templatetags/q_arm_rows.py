"""The rows of the ARM's list, written by hand as those of the doctors (q_rows.py)."""

from collections.abc import Iterable

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from quinze.base import clock
from quinze.regulation.queries import Row
from quinze.regulation.templatetags.q_case import case_url, vulnerability
from quinze.web.templatetags.q import clock_badge, clock_hm
from quinze.web.templatetags.q_rows import priority, tag

register = template.Library()


@register.simple_tag(takes_context=True)
def q_arm_rows(context: Context, rows: Iterable[Row], *, current: str) -> SafeString:
    now = context.get("server_now") or clock.now()
    badges = ((row, clock_badge(row.waiting_since, target=row.target, now=now)) for row in rows)
    return mark_safe("".join(_row(row, badge, current) for row, badge in badges))  # noqa: S308 — escaped below


def _row(row: Row, badge: str, current: str) -> str:
    selected, marked = (' class="is-sel"', ' aria-current="true"') if row.number == current else ("", "")
    link = f'<a class="q-row" href="{case_url("arm_case", row.number)}"{marked}>{escape(row.name)}</a>'
    return (
        f'<tr id="row-{escape(row.number)}"{selected}{" data-enter-now" if row.red_flag else ""}>'
        f"<td>{priority(row.priority)}</td><td>{badge}</td>"
        f"<td>{link}{f', {escape(row.age)}' if row.age else ''}{_marks(row)}</td>"
        f"<td>{escape(row.commune)}</td><td>{escape(row.reason)}</td><td>{escape(row.stream)}</td>"
        f"<td>{escape(row.where)}{_callback(row)}</td></tr>"
    )


def _marks(row: Row) -> str:
    flags = "".join(f" {tag(vulnerability(flag))}" for flag in row.vulnerabilities)
    return f"{flags} {tag('a rappelé', icon='phone')}" if row.called_again else flags


def _callback(row: Row) -> str:
    if row.callback_due:
        return f" {tag('à rappeler', icon='phone', on=True)}"
    return f", à rappeler à {clock_hm(row.callback_due_at)}" if row.callback_due_at else ""
