"""An editor that fails is left alone for a while, by every process at once."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from quinze.interop.editors import breaker
from quinze.interop.editors.models import Editor, EditorEvent
from quinze.interop.editors.refreshing import refresh
from tests.factories import editors as make
from tests.factories import orientation
from tests.factories.editors import Pki
from tests.factories.orientation import AT

SECONDS = timedelta(seconds=1)
Kind = EditorEvent.Kind


def an_editor(papers: Pki) -> Editor:
    return make.registered("https://localhost:1/fhir", papers)[0]


def fails(editor: Editor, times: int) -> None:
    for _ in range(times):
        breaker.failed(editor, "n’a pas répondu à temps", at=AT)


def events(editor: Editor) -> list[str]:
    return list(editor.events.order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db
def test_three_failures_in_a_row_suspend_it_and_a_success_counts_anew(papers: Pki) -> None:
    editor = an_editor(papers)
    fails(editor, 2)
    breaker.succeeded(editor, at=AT)
    fails(editor, 2)
    assert breaker.may_ask(editor, at=AT)
    fails(editor, 1)
    assert not breaker.may_ask(editor, at=AT)
    assert not breaker.may_ask(editor, at=AT + 29 * SECONDS)
    assert events(editor) == [Kind.ADDED, Kind.OPENED]


@pytest.mark.django_db
def test_the_pause_doubles_up_to_ten_minutes(papers: Pki) -> None:
    editor = an_editor(papers)
    pauses = []
    for times in (3, 1, 1, 20):
        fails(editor, times)
        editor.refresh_from_db()
        assert editor.open_until is not None
        pauses.append((editor.open_until - AT).total_seconds())
    assert pauses == [30, 60, 120, 600]


@pytest.mark.django_db
def test_after_the_pause_one_question_closes_it_again(papers: Pki) -> None:
    editor = an_editor(papers)
    fails(editor, 3)
    later = AT + 31 * SECONDS
    assert breaker.may_ask(editor, at=later)
    assert not breaker.may_ask(editor, at=later)
    breaker.succeeded(editor, at=later)
    assert breaker.may_ask(editor, at=later)
    assert events(editor) == [Kind.ADDED, Kind.OPENED, Kind.CLOSED]


@pytest.mark.django_db
def test_a_suspended_editor_is_not_asked(papers: Pki) -> None:
    land = orientation.territory()
    place = orientation.doctor(land)
    with make.answering(papers, make.doctor_of(place, 1)) as fake:
        editor, agendas = make.registered(fake, papers, place)
        fake.mood.status = 500
        for _ in range(3):
            refresh(agendas, at=AT)
        fake.mood.status = 200
        assert refresh(agendas, at=AT + SECONDS).silent == {"agendix": "suspended"}
        assert len(fake.asked) == 3
        assert refresh(agendas, at=AT + 40 * SECONDS).received.open == 1
    assert events(editor) == [Kind.ADDED, Kind.OPENED, Kind.CLOSED]


def at_once(act: Callable[[], object], times: int = 4) -> list[object]:
    """On as many connections, released together."""
    answers: list[object] = []
    ready = Barrier(times)

    def run() -> None:
        try:
            connection.ensure_connection()
            ready.wait(10)
            answers.append(act())
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_four_processes_at_the_end_of_the_pause_one_asks(papers: Pki) -> None:
    editor = an_editor(papers)
    fails(editor, 3)
    answers = at_once(lambda: breaker.may_ask(editor, at=AT + 31 * SECONDS))
    assert sorted(answers) == [False, False, False, True]  # type: ignore[type-var]


@pytest.mark.django_db(transaction=True)
def test_failures_seen_by_four_processes_are_all_counted_and_told_once(papers: Pki) -> None:
    editor = an_editor(papers)
    at_once(lambda: fails(editor, 1))
    editor.refresh_from_db()
    assert editor.failures == 4
    assert events(editor) == [Kind.ADDED, Kind.OPENED]
