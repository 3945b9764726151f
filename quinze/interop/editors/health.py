"""How each editor does: every call is written down, slots set aside are counted by reason and by day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Q

from quinze.availability.models import EditorAgenda
from quinze.interop.editors.fetching import words
from quinze.interop.editors.models import Editor, EditorAccount, EditorCall, EditorDrop, EditorEvent
from quinze.interop.editors.questions import Question
from quinze.interop.editors.reading import REASONS
from quinze.interop.editors.register import editors

KEPT = timedelta(days=7)
DAY = timedelta(hours=24)
EVENTS = 8
MOST_REFUSED = 50
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
class Figures:
    """Of the calls of the last 24 hours. `p95_ms` None: nobody was called."""

    calls: int = 0
    answered: int = 0
    p95_ms: int | None = None
    slots: int = 0

    @property
    def share(self) -> int | None:
        """Of the calls, in percent, those that were answered."""
        return round(100 * self.answered / self.calls) if self.calls else None


@dataclass(frozen=True, slots=True)
class Health:
    editor: Editor
    figures: Figures
    agendas: int
    behind: int  # agendas whose last question had no answer
    drops: list[tuple[str, int]]  # in words, with their count
    last: EditorCall | None
    events: list[EditorEvent]
    accounts: tuple[int, int]  # that wait to be told, that were refused

    @property
    def last_words(self) -> str:
        if self.last is None:
            return "pas encore interrogé"
        return "a répondu" if self.last.outcome == "ok" else words(self.last.outcome)

    @property
    def state(self) -> str:
        if self.editor.source.ended_at is not None:
            return "ended"
        if self.editor.open_until is not None:
            return "suspended"
        return "silent" if self.editor.source.silent_since else "ok"


def report(*, at: datetime) -> list[Health]:
    """In force first. Seven statements, whatever the number of editors."""
    figures, drops, lasts, agendas = _figures(at), _drops(at), _lasts(), _agendas()
    events, accounts = _events(), _accounts()
    return [
        Health(
            editor=editor,
            figures=figures.get(editor.pk, Figures()),
            agendas=agendas.get(editor.pk, (0, 0))[0],
            behind=agendas.get(editor.pk, (0, 0))[1],
            drops=drops.get(editor.pk, []),
            last=lasts.get(editor.pk),
            events=events.get(editor.pk, [])[:EVENTS],
            accounts=accounts.get(editor.pk, (0, 0)),
        )
        for editor in editors()
    ]


def refused_accounts() -> list[EditorAccount]:
    """What editors did not accept, and will not be told again by itself."""
    found = EditorAccount.objects.filter(next_try_at__isnull=True, editor__source__ended_at__isnull=True)
    return list(found.exclude(error="").select_related("editor__source", "user").order_by("wanted_at")[:MOST_REFUSED])


def _figures(at: datetime) -> dict[str, Figures]:
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [at - DAY, at])
        return {code: Figures(calls, ok, p95, slots) for code, calls, ok, p95, slots in cursor.fetchall()}


def _drops(at: datetime) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, Counter[str]] = {}
    for drop in EditorDrop.objects.filter(day__gte=(at - DAY).date()):
        found.setdefault(drop.editor_id, Counter())[drop.reason] += drop.count
    return {code: [(REASONS.get(name, name), n) for name, n in counts.most_common()] for code, counts in found.items()}


def _lasts() -> Mapping[str, EditorCall]:
    found = EditorCall.objects.order_by("editor", "-at", "-pk").distinct("editor")
    return {call.editor_id: call for call in found}


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


def _accounts() -> dict[str, tuple[int, int]]:
    waiting, refused = Q(next_try_at__isnull=False), Q(next_try_at__isnull=True) & ~Q(error="")
    counted = EditorAccount.objects.values("editor").annotate(
        waiting=Count("pk", filter=waiting), refused=Count("pk", filter=refused)
    )
    return {row["editor"]: (row["waiting"], row["refused"]) for row in counted.order_by("editor")}
