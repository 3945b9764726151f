"""Quinze's components, for every template: `{% load q %}`. Documented in docs/reference/components.md."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate, localtime

from quinze.base import clock
from quinze.web import drawn, fields, french
from quinze.web.clocks import Clock
from quinze.web.icons import ICONS

register = template.Library()

PRIORITY_WORDS = {"P0": "urgence vitale", "P1": "prioritaire", "P2": "non urgent", "P3": "différé"}
NOTE_ICONS = {"info": "info", "on": "info", "ok": "ok", "warn": "warn", "alert": "alert"}


def _now(context: Context) -> datetime:
    """The instant of the whole page; a fragment rendered outside a request reads the clock."""
    return context.get("server_now") or clock.now()


def _attributes(values: Mapping[str, Any]) -> SafeString:
    """hx_get="/x" → hx-get="/x"; True → bare attribute; None and False → nothing."""
    kept = [(name.replace("_", "-"), value) for name, value in values.items() if value not in (None, False)]
    return mark_safe(  # noqa: S308 — both branches are escaped by format_html
        "".join(
            format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value) for name, value in kept
        )
    )


# ---- atoms


@register.simple_tag
def q_icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Hidden from screen readers unless it stands alone and has a label."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    drawing = mark_safe(ICONS[name])  # noqa: S308 — a constant of icons.py
    extra = f" {css}" if css else ""
    return format_html('<svg class="q-i{}" viewBox="0 0 16 16" {}>{}</svg>', extra, role, drawing)


@register.simple_tag
def q_priority(priority: object, *, large: bool = False, words: bool = True) -> SafeString:
    """Letter, number, shape and weight; nothing at all while the priority is unknown."""
    mark = str(priority or "").upper()
    if mark not in PRIORITY_WORDS:
        return mark_safe('<span class="q-13 q-2nd">à fixer</span>')
    spoken = format_html('<span class="visually-hidden">, {}</span>', PRIORITY_WORDS[mark]) if words else ""
    return format_html('<span class="q-p q-{}{}">{}</span>{}', mark.lower(), " q-p-lg" if large else "", mark, spoken)


@register.simple_tag
def q_key(combination: str) -> SafeString:
    return format_html("<kbd>{}</kbd>", french.key(combination))


@register.simple_tag
def q_keys(*pairs: str) -> SafeString:
    """The desk's key strip: {% q_keys "F2" "Décrocher" "Ctrl+Enter" "Passer la main" %}; F1 comes by itself."""
    items = [("F1", "Aide"), *zip(pairs[::2], pairs[1::2], strict=True)]
    rows = format_html_join("", "<li><kbd>{}</kbd>{}</li>", ((french.key(key), words) for key, words in items))
    return format_html('<ul class="q-keys" aria-label="Raccourcis du poste">{}</ul>', rows)


@register.simple_tag
def q_tag(text: object, *, icon: str = "", on: bool = False, css: str = "") -> SafeString:
    drawing = q_icon(icon) if icon else ""
    classes = " ".join(filter(None, ["q-tag", "q-tag-on" if on else "", css]))
    return format_html('<span class="{}">{}{}</span>', classes, drawing, text)


@register.simple_tag(takes_context=True)
def q_clock(
    context: Context, *, since: datetime, target: float | None = None, at: datetime | None = None, css: str = ""
) -> SafeString:
    """Waited time against its target in seconds; `at` stops it, else clock.js ticks it."""
    return clock_badge(since, target=target, now=at or _now(context), stopped=at is not None, css=css)


def clock_badge(
    since: datetime, *, target: float | None, now: datetime, stopped: bool = False, css: str = ""
) -> SafeString:
    """Written at once, without format_html: forty of them are on a list that thirty desks read again and again."""
    badge = Clock(now.timestamp() - since.timestamp(), float(target) if target else None)
    ticking = "" if stopped else f' data-since="{since.isoformat()}"'
    if target is not None and not stopped:
        ticking += f' data-target="{target}"'
    small = f"<small>/{french.elapsed(badge.target)}</small>" if badge.target else ""
    return mark_safe(  # noqa: S308 — figures and constants; the class is escaped
        f'<span class="q-k q-k-{badge.lateness}{f" {escape(css)}" if css else ""}"{ticking}>'
        f'<svg viewBox="0 0 12 12" aria-hidden="true"><circle cx="6" cy="6" r="5"/><path d="{badge.disc}"/></svg>'
        f'<span class="q-num">{french.elapsed(badge.waited)}</span>{small}'
        f'<span class="visually-hidden">{badge.words}</span></span>'
    )


@register.simple_tag(takes_context=True)
def q_countdown(context: Context, *, until: datetime, total: float = 0, speak: str = "", css: str = "") -> SafeString:
    """Time left, 28 px; fires q:expired at zero; `speak` names what is said at 60, 30 and 10 s."""
    left = max(until.timestamp() - _now(context).timestamp(), 0)
    drain = (
        format_html(
            '<progress class="q-drain" max="{}" value="{}" aria-hidden="true"></progress>', int(total), int(left)
        )
        if total
        else ""
    )
    return format_html(
        '<span class="q-countdown {}"{}><span class="q-count q-num" data-left>{}</span>{}'
        '<span class="visually-hidden" role="status" data-say></span></span>',
        css,
        _attributes({"data_until": until.isoformat(), "data_speak": speak or None}),
        french.elapsed(left),
        drain,
    )


