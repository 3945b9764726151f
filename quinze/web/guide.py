"""The guide as pages show it: the files of docs/guide, one for each role, made into HTML when they change."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

COMMON, TRAINING, CONTENTS = "pour-tous", "formation", "README"
EXCERPT = 160
_KEY = re.compile(r"(?:(?:Ctrl|Alt|Maj) )*(?:F\d{1,2}|[A-Z?]|Entrée|Échap|Espace|[←↑→↓])(?: [←↑→↓])?")
_LINK = re.compile(r"^([\w-]+)\.md(#.+)?$")


@dataclass(frozen=True, slots=True)
class Section:
    """From one heading to the next; `level` 2 or 3."""

    slug: str
    title: str
    level: int
    text: str  # without marks: what the search reads


@dataclass(frozen=True, slots=True)
class Page:
    slug: str
    title: str
    html: SafeString
    sections: tuple[Section, ...]

    @property
    def url(self) -> str:
        return url_of(self.slug)


@dataclass(frozen=True, slots=True)
class Found:
    title: str
    where: str
    url: str
    excerpt: SafeString


def url_of(slug: str, section: str = "") -> str:
    return reverse("web:guide", args=[slug]) + (f"#{section}" if section else "")


def pages() -> dict[str, Page]:
    """By slug; empty where this installation came without its guide. Files are read again once one has changed."""
    files = sorted(Path(settings.QUINZE_GUIDE).glob("*.md"))
    return _pages(tuple((path, path.stat().st_mtime_ns) for path in files if path.stem != CONTENTS))


@cache
def _pages(files: tuple[tuple[Path, int], ...]) -> dict[str, Page]:
    return {path.stem: page_of(path.stem, path.read_text(encoding="utf-8")) for path, _ in files}


def page_of(slug: str, text: str) -> Page:
    """HTML written in the text is shown as it is typed, never obeyed; the title of the page is left to its frame."""
    markdown = _markdown()
    tokens = markdown.parse(text)
    title = tokens[1].content if tokens and tokens[0].tag == "h1" else slug
    body = tokens[3:] if title is not slug else tokens
    sections = tuple(_sections(body))
    html = mark_safe(markdown.renderer.render(body, markdown.options, {}))  # noqa: S308 — html is off, links are checked
    return Page(slug=slug, title=title, html=html, sections=sections)


def html_of(text: str) -> SafeString:
    """A few lines of the same writing: an answer, a welcome."""
    return mark_safe(str(_markdown().render(text)))  # noqa: S308 — html is off, links are checked


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    for name, rule in (("link_open", _link), ("code_inline", _code), ("table_open", _table), ("th_open", _head)):
        markdown.add_render_rule(name, rule)
    return markdown


def _sections(tokens: list[Token]) -> Iterator[Section]:
    """Each heading is given its anchor on the way."""
    starts = [index for index, token in enumerate(tokens) if token.type == "heading_open"]
    for start, end in pairwise([*starts, len(tokens)]):
        title = plain(tokens[start + 1])
        slug = slug_of(title)
        tokens[start].attrSet("id", slug)
        words = " ".join(plain(token) for token in tokens[start + 3 : end] if token.type == "inline")
        yield Section(slug=slug, title=title, level=int(tokens[start].tag[1]), text=words)


def plain(token: Token) -> str:
    return "".join(" " if child.type == "softbreak" else child.content for child in token.children or ())


def slug_of(title: str) -> str:
    """As forges anchor their headings, so that the links of the files hold there too."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


# ---- how marks are written


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, _env: EnvType) -> str:
    token = tokens[index]
    if link := _LINK.match(str(token.attrs.get("href", ""))):
        token.attrSet("href", url_of(link[1], (link[2] or "")[1:]))
    return renderer.renderToken(tokens, index, options, {})


def _code(_renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    content = tokens[index].content
    return format_html("<kbd>{}</kbd>" if _KEY.fullmatch(content) else "<code>{}</code>", content)


def _table(*_: object) -> str:
    return '<table class="q-table">'


def _head(*_: object) -> str:
    return '<th scope="col">'


# ---- search


def folded(text: str) -> str:
    """Without case nor accents; the ligatures and apostrophes of French typography as keyboards write them."""
    letters = text.lower().replace("œ", "oe").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", letters) if not unicodedata.combining(c))


def find(asked: str, *, first: str = "") -> list[Found]:
    """Sections that hold every word asked; a word in the title counts more, then the guide of one's own role."""
    words = folded(asked)[:80].split()
    if not words:
        return []
    matches = [_match(page, section, words, first=first) for page in pages().values() for section in page.sections]
    kept = sorted(filter(None, matches), key=lambda match: -match[0])  # in the order of the pages where they are even
    return [_found(page, section, words) for _, page, section in kept]


def _match(page: Page, section: Section, words: list[str], *, first: str) -> tuple[int, Page, Section] | None:
    whole, title = folded(f"{page.title} {section.title} {section.text}"), folded(section.title)
    if not all(word in whole for word in words):
        return None
    return sum(word in title for word in words) * 2 + (page.slug in {first, COMMON}), page, section


def _found(page: Page, section: Section, words: list[str]) -> Found:
    excerpt = excerpt_of(section.text, words)
    return Found(title=section.title, where=page.title, url=url_of(page.slug, section.slug), excerpt=excerpt)


def excerpt_of(text: str, words: list[str]) -> SafeString:
    """Around the first word found; folding keeps the length of all but a few letters, which only moves the cut."""
    plain_text = strip_tags(text)
    places = [place for place in (folded(plain_text).find(word) for word in words) if place >= 0]
    start = max(min(places, default=0) - EXCERPT // 3, 0)
    cut = plain_text[start : start + EXCERPT].strip()
    return mark_safe(  # noqa: S308 — escaped here
        ("… " if start else "") + escape(cut) + (" …" if start + EXCERPT < len(plain_text) else "")
    )
