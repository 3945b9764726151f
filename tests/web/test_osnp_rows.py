"""The OSNP's rows, written by hand: what a person typed is text, and each state has its own control."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

AT = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
TYPED = '<script>alert("x")</script>&\''
SAFE = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#x27;"


@dataclass
class Request:
    pk: int = 12
    priority: str = "P2"
    requested_at: datetime = AT - timedelta(minutes=4)
    deadline: datetime = AT + timedelta(hours=3)
    limit_at: datetime = AT + timedelta(hours=47)
    commune: str = "Lusignan"
    requested_by: str = "Dr Iris Merle"
    holder: str = ""
    name: str = "PINSON Noé"
    age: str = "4 ans"
    need: str = "Médecine générale, au cabinet"
    said: str = ""


@dataclass
class Seat:
    choice: str = "p1@2|3|AMB"
    label: str = "14:20"
    gone: str = ""
    is_held: bool = False
    kept_by: str = ""


@dataclass
class Proposal:
    candidate: str = "p1@2"
    rank: int | None = 1
    label: str = "Dr Rose Tilleul"
    commune: str = "Vivonne"
    information: str = ""
    km: float | None = 4.2
    minutes: int | None = 9
    offer: str = "slot"
    sector: str = ""


@dataclass
class Row:
    proposal: Proposal = field(default_factory=Proposal)
    reasons: str = "a de la place"
    seats: list[Seat] = field(default_factory=lambda: [Seat()])
    more: list[Seat] = field(default_factory=list)
    is_current: bool = False
    others: list[tuple[str, list[Seat]]] = field(default_factory=list)
    received: list[str] = field(default_factory=list)


def requests(*rows: Request, group: str = "wait") -> str:
    tag = '{% q_request_rows rows group=group opens="orientation:request" takes="orientation:claim" %}'
    context = {"rows": rows, "group": group, "server_now": AT}
    return Template("{% load q_requests %}" + tag).render(Context(context))


def proposals(*rows: Row) -> str:
    return Template("{% load q_proposals %}{% q_proposal_rows rows %}").render(Context({"rows": rows}))


@pytest.mark.parametrize(("group", "times"), [("wait", 5), ("mine", 5), ("taken", 6)])
def test_what_was_typed_in_a_request_is_text(group: str, times: int) -> None:
    typed = Request(commune=TYPED, requested_by=TYPED, holder=TYPED, name=TYPED, age=TYPED, need=TYPED)
    html = requests(typed, group=group)
    assert "<script" not in html
    assert html.count(SAFE) == times


def test_a_waiting_request_is_taken_a_held_one_opened_a_late_one_says_so() -> None:
    assert 'formaction="/orientation/12/prendre/"' in requests(Request())
    assert 'href="/orientation/12/"' in requests(Request(), group="mine")
    assert "dépassé</strong>" not in requests(Request())
    assert "dépassé</strong>" in requests(Request(deadline=AT))
    assert '<tr id="row-12" data-enter-now>' in requests(Request(priority="P0"))


def test_what_was_typed_in_a_proposal_is_text() -> None:
    seat, other = Seat(TYPED, TYPED), (TYPED, [Seat(gone=TYPED)])
    said = Proposal(candidate=TYPED, label=TYPED, commune=TYPED, information=TYPED, offer="contact")
    html = proposals(Row(said, TYPED, [seat], [Seat(label=TYPED, is_held=True)], others=[other], received=[TYPED]))
    assert "<script" not in html
    assert html.count(SAFE) == 11
    assert 'href="?adresser=%3Cscript%3E' in html


def test_a_seat_is_free_kept_or_lost() -> None:
    html = proposals(Row(seats=[Seat(), Seat(is_held=True), Seat(gone="pris par R. Merle")], is_current=True))
    assert html.count('name="choice"') == html.count("data-row-link") == 1
    assert "14:20 retenu</span>" in html
    assert "<del>14:20</del> pris par R. Merle" in html
    assert '<tr class="is-sel" aria-current="true">' in html


def test_a_seat_of_an_editor_says_whose_it_is() -> None:
    html = proposals(Row(seats=[Seat(kept_by="Agendix & Cie")]))
    assert ">14:20 · Agendix &amp; Cie</button>" in html
