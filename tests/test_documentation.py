"""What the documents promise is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEST = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)


def _existing() -> set[str]:
    return {name for path in (ROOT / "tests").rglob("test_*.py") for name in TEST.findall(path.read_text())}


def test_every_capability_names_a_test_that_exists() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/capabilities.md").read_text())
    assert named
    assert sorted(set(named) - _existing()) == []


def test_every_row_of_the_capabilities_has_its_test() -> None:
    lines = (ROOT / "docs/capabilities.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith(("| row", "|---"))]
    assert [row for row in rows if "`test_" not in row] == []


def test_every_complaint_names_tests_that_exist() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/reference/complaints.md").read_text())
    assert named
    assert sorted(set(named) - _existing()) == []


def test_each_complaint_has_its_row_and_a_test_that_names_it() -> None:
    rows = re.findall(r"^\| (\d+) \|.*`test_\w+`", (ROOT / "docs/reference/complaints.md").read_text(), re.MULTILINE)
    assert [int(number) for number in rows] == list(range(1, 26))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = {int(number) for number in re.findall(r"[Cc]omplaints?[ _](?:\d+ and )?(\d+)(?!\d)", tests)}
    assert sorted(set(range(1, 26)) - named) == []


def test_every_cell_of_the_conformance_table_names_tests_that_exist() -> None:
    named = re.findall(r"`(test_\w+)`", (ROOT / "docs/reference/fhir-conformance.md").read_text())
    assert len(named) > 60
    assert sorted(set(named) - _existing()) == []


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_each_role_has_its_page_of_guide() -> None:
    from quinze.accounts.roles import Role

    guide = "\n".join(page.read_text() for page in (ROOT / "docs/guide").glob("*.md"))
    assert [role.label for role in Role if role.label.lower() not in guide.lower()] == []
