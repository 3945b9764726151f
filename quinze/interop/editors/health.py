"""How each editor does: every call is written down, slots set aside are counted by reason and by day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Q

from quinze.availability.models import EditorAgenda
from quinze.interop.editors.fetching import words
from quinze.interop.editors.models import Editor, EditorCall, EditorDrop, EditorEvent
from quinze.interop.editors.questions import Question
from quinze.interop.editors.reading import REASONS
from quinze.interop.editors.register import editors

KEPT = timedelta(days=7)
DAY = timedelta(hours=24)
EVENTS = 8
COUNT = """
INSERT INTO interop_editordrop (editor_id, day, reason, count, last_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT ON CONSTRAINT editor_drop_once DO UPDATE
SET count = interop_editordrop.count + excluded.count, last_at = greatest(interop_editordrop.last_at, excluded.last_at)
"""
# The 95th percentile is a time that was measured, not a mean of two.
FIGURES = """
SELECT editor_id, count(*), count(*) FILTER (WHERE outcome = 'ok'),
    percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE outcome <> 'suspended'), sum(slots)
FROM interop_editorcall WHERE at > %s AND at <= %s GROUP BY editor_id
"""


def note(question: Question, *, code: str, ms: int, slots: int, dropped: Counter[str], at: datetime) -> None:
    editor = question.editor
    EditorCall.objects.create(
        editor=editor, at=at, outcome=code, ms=ms, asked=len(question.agendas), slots=slots, dropped=dropped.total()
    )
    with connection.cursor() as cursor:
        for reason, count in sorted(dropped.items()):
            cursor.execute(COUNT, [editor.pk, at.date(), reason, count, at])


def forget_calls(*, at: datetime) -> int:
    """What is older than a week; counts by day stay."""
    deleted, _ = EditorCall.objects.filter(at__lt=at - KEPT).delete()
    return deleted


@dataclass(frozen=True, slots=True)
class Health:
    """Of one editor, over the last 24 hours."""

    editor: Editor
    calls: int
    answered: int
    p95_ms: int | None
    slots: int
    agendas: int
    behind: int  # agendas whose last question had no answer
    drops: list[tuple[str, int]]  # in words, with their count
    last: EditorCall | None
    last_words: str
    events: list[EditorEvent]

    @property
    def share(self) -> int | None:
        """Of the calls, in percent, those that were answered."""
        return round(100 * self.answered / self.calls) if self.calls else None


def report(*, at: datetime) -> list[Health]:
    """In force first. Seven statements, whatever the number of editors."""
    known = editors()
    figures, drops, lasts, agendas = _figures(at), _drops(at), _lasts(), _agendas()
    events = _events()
    return [
        Health(
            editor=editor,
            calls=figures.get(editor.pk, (0, 0, None, 0))[0] or 0,
            answered=figures.get(editor.pk, (0, 0, None, 0))[1] or 0,
            p95_ms=figures.get(editor.pk, (0, 0, None, 0))[2],
            slots=figures.get(editor.pk, (0, 0, None, 0))[3] or 0,
            agendas=agendas.get(editor.pk, (0, 0))[0],
            behind=agendas.get(editor.pk, (0, 0))[1],
            drops=drops.get(editor.pk, []),
            last=lasts.get(editor.pk),
            last_words=_last_words(lasts.get(editor.pk)),
            events=events.get(editor.pk, [])[:EVENTS],
        )
        for editor in known
    ]


def _figures(at: datetime) -> dict[str, tuple[int | None, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [at - DAY, at])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _drops(at: datetime) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, Counter[str]] = {}
    for drop in EditorDrop.objects.filter(day__gte=(at - DAY).date()):
        found.setdefault(drop.editor_id, Counter())[drop.reason] += drop.count
    return {code: [(REASONS.get(name, name), n) for name, n in counts.most_common()] for code, counts in found.items()}


def _lasts() -> Mapping[str, EditorCall]:
    found = EditorCall.objects.order_by("editor", "-at", "-pk").distinct("editor")
    return {call.editor_id: call for call in found}


def _last_words(call: EditorCall | None) -> str:
    if call is None:
        return "pas encore interrogé"
    return "a répondu" if call.outcome == "ok" else words(call.outcome)


def _agendas() -> dict[str, tuple[int, int]]:
    behind = Q(failed_at__isnull=False) & (Q(asked_at__isnull=True) | Q(failed_at__gt=F("asked_at")))
    live = EditorAgenda.objects.filter(ended_at__isnull=True)
    counted = live.values("source").annotate(all=Count("pk"), late=Count("pk", filter=behind))
    return {row["source"]: (row["all"], row["late"]) for row in counted.order_by("source")}


def _events() -> dict[str, list[EditorEvent]]:
    found: dict[str, list[EditorEvent]] = {}
    for event in EditorEvent.objects.order_by("-at", "-pk")[:500]:
        found.setdefault(event.editor_id, []).append(event)
    return found