@register.simple_tag(takes_context=True)
def q_live(context: Context, *, at: datetime | None = None, words: str = "En direct, à jour à") -> SafeString:
    """Freshness of one list: turns to a hollow square and « depuis 17 s » when the link is lost."""
    instant = localtime(at or _now(context))
    return format_html(
        '<p class="q-live" data-q-live><span data-q-live-words>{} <span class="q-num">{}</span></span></p>',
        words,
        french.clock(instant, seconds=True),
    )


@register.simple_tag
def q_review() -> SafeString:
    """In the head of a live list: « 2 changements, Revoir Maj F3 », empty while nothing changed."""
    return mark_safe(
        '<span class="q-review" data-review><span role="status" data-review-count></span>'
        '<button class="btn btn-quiet btn-sm" type="button" data-key="Shift+F3" data-review-go hidden>'
        "Revoir<kbd>Maj F3</kbd></button></span>"
    )


@register.simple_tag
def q_refresh(url: str, *topics: str, swap: str = "outerMorph") -> SafeString:
    """Attributes of a fragment that follows live topics and refetches itself after a lost link."""
    events = ", ".join(f"live:{topic} from:body throttle:200ms" for topic in [*topics, "resync"])
    return format_html('hx-get="{}" hx-trigger="{}" hx-target="this" hx-swap="{}" data-live', url, events, swap)


# ---- blocks and small templates


@register.simple_block_tag(end_name="endq_note")
def q_note(content: str, kind: str = "info", *, title: str = "", role: str = "", icon: str = "") -> SafeString:
    """A bold fact, then what to do. `role="alert"` only for P0, a lost hold, a refused message."""
    return format_html(
        '<div class="q-note q-note-{}"{}>{}<div>{}{}</div></div>',
        kind,
        _attributes({"role": role or None}),
        q_icon(icon or NOTE_ICONS[kind]),
        format_html("<strong>{}</strong> ", title) if title else "",
        content,
    )


@register.simple_block_tag(end_name="endq_empty")
def q_empty(content: str, title: str) -> SafeString:
    """A fact, then the last event and what comes next."""
    return format_html('<div class="q-empty"><strong>{}</strong>{}</div>', title, content)


@register.inclusion_tag("web/components/person.html")
def q_person(
    *, name: str, first_name: str = "", age: str = "", sex: str = "", birth: date | None = None, status: str = "",
    priority: str = "", level: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Mark, NAME first name, age, sex, birth date, identity status; `level` makes the name a heading."""
    born = f"{'née' if sex == 'F' else 'né'} le {birth:%d/%m/%Y}" if birth else ""
    facts = ", ".join(filter(None, [age, {"M": "homme", "F": "femme"}.get(sex, ""), born]))
    element = f"h{level}" if level else "p"
    return {
        "name": name, "first_name": first_name, "facts": facts, "status": status, "priority": priority, "el": element,
    }  # fmt: skip


@register.simple_tag
def q_field(bound: BoundField, **options: Any) -> SafeString:
    """Label, control, required mark, help and error of one form field; unknown options become attributes."""
    return drawn.field(bound, options)


@register.simple_tag
def q_combobox(bound: BoundField, url: str, **options: Any) -> SafeString:
    """A text field with the server's suggestions open in place under it."""
    context = fields.combobox(bound, url, options)
    return render_to_string("web/components/combobox.html", context)


@register.inclusion_tag("web/components/form.html")
def q_form(form: Form) -> dict[str, Any]:
    """The refusal of the whole form, then every field in order."""
    return {"form": form}


@register.inclusion_tag("web/components/form_errors.html")
def q_form_errors(form: Form) -> dict[str, Any]:
    return {"form": form}


# ---- filters


@register.filter
def phone_fr(number: object) -> str:
    return french.phone(str(number or ""))


@register.filter
def clock_hm(at: datetime | None) -> str:
    return french.clock(localtime(at)) if at else ""


@register.filter
def clock_hms(at: datetime | None) -> str:
    return french.clock(localtime(at), seconds=True) if at else ""


def _local_date(value: date) -> date:
    return localdate(value) if isinstance(value, datetime) else value


@register.filter
def day_fr(on: date | None) -> str:
    return french.day(_local_date(on)) if on else ""


@register.filter
def day_long_fr(on: date | None) -> str:
    return french.day_long(_local_date(on)) if on else ""


@register.filter
def date_fr(on: date | None) -> str:
    return f"{_local_date(on):%d/%m/%Y}" if on else ""


@register.filter
def km_fr(kilometres: float | None) -> str:
    return french.distance(float(kilometres)) if kilometres is not None else ""


@register.filter
def age_fr(birth: date | int | None, on: datetime | None = None) -> str:
    """From a birth date, or from an age in years said by the caller."""
    if birth is None or birth == "":
        return ""
    if isinstance(birth, int):
        return french.years(birth)
    return french.age(_local_date(birth), on=localdate(on or clock.now()))


@register.filter
def ago(at: datetime | None, now: datetime | None = None) -> str:
    return french.ago(at, now=now or clock.now()) if at else ""


@register.filter
def elapsed_fr(seconds: float | None) -> str:
    return french.elapsed(seconds) if seconds is not None else ""


@register.filter
def case_no(national: object) -> str:
    return french.case_number(str(national or ""))
