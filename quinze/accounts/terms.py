"""The terms of use as a page shows them: headings, paragraphs and lists, nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SHIPPED = Path(__file__).parent / "data" / "cgu.md"


@dataclass(slots=True)
class Section:
    title: str = ""
    paragraphs: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)


def sections(text: str) -> list[Section]:
    """A line beginning with « ## » opens a section, with « - » is in its list; the page’s own title is left out."""
    return list(_sections(text.splitlines()))


def title_of(text: str) -> str:
    first = text.strip().partition("\n")[0]
    return first.removeprefix("#").strip()[:160]


def _sections(lines: list[str]) -> Iterator[Section]:
    section = Section()
    for line in (line.strip() for line in lines):
        if line.startswith("## "):
            if section.title or section.paragraphs or section.items:
                yield section
            section = Section(line[3:])
        elif line.startswith("- "):
            section.items.append(line[2:])
        elif line and not line.startswith("# "):
            section.paragraphs.append(line)
    yield section
