"""The rules of unplanned care that a doctor reads on their page: dated rows with their legal source, in data/."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parent / "data" / "snp_rules.csv"
DOCTOR = "10"  # TRE_G15


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    starts: date
    ends: date  # included
    value: str
    unit: str
    words: str
    source: str
    url: str

    @property
    def number(self) -> int:
        return int(self.value)


@cache
def rules() -> tuple[Rule, ...]:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return tuple(
        Rule(
            row["rule"],
            date.fromisoformat(row["from"]) if row["from"] else date.min,
            date.fromisoformat(row["until"]) if row["until"] else date.max,
            row["value"],
            row["unit"],
            row["words"],
            row["source"],
            row["url"],
        )
        for row in rows
    )


def rule(name: str, on: date) -> Rule | None:
    """The rule of that name on that day; None when there was none yet, or no longer."""
    return next((one for one in rules() if one.name == name and one.starts <= on <= one.ends), None)


@dataclass(frozen=True, slots=True)
class Act:
    """What one appointment says of itself."""

    profession: str
    specialty: str
    came: bool
    starts_at: datetime
    asked_at: datetime  # when the regulating doctor asked
    own_patient: bool  # the doctor is the patient's referring doctor


def not_counted(act: Act, on: date) -> str:
    """Why an appointment is not one of the SNP acts of the week, in French; empty when it is.

    Cumulations refused by the NGAP (complex acts, PDSA, other emergency supplements) are the doctor's own billing: they
    are not known here, and the page says so.
    """
    return next(_objections(act, on), "")


def _objections(act: Act, on: date) -> Iterator[str]:
    delay, excluded = rule("delay_hours", on), rule("excluded_specialty", on)
    if delay is None:
        yield "aucune règle SNP n’était en vigueur"
    if act.profession != DOCTOR:
        yield "seuls les médecins cotent l’acte SNP"
    if excluded is not None and act.specialty in excluded.value.split():
        yield "spécialité exclue"
    if not act.came:
        yield "le patient n’a pas été vu"
    if act.own_patient and rule("not_own_patient", on) is not None:
        yield "patient dont vous êtes le médecin traitant"
    if delay is not None and (act.starts_at - act.asked_at).total_seconds() > delay.number * 3600:
        yield f"plus de {delay.number} h après la demande"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What Quinze holds about one professional on one day; each with the words that say where it was read."""

    operational: bool
    operational_words: str
    registered: bool
    registered_words: str
    visible: bool
    visible_words: str


@dataclass(frozen=True, slots=True)
class Condition:
    words: str
    met: bool
    why: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class AnnualSum:
    euros: int
    conditions: tuple[Condition, ...]
    source: str
    url: str

    @property
    def met(self) -> bool:
        return all(condition.met for condition in self.conditions)


def annual_sum(evidence: Evidence, on: date) -> AnnualSum | None:
    """The yearly sum in force that day with each of its conditions, met or not and why; None when none is in force."""
    total = rule("annual_sum", on)
    if total is None:
        return None
    found = (
        ("annual_operational", evidence.operational, evidence.operational_words),
        ("annual_registered", evidence.registered, evidence.registered_words),
        ("annual_visible", evidence.visible, evidence.visible_words),
    )
    return AnnualSum(total.number, tuple(_conditions(found, on)), total.source, total.url)


def _conditions(found: Iterable[tuple[str, bool, str]], on: date) -> Iterable[Condition]:
    for name, met, why in found:
        known = rule(name, on)
        if known is not None:
            yield Condition(known.words, met, why, known.source, known.url)
