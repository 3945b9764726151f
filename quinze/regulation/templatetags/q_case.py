"""Words about a case file, for its pages: `{% load q_case %}`."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localdate, localtime

from quinze.accounts.roles import Role
from quinze.base.codes import label
from quinze.orientation.queries.assisting import Remote
from quinze.patients.models import Patient
from quinze.patients.queries import age_words, display_name
from quinze.regulation import sections
from quinze.regulation.models import CaseFile

register = template.Library()
ANY = "NUMERO"
SEXES = {"M": "homme", "F": "femme"}
BEAT = "every 25s"
SHORT_ROLES = {"regulateur_amu": "régulation AMU", "regulateur_snp": "régulation SNP"}
PHONE = re.compile(r"\+33([1-9])(\d{8})")
MONTHS = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


@register.simple_tag
def live_case(url: str, case: CaseFile, *, beat: bool = False) -> SafeString:
    """A part of the open file: fetched again when the file changes; with `beat`, to say that one is still there."""
    return _live(url, [f"case:{case.number}"], [BEAT] if beat else [])


@register.simple_tag
def live_remote(url: str, acts: list[Remote]) -> SafeString:
    """Fetched again when one of these requests changes; a desk without any asks nothing."""
    return _live(url, [f"request:{act.assistance.pk}" for act in acts])


def _live(url: str, topics: list[str], others: Iterable[str] = ()) -> SafeString:
    events = ", ".join([*(f"live:{topic} from:body throttle:200ms" for topic in [*topics, "resync"]), *others])
    return format_html('hx-get="{}" hx-trigger="{}" hx-target="this" hx-swap="outerMorph" data-live', url, events)


@register.simple_tag
def case_url(name: str, number: str, *rest: str) -> str:
    """The address of a page of one file. A desk shows thirty: Django looks each name up once, for any number."""
    return _address(name, rest).replace(ANY, quote(number, safe=""))


@lru_cache(maxsize=256)
def _address(name: str, rest: tuple[str, ...]) -> str:
    return reverse(f"regulation:{name}", args=[ANY, *rest])


@register.simple_tag
def hidden(bound: BoundField) -> SafeString:
    """What a field chosen in a list sends with its words, as Django draws it, without its templates."""
    value = bound.field.widget.format_value(bound.value())
    said = "" if value is None else format_html(' value="{}"', value)
    return format_html('<input type="hidden" name="{}"{} id="{}">', bound.html_name, said, bound.auto_id)


@register.filter
def person_name(person: Patient) -> str:
    return display_name(person)


@register.filter
def person_facts(person: Patient, at: datetime) -> str:
    """« 4 ans, homme, né le 08/03/2022 »."""
    born = f"{'née' if person.sex == 'F' else 'né'} le {person.birth_date:%d/%m/%Y}" if person.birth_date else ""
    return ", ".join(filter(None, [age_words(person, on=localdate(at)), SEXES.get(person.sex, ""), born]))


@register.filter
def role_label(role: str) -> str:
    return Role(role).label if role in Role.values else role


@register.filter
def short_role(role: str) -> str:
    """In a chronology, where the name already says Dr."""
    return SHORT_ROLES.get(role) or role_label(role)


@register.filter
def readable(text: str) -> str:
    """Telephones of a line of the chronology as people read them: 06 39 98 41 27."""
    return PHONE.sub(lambda found: f"0{found[1]} " + " ".join(re.findall("..", found[2])), text)


@register.filter
def short_day(instant: datetime) -> str:
    local = localtime(instant)
    return f"{local.day} {MONTHS[local.month - 1]}, {local:%H:%M}"


@register.filter
def first_part(text: str) -> str:
    return text.partition(",")[0]


@register.filter
def vulnerability(code: str) -> str:
    return sections.VULNERABILITIES.get(code, code)


@register.filter
def caller_type(code: str) -> str:
    return label("caller_types", code).lower()


@register.filter
def callback_words(case: CaseFile) -> str:
    """« à rappeler à 11:20 : refaire le point »."""
    due = localtime(case.callback_due_at)
    return f"à rappeler à {due:%H:%M}{f' : {case.callback_reason}' if case.callback_reason else ''}"


@register.filter
def place_words(case: CaseFile) -> str:
    commune = case.commune.name if case.commune else case.commune_text
    return ", ".join(filter(None, [case.address, commune]))


@register.filter
def deciders(case: CaseFile) -> str:
    """Who decided on an earlier file, each once."""
    return ", ".join(dict.fromkeys(str(decision.by) for decision in case.decided))  # type: ignore[attr-defined]


@register.filter
def absence_words(absence: Any, at: datetime) -> str:
    """« Absent jusqu’à jeu. 8 h », « Absent du jeu. 8 h au sam. 12 h »."""
    start, end = absence.lower, absence.upper
    until = f"jusqu’à {_moment(end)}" if end else "sans date de retour"
    if start and start > at:
        return f"Absent à partir de {_moment(start)}, {until}"
    return f"Absent {until}"


def _moment(instant: datetime) -> str:
    local = localtime(instant)
    return f"{DAYS[local.weekday()]} {local.day}, {local:%H:%M}"


@register.simple_tag
def live_every(url: str, delay: str, *topics: str) -> SafeString:
    """A fragment that follows topics, and time: people come and go without a line anywhere."""
    events = ", ".join(f"live:{topic} from:body throttle:200ms" for topic in [*topics, "resync"])
    triggers = f"{events}, every {delay}"
    return format_html('hx-get="{}" hx-trigger="{}" hx-target="this" hx-swap="outerMorph" data-live', url, triggers)


@register.filter
def attribution(code: str) -> str:
    return label("attributions", code)


@register.filter
def state_words(case: CaseFile) -> str:
    """« Validé, clos à 15:10 », or whose turn it is."""
    if case.closed_at is None:
        return f"{case.get_step_display()}."
    return f"{label('states', case.state)}, clos à {localtime(case.closed_at):%H:%M}."


@register.filter
def since(instant: datetime, start: datetime) -> str:
    """Elapsed since the call, as the chronology writes it: 0:53, 1:38:28; nothing before it."""
    seconds = int((instant - start).total_seconds())
    if seconds < 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


@register.filter
def duration_words(seconds: float | None) -> str:
    """« 4 s », « 3 min 53 », « 3 h 50 »: as one says it."""
    if seconds is None:
        return ""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02}"
    return f"{whole // 3600} h {whole % 3600 // 60:02}"


@register.filter
def phase_words(phase: Any) -> str:
    return duration_words((phase.end - phase.start).total_seconds())
