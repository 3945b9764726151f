"""The same rows by bare SQL: one prepared statement each, sent together, with nothing computed and nothing checked.

What a booking of the product writes, this writes: the same rows in the same tables with values of the same sizes, in
the same two transactions, under the same constraints, indexes and triggers, taking the same locks, waking the same
listeners. It knows every value in advance; it reads nothing but the numbers that PostgreSQL gives.
"""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.range import TimestamptzRange

from quinze.accounts.models import User
from quinze.base.live import CHANNEL
from quinze.base.notify import notify
from quinze.orientation.models import Booking
from quinze.orientation.operations.messages import WRITTEN
from tests.bench.booking_clients import Act, whose
from tests.bench.booking_data import Target

Statements = list[tuple[str, tuple[Any, ...]]]
NAMED = (
    "id", "sas_id", "request_id", "patient_id", "kind", "slot_id", "professional_id", "place_id", "during", "starts_at",
    "modality", "status", "status_at", "hold_expires_at", "held_by_id",
)  # fmt: skip
LIVE = "INSERT INTO base_liveevent (sas_id, topics, subject, at) VALUES (%s, %s, %s, %s) RETURNING id::text"
EVENT = "INSERT INTO orientation_requestevent (request_id, kind, at, by_id, text, data) VALUES (%s, %s, %s, %s, %s, %s)"
STATUS = """INSERT INTO orientation_bookingstatus (booking_id, status, at, by_id, by_kind, reason)
    VALUES (%s, %s, %s, %s, 'staff', '')"""
MESSAGE = """INSERT INTO orientation_message
    (sas_id, booking_id, channel, recipient, subject, body, purpose, status, attempts, error, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, 'queued', 0, '', %s)"""
CHOICE = """INSERT INTO orientation_rankingchoice (ranking_id, candidate, rank, first, reason, at, by_id)
    VALUES (%s, %s, 2, false, 'banc d’essai', %s, %s)"""
BOOKED = """UPDATE orientation_booking SET status = 'booked', status_at = %s, hold_expires_at = NULL, instruction = '',
    reminder_due_at = %s WHERE id = %s"""
ANSWERED = "UPDATE orientation_orientationrequest SET status = 'booked', version = version + 1 WHERE id = %s"
CASE_EVENT = """INSERT INTO regulation_caseevent (case_id, at, kind, by_id, role, text, data)
    VALUES (%s, %s, 'orientation.booked', %s, '', %s, %s)"""
CASE = """UPDATE regulation_casefile SET step = 'follow_up', state = 'ACTIF', closed_at = NULL,
    waiting_since = waiting_since WHERE id = %s"""
LOCKS = {
    table: f"SELECT 1 FROM {table} WHERE id = %s FOR NO KEY UPDATE"
    for table in (
        "orientation_orientationrequest", "availability_slot", "orientation_booking", "regulation_casefile",
    )
}  # fmt: skip
TEXT = "Dr Hélène Érable, mar. 17 nov. à 14 h 20, Saint-Martin-la-Pallu"
SMS = f"RDV {TEXT}. Annuler : https://sas.exemple.test/rdv/123456.AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg/"
MAIL = "x" * 420
NOTICE = "x" * 260


@dataclass(frozen=True, slots=True)
class Bare:
    """`together`: the statements of a transaction leave in one packet (pipeline), otherwise one after another."""

    users: Sequence[User]
    at: datetime
    together: bool

    def __call__(self) -> Act:
        connection.ensure_connection()
        raw: psycopg.Connection[Any] = connection.connection
        link = psycopg.connect(raw.info.dsn, autocommit=True, prepare_threshold=0)
        insert = _insertion()

        def act(target: Target) -> None:
            row = link.execute("SELECT nextval('orientation_booking_id_seq')", prepare=True).fetchone()
            assert row is not None
            self._send(link, self._hold(target, row[0], insert))
            self._send(link, self._confirm(target, row[0]))
            notify(WRITTEN)

        return act

    def _send(self, link: psycopg.Connection[Any], statements: Statements) -> None:
        with link.transaction(), link.pipeline() if self.together else nullcontext():
            for statement, values in statements:
                asked = link.execute(statement, values, prepare=True)
        event = asked.fetchone()  # of the last statement
        assert event is not None
        notify(CHANNEL, event[0])

    def _hold(self, t: Target, booking: int, insert: str) -> Statements:
        user = whose(t, self.users).pk
        seat = (
            booking, t.sas, t.request, t.patient, "slot", t.slot, t.professional, t.place,
            TimestamptzRange(t.starts_at, t.ends_at), t.starts_at, "AMB", "held", self.at,
            self.at + timedelta(minutes=3), user,
        )  # fmt: skip
        return [
            (LOCKS["orientation_orientationrequest"], (t.request,)),
            (LOCKS["availability_slot"], (t.slot,)),
            (insert, seat),
            (STATUS, (booking, "held", self.at, user)),
            (EVENT, (t.request, "held", self.at, user, f"Créneau retenu : {TEXT}", _facts(t, booking))),
            (CHOICE, (t.ranking, t.candidate, self.at, user)),
            (LIVE, (t.sas, _topics(t), f"request:{t.request}", self.at)),
        ]

    def _confirm(self, t: Target, booking: int) -> Statements:
        user = whose(t, self.users).pk
        text = f"Rendez-vous pris : {TEXT}"
        desks = [*_topics(t), f"desk:{user}", "list:follow_up", "list:osnp", "worklist"]
        letters = [("sms", "+33639984127", "", SMS, "confirmation"),
                   ("email", "banc@exemple.test", TEXT, MAIL, "confirmation"),
                   ("email", t.to_doctor, TEXT, NOTICE, "doctor_notice")]  # fmt: skip
        return [
            (LOCKS["orientation_orientationrequest"], (t.request,)),
            (LOCKS["availability_slot"], (t.slot,)),
            (LOCKS["orientation_booking"], (booking,)),
            (LOCKS["regulation_casefile"], (t.case,)),
            (BOOKED, (self.at, t.starts_at - timedelta(hours=2), booking)),
            (ANSWERED, (t.request,)),
            (STATUS, (booking, "booked", self.at, user)),
            (EVENT, (t.request, "booked", self.at, user, text, _facts(t, booking))),
            *((MESSAGE, (t.sas, booking, *letter, self.at)) for letter in letters if letter[1]),
            (CASE_EVENT, (t.case, self.at, user, text, _facts(t, booking))),
            (CASE, (t.case,)),
            (LIVE, (t.sas, desks, f"request:{t.request}", self.at)),
        ]


def _topics(t: Target) -> list[str]:
    return ["requests", f"request:{t.request}", f"case:{t.number}", "slots", f"effecteur:{t.professional}"]


def _facts(t: Target, booking: int) -> str:
    return json.dumps({"request_id": t.request, "booking_id": booking, "professional_id": t.professional})


def _insertion() -> str:
    """Columns that have no default in PostgreSQL get those of the model, as literals."""
    others = [f for f in Booking._meta.concrete_fields if f.column not in NAMED and not f.null]
    columns = ", ".join((*NAMED, *(str(f.column) for f in others)))
    values = ", ".join((*["%s"] * len(NAMED), *(_literal(f.get_default()) for f in others)))
    return f"INSERT INTO orientation_booking ({columns}) VALUES ({values})"


def _literal(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else f"'{value}'"
