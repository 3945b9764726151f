"""Agendas of editors read again: asked at once, checked, stored. A failure of one costs the others nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError

from quinze.availability.models import EditorAgenda
from quinze.availability.operations.editors import NOTHING, Received, receive_agenda
from quinze.availability.operations.sources import note_answer, note_silence
from quinze.interop.editors import breaker, health
from quinze.interop.editors.fetching import BUDGET, Answered, ask, words
from quinze.interop.editors.models import Editor
from quinze.interop.editors.placing import Placing
from quinze.interop.editors.questions import Question, lots
from quinze.interop.editors.reading import Reading, Unreadable, read
from quinze.interop.editors.register import hosts_of
from quinze.interop.fhir.models import EditorAppointment
from quinze.orientation.operations.reconciling import reconcile

SUSPENDED = "suspended"


@dataclass(slots=True)
class Refreshed:
    """What a refresh came to. `silent`: editors by the reason why nothing, or not everything, came from them."""

    received: Received = NOTHING
    fresh: set[int] = field(default_factory=set)  # agendas stored
    silent: dict[str, str] = field(default_factory=dict)  # code of the editor → reason
    dropped: int = 0


def refresh(agendas: Sequence[EditorAgenda], *, at: datetime, budget: float = BUDGET) -> Refreshed:
    """Outside any transaction: the network is slow. What did not come within the budget (seconds) is dropped."""
    done = Refreshed()
    questions = list(_questions(agendas, done, at=at))
    answers = ask([question.asking for question in questions], budget=budget)
    for question, answered in zip(questions, answers, strict=True):
        _take(question, answered, done, at=at)
    return done


def _questions(agendas: Sequence[EditorAgenda], done: Refreshed, *, at: datetime) -> Iterator[Question]:
    """Of an editor that comes back from a pause, one lot only: it is not known yet whether it answers."""
    by_source: dict[str, list[EditorAgenda]] = defaultdict(list)
    for agenda in agendas:
        by_source[agenda.source_id].append(agenda)
    known = Editor.objects.filter(source__in=by_source, source__ended_at__isnull=True).select_related("source")
    for editor in known.order_by("source"):
        mine = by_source[editor.pk]
        if not breaker.may_ask(editor, at=at):
            done.silent[editor.pk] = SUSPENDED
            note_silence(editor.pk, [agenda.pk for agenda in mine], at=at)
            continue
        asked = list(lots(editor, mine, at=at))
        yield from asked[:1] if editor.open_until else asked


def _take(question: Question, answered: Answered, done: Refreshed, *, at: datetime) -> None:
    editor, hour = question.editor, at + timedelta(milliseconds=answered.ms)
    code, reading = _read(question, answered)
    if reading is None:
        breaker.failed(editor, words(code), at=hour)
        note_silence(editor.pk, [agenda.pk for agenda in question.agendas], at=hour)
        done.silent[editor.pk] = code
    else:
        breaker.succeeded(editor, at=hour)
        _store(question, reading, done, at=at)
        note_answer(editor.pk, at=hour)
    dropped = reading.dropped if reading else Counter[str]()
    done.dropped += dropped.total()
    slots = len(reading.offered) if reading else 0
    health.note(question, code=code, ms=answered.ms, slots=slots, dropped=dropped, at=hour)


def _read(question: Question, answered: Answered) -> tuple[str, Reading | None]:
    if answered.code != "ok":
        return answered.code, None
    asked = [agenda.identifier for agenda in question.agendas]
    try:
        return "ok", read(answered.body, asked=asked, window=question.window, hosts=hosts_of(question.editor))
    except Unreadable as error:
        return str(error), None


def _store(question: Question, reading: Reading, done: Refreshed, *, at: datetime) -> None:
    """Each agenda in a transaction of its own. What could not be placed is counted with what could not be read."""
    placing = Placing(question.agendas, reading.offered)
    reading.dropped.update(placing.dropped)
    window = question.window
    for agenda in question.agendas:
        try:
            received = receive_agenda(
                agenda.pk, placing.of(agenda), asked_at=at, since=window.since, until=window.until
            )
        except IntegrityError:  # another source took the same hour of the same doctor between two statements
            reading.dropped["conflict"] += 1
            continue
        if received is not None:
            done.received += received
            done.fresh.add(agenda.pk)
            reconcile(agenda, asked_at=at, declared=_declared(agenda, at=at), at=at)


def _declared(agenda: EditorAgenda, *, at: datetime) -> set[int]:
    """Bookings that the editor's own word (INT_R03) made, or made sure."""
    said = EditorAppointment.objects.filter(booking__slot__source=agenda.source_id, starts_at__gt=at)
    return set(said.values_list("booking", flat=True))
