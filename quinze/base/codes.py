"""Codes of the official lists: (system, version, code, label). The lists are files of quinze/base/codelists/."""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "codelists"


@dataclass(frozen=True, slots=True)
class Code:
    system: str
    version: str
    code: str
    label: str
    chapter: str = ""
    synonyms: str = ""


def fold(text: str) -> str:
    """Lower case without accents or apostrophes: what people type and what lists print meet here."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", " ").replace("'", " ").replace("œ", "oe"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


@cache
def code_list(name: str) -> tuple[Code, ...]:
    """The list of that file name, in file order. Raises FileNotFoundError for a list that does not exist."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Code(**row) for row in csv.DictReader(line for line in file if not line.startswith("#")))


@cache
def _by_code(name: str) -> dict[str, Code]:
    return {code.code: code for code in code_list(name)}


def find(name: str, code: str) -> Code | None:
    return _by_code(name).get(code)


def label(name: str, code: str) -> str:
    """The label, or the code itself: an unknown code is shown, never refused."""
    found = find(name, code)
    return found.label if found else code


@cache
def _folded(name: str) -> tuple[tuple[str, Code], ...]:
    return tuple((f"{fold(c.label)} | {fold(c.synonyms)} {fold(c.chapter)} {c.code.lower()}", c) for c in code_list(name))


def search(name: str, text: str, *, limit: int = 8) -> list[Code]:
    """Codes whose label, synonyms, chapter or code hold every word typed; those whose label starts so come first."""
    words = fold(text).split()
    if not words:
        return []
    hits = [(not hay.startswith(words[0]), words[0] not in hay.split(" | ")[0], i, c)
            for i, (hay, c) in enumerate(_folded(name)) if all(w in hay for w in words)]
    return [c for *_, c in sorted(hits, key=lambda hit: hit[:3])[:limit]]
