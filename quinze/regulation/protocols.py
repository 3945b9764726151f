"""The vital questions: a dated local protocol. They are asked and written down; they never set a priority."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

PREFIX = "vital_"


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    text: str
    said: str  # how the answer that reassures is written to the next actor
    reassuring: bool = True


@dataclass(frozen=True, slots=True)
class Protocol:
    title: str
    version: int
    author: str
    since: date
    questions: tuple[Question, ...]


# Questions of first sorting that every call centre asks; a SAS dates and signs its own.
VITAL = Protocol(
    title="Questions vitales",
    version=1,
    author="modèle livré avec Quinze, à valider par le SAS",
    since=date(2026, 11, 1),
    questions=(
        Question("respire", "Respire sans peine ?", "Respire sans peine"),
        Question("reagit", "Réagit, répond ?", "Réagit, répond"),
        Question("saigne", "Saigne beaucoup ?", "Ne saigne pas", reassuring=False),
    ),
)


def posted(data: QueryDict) -> dict[str, Any]:
    """{"vitals": {code: "oui"/"non"}} of the answers that the page sent, or nothing."""
    answers = {q.code: data[PREFIX + q.code] for q in VITAL.questions if data.get(PREFIX + q.code) in ("oui", "non")}
    return {"vitals": answers} if answers else {}


def rows(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each question with the answer given, if any, and how a doctor reads it."""
    said = {"oui": True, "non": False}
    return [
        _row(question, said.get(answer, answer) if (answer := answers.get(question.code)) is not None else None)
        for question in VITAL.questions
    ]


def _row(question: Question, answer: bool | None) -> dict[str, Any]:  # noqa: FBT001
    calm = answer is not None and answer == question.reassuring
    words = question.said if calm else f"{question.text.rstrip(' ?')} : {'oui' if answer else 'non'}"
    return {"question": question, "name": PREFIX + question.code, "answer": answer, "calm": calm, "words": words}
