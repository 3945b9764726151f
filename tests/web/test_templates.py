"""Every template compiles, and none holds what the content security policy refuses."""

import re
from pathlib import Path

import pytest
from django.template import engines

import quinze

ROOT = Path(quinze.__file__).parent
TEMPLATES = sorted(ROOT.glob("*/templates/**/*.*"))
SCRIPTS = sorted(ROOT.glob("*/static/**/*.js"))
# What a tag may carry that would need 'unsafe-inline' or 'unsafe-eval'.
REFUSED = {
    "inline style": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on[:\s=-]", re.IGNORECASE),
    "script body": re.compile(r"<script(?![^>]*(\bsrc=|application/json))[^>]*>", re.IGNORECASE),
    "javascript link": re.compile(r"(javascript:|=\s*[\"']js:)", re.IGNORECASE),
    "trigger filter": re.compile(r"hx-trigger\s*=\s*\"[^\"]*\[", re.IGNORECASE),
    "other host": re.compile(r"(src|href)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_template_compiles(path: Path) -> None:
    engines["django"].from_string(path.read_text())


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=name)
def test_template_keeps_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    found = [what for what, pattern in REFUSED.items() if pattern.search(text)]
    assert found == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_script_is_small_and_evaluates_nothing(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 200
    assert not re.search(r"\beval\(|new Function|setAttribute\(\"style\"", text)
    assert not re.search(r"^import ", text, re.MULTILINE), "hashed names: a module stands alone"
