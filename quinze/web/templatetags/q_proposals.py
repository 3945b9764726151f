"""The proposals of a search with their seats, written by hand as the rows of `q_rows`: `{% load q_proposals %}`."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Protocol
from urllib.parse import quote

from django import template
from django.utils.safestring import SafeString, mark_safe

from quinze.web.templatetags.q import km_fr
from quinze.web.templatetags.q_rows import icon

register = template.Library()
SECTORS = {
    "1": ", secteur 1", "OPTAM": ", secteur 2 OPTAM", "2": ", secteur 2", "NC": ", <strong>non conventionné</strong>",
}  # fmt: skip
ASKING = {"overbooking": ("accord", "Demander son accord"), "contact": ("adresser", "Adresser")}


class Seat(Protocol):
    """One hour; `choice` is posted to keep it, `gone` says who has it, `kept_by` which editor books it."""

    @property
    def choice(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def gone(self) -> str: ...
    @property
    def is_held(self) -> bool: ...
    @property
    def kept_by(self) -> str: ...


class Proposal(Protocol):
    candidate: str
    rank: int | None
    label: str
    commune: str
    information: str
    km: float | None
    minutes: int | None
    offer: str
    sector: str


class Row(Protocol):
    """`others` are other places of the same person: label, seats. `received`: who receives in their place, and when."""

    proposal: Proposal
    reasons: str
    seats: Sequence[Seat]
    more: Sequence[Seat]
    is_current: bool
    others: Sequence[tuple[str, Sequence[Seat]]]
    received: Sequence[str]


@register.simple_tag
def q_proposal_rows(rows: Iterable[Row]) -> SafeString:
    return mark_safe("".join(_row(row) for row in rows))  # noqa: S308 — each part is escaped below


@register.simple_tag
def q_seats(seats: Iterable[Seat]) -> SafeString:
    return mark_safe(_seats(seats))  # noqa: S308 — each part is escaped below


def _row(row: Row) -> str:
    shown = row.proposal
    current, held = (' class="is-sel" aria-current="true"', " is-held") if row.is_current else ("", "")
    minutes = f'<br><span class="q-13 q-2nd">≈ {shown.minutes} min</span>' if shown.minutes else ""
    return (
        f'<tr{current}><td><span class="ori-r{held}">{shown.rank}</span></td><td>{_said(row)}</td>'
        f'<td class="num">{km_fr(shown.km)}{minutes}</td>'
        f"<td>{_seats(row.seats, followed=True)}{_more(row)}{_asking(shown)}</td></tr>\n"
    )


def _said(row: Row) -> str:
    """Who, where, why, and their other places."""
    shown = row.proposal
    words = [
        f"<strong>{escape(shown.label)}</strong>, {escape(shown.commune)}{SECTORS.get(shown.sector, '')}",
        f'<span class="q-13 q-2nd">{escape(row.reasons)}</span>',
    ]
    words += [f'<span class="q-tag q-tag-on ori-by">{icon("person")}{escape(said)}</span>' for said in row.received]
    if shown.information:
        words.append(f'<span class="q-13">{escape(shown.information)}</span>')
    words += [f'<span class="q-13">Aussi {escape(label)} : {_seats(seats)}</span>' for label, seats in row.others]
    return "<br>".join(words)


def _more(row: Row) -> str:
    if not row.more:
        return ""
    return (
        f'<details class="ori-more"><summary class="btn btn-quiet btn-sm">+{len(row.more)}'
        f'<span class="visually-hidden"> autres créneaux de {escape(row.proposal.label)}</span></summary>'
        f"{_seats(row.more)}</details>"
    )


def _asking(shown: Proposal) -> str:
    """Without a seat: the doctor is asked, or the patient is sent there."""
    if shown.offer not in ASKING:
        return ""
    name, words = ASKING[shown.offer]
    return f'<a class="btn btn-quiet btn-sm" href="?{name}={quote(shown.candidate)}" data-row-link>{words}</a>'


def _seats(seats: Iterable[Seat], *, followed: bool = False) -> str:
    """`followed`: the first one is what the row itself opens."""
    return "".join(f"{_seat(seat, followed=followed and place == 0)} " for place, seat in enumerate(seats))


def _seat(seat: Seat, *, followed: bool) -> str:
    label = escape(f"{seat.label} · {seat.kept_by}" if seat.kept_by else seat.label)
    if seat.is_held:
        return f'<span class="q-tag q-tag-on ori-held">{icon("lock")}{label} retenu</span>'
    if seat.gone:
        return f'<span class="ori-gone"><del>{label}</del> {escape(seat.gone)}</span>'
    link = " data-row-link" if followed else ""
    return (
        f'<button class="btn btn-quiet btn-sm" type="submit" form="retenir" name="choice" '
        f'value="{escape(seat.choice)}"{link}>{label}</button>'
    )
