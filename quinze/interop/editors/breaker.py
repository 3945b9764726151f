"""An editor that fails is left alone for a while, by all processes: its state is one row of PostgreSQL.

Closed: asked as usual. Open: not asked until an hour. Then half open: one process, and one only, asks once; the others
wait for what it learns.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from quinze.interop.editors.models import Editor, EditorEvent

FAILURES = 3  # in a row
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=10)
PROBE = timedelta(seconds=30)  # how long the others wait for the one that asks

# The row is read and changed in one statement: of two processes at the end of the pause, one gets a row back.
TAKE = """
UPDATE interop_editor SET open_until = %(at)s::timestamptz + %(probe)s
WHERE source_id = %(code)s AND open_until <= %(at)s RETURNING 1
"""
SUCCEED = """
UPDATE interop_editor editor SET failures = 0, open_until = NULL
FROM (SELECT source_id, open_until FROM interop_editor WHERE source_id = %(code)s FOR NO KEY UPDATE) before
WHERE editor.source_id = before.source_id AND (editor.failures > 0 OR editor.open_until IS NOT NULL)
RETURNING before.open_until IS NOT NULL
"""
FAIL = """
UPDATE interop_editor editor SET failures = editor.failures + 1, open_until = CASE
    WHEN editor.failures + 1 < %(most)s THEN NULL
    ELSE %(at)s::timestamptz + least(%(longest)s, %(first)s * power(2, least(editor.failures + 1 - %(most)s, 10))) END
FROM (SELECT source_id, open_until FROM interop_editor WHERE source_id = %(code)s FOR NO KEY UPDATE) before
WHERE editor.source_id = before.source_id
RETURNING before.open_until IS NULL AND editor.open_until IS NOT NULL
"""


def may_ask(editor: Editor, *, at: datetime) -> bool:
    """Now, as PostgreSQL says. After a pause, True for one caller, who must then say what came of it."""
    until = Editor.objects.filter(pk=editor.pk).values_list("open_until", flat=True).get()
    if until is None:
        return True
    return until <= at and bool(_one(TAKE, code=editor.pk, at=at, probe=PROBE))


def succeeded(editor: Editor, *, at: datetime) -> None:
    if _one(SUCCEED, code=editor.pk):
        EditorEvent.objects.create(editor=editor, kind=EditorEvent.Kind.CLOSED, at=at)


def failed(editor: Editor, why: str, *, at: datetime) -> None:
    """The third in a row suspends the editor; each one after doubles the pause, up to ten minutes."""
    if _one(FAIL, code=editor.pk, at=at, most=FAILURES, first=FIRST, longest=LONGEST):
        EditorEvent.objects.create(editor=editor, kind=EditorEvent.Kind.OPENED, text=why[:300], at=at)


def _one(statement: str, **values: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return bool(row and row[0])
