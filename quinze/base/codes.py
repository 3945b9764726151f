"""Codes of the official lists: (system, version, code, label). The lists are files of quinze/base/codelists/."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "codelists"
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_SMALL_WORDS = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "un", "une"])


@dataclass(frozen=True, slots=True)
class Code:
    system: str
    version: str
    code: str
    label: str
    chapter: str = ""
    synonyms: str = ""


def fold(text: str) -> str:
    """Lower case without accents, apostrophes or hyphens: what people type and what lists print meet here."""
    spelled = text.lower()
    if spelled.isascii():
        return _NOT_WORD.sub(" ", spelled).strip()
    spelled = spelled.replace("œ", "oe").replace("æ", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain).strip()


@cache
def code_list(name: str) -> tuple[Code, ...]:
    """The list of that file name, in file order. Raises FileNotFoundError for a list that does not exist."""
    everyday = {row["code"]: row["synonyms"] for row in _rows(f"{name}.synonyms")} if _has_synonyms(name) else {}
    return tuple(Code(**row | {"synonyms": everyday.get(row["code"], row["synonyms"])}) for row in _rows(name))


def _has_synonyms(name: str) -> bool:
    return (FOLDER / f"{name}.synonyms.csv").exists()


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@cache
def _by_code(name: str) -> dict[str, Code]:
    return {code.code: code for code in code_list(name)}


def find(name: str, code: str) -> Code | None:
    return _by_code(name).get(code)


def label(name: str, code: str) -> str:
    """The label, or the code itself: an unknown code is shown, never refused."""
    found = find(name, code)
    return found.label if found else code


@dataclass(frozen=True, slots=True)
class _Entry:
    label: str
    words: str  # every word of label, synonyms, chapter and code, each after a space
    synonyms: tuple[str, ...]
    folded_code: str
    code: Code


@cache
def _entries(name: str) -> tuple[_Entry, ...]:
    return tuple(_entry(code) for code in code_list(name))


def _entry(code: Code) -> _Entry:
    label_words, synonyms = fold(code.label), tuple(fold(s) for s in code.synonyms.split("|"))
    words = " ".join([label_words, *synonyms, fold(code.chapter), fold(code.code), code.code.lower()])
    return _Entry(label_words, f" {words}", synonyms, fold(code.code), code)


def search(name: str, text: str, *, limit: int = 8) -> list[Code]:
    """Codes in which every word typed, but small ones, begins a word of the label, a synonym, the chapter or the code.

    First those whose label starts with what was typed, then a synonym, then those that hold all words in the label.
    """
    typed = fold(text)
    words = typed.split()
    needles = [f" {word}" for word in words if word not in _SMALL_WORDS] or [f" {word}" for word in words]
    if not needles:
        return []
    hits = [e for e in _entries(name) if all(needle in e.words for needle in needles)]
    hits.sort(key=lambda e: _rank(e, typed, needles))  # stable: the list's own order decides between equals
    return [e.code for e in hits[:limit]]


def _rank(entry: _Entry, typed: str, needles: list[str]) -> int:
    if typed in (entry.label, entry.folded_code):
        return 0
    if entry.label.startswith(typed) or entry.folded_code.startswith(typed):
        return 1
    if any(synonym.startswith(typed) for synonym in entry.synonyms):
        return 2
    return 3 if all(needle in f" {entry.label}" for needle in needles) else 4
