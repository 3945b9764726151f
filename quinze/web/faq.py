"""Questions that people ask, by theme, with the answer for each role: data/faq.toml."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.safestring import SafeString

from quinze.accounts.roles import Role
from quinze.web import guide

FILE = Path(__file__).parent / "data" / "faq.toml"


@dataclass(frozen=True, slots=True)
class Question:
    slug: str
    theme: str
    ask: str
    answer: str
    roles: frozenset[Role]  # none: everyone
    more: str  # guide#section

    @property
    def html(self) -> SafeString:
        return guide.html_of(self.answer)

    @property
    def more_url(self) -> str:
        page, _, section = self.more.partition("#")
        return guide.url_of(page, section) if page else ""

    def is_for(self, role: Role | None) -> bool:
        return role is None or not self.roles or role in self.roles


@cache
def questions() -> tuple[Question, ...]:
    """In the order of the file. A word that is no role is an error of the file, said at once."""
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_question(theme["title"], each) for theme in read["theme"] for each in theme["question"])


def _question(theme: str, written: dict[str, object]) -> Question:
    roles = written.get("roles", [])
    assert isinstance(roles, list)  # noqa: S101 — a shipped file
    return Question(
        slug=guide.slug_of(str(written["ask"])),
        theme=theme,
        ask=str(written["ask"]),
        answer=str(written["answer"]),
        roles=frozenset(Role(role) for role in roles),
        more=str(written.get("more", "")),
    )


def by_theme(role: Role | None) -> dict[str, list[Question]]:
    themes: dict[str, list[Question]] = {}
    for question in questions():
        if question.is_for(role):
            themes.setdefault(question.theme, []).append(question)
    return themes


def find(asked: str, *, role: Role | None) -> Iterable[Question]:
    """Questions that hold every word asked, in their words or in their answer."""
    words = guide.folded(asked)[:80].split()
    return [
        each
        for each in questions()
        if words and each.is_for(role) and all(word in guide.folded(f"{each.ask} {each.answer}") for word in words)
    ]
