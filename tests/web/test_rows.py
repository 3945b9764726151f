"""Rows written by hand are as safe as a template's: nothing that a person typed is markup."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

AT = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
TYPED = '<script>alert("x")</script>&\''
SAFE = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#x27;"


@dataclass
class File:
    number: str = "DRFR158600000000001"
    priority: str = "P2"
    waiting_since: datetime = AT - timedelta(minutes=4)
    target: int | None = 900
    name: str = "PINSON Noé"
    age: str = "4 ans"
    holder: str = ""
    words: str = "Fièvre, Lusignan"
    marks: list[tuple[str, str, bool]] = field(default_factory=list)


def rows(*files: File, group: str = "wait", current: str = "") -> str:
    tag = 'q_file_rows rows group=group current=current opens="regulation:doctor_case" takes="regulation:claim"'
    context = {"rows": files, "group": group, "current": current, "server_now": AT}
    return Template("{% load q_rows %}{% " + tag + " %}").render(Context(context))


@pytest.mark.parametrize("group", ["wait", "mine", "taken"])
def test_what_was_typed_is_text(group: str) -> None:
    html = rows(File(name=TYPED, age=TYPED, holder=TYPED, words=TYPED, marks=[(TYPED, "", False)]), group=group)
    assert "<script" not in html
    assert html.count(SAFE) == (5 if group == "taken" else 4)


def test_a_waiting_file_is_taken_a_held_one_opened() -> None:
    assert 'formaction="/regulation/DRFR158600000000001/prendre/"' in rows(File())
    assert 'href="/regulation/DRFR158600000000001/"' in rows(File(), group="mine")


def test_the_open_file_is_marked_and_a_vital_emergency_enters_at_once() -> None:
    html = rows(File(priority="P0"), current="DRFR158600000000001")
    assert 'class="is-sel"' in html
    assert 'aria-current="true"' in html
    assert " data-enter-now>" in html
    assert "is-p0" in html
