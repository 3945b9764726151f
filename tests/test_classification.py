"""Nobody adds a column without saying what it holds, who reads it and how long it stays."""

import csv
import re
from pathlib import Path

from django.apps import apps

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
KINDS = {"identity", "contact", "health", "technical"}


def classified() -> list[dict[str, str]]:
    with (FOLDER / "data-classification.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns() -> set[tuple[str, str]]:
    ours = (m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("quinze."))
    return {(model._meta.db_table, field.column) for model in ours for field in model._meta.local_fields}


def explained() -> set[str]:
    """The words that the page defines, in the first cell of its tables."""
    rows = re.findall(r"^\| (`[^|]+) \|", (FOLDER / "data-classification.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_every_column_is_classified_once_and_none_is_stale() -> None:
    written = [(row["table"], row["column"]) for row in classified()]
    assert len(written) == len(set(written))
    assert {"unclassified": columns() - set(written), "stale": set(written) - columns()} == {
        "unclassified": set(),
        "stale": set(),
    }


def test_every_word_of_the_classification_is_explained() -> None:
    rows = classified()
    assert {row["kind"] for row in rows} <= KINDS
    used = {row[name] for row in rows for name in ("kind", "readers", "retention")}
    assert used - explained() == set()


def test_what_a_person_says_of_their_health_is_for_the_care_team_only() -> None:
    interrogation = {"reason_label", "summary", "vitals", "treatments", "allergies", "assessment"}
    rows = [row for row in classified() if row["table"] == "regulation_casefile" and row["column"] in interrogation]
    assert {(row["kind"], row["readers"]) for row in rows} == {("health", "care")}
    assert len(rows) == len(interrogation)
