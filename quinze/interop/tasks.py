"""Jobs that reach other machines."""

from contextlib import suppress

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quinze.availability.queries.feeds import due_feeds
from quinze.base.clock import now
from quinze.interop.calendars.pulling import pull
from quinze.interop.demo import calls
from quinze.interop.demo import roster as demonstration
from quinze.interop.editors.accounts import due as due_accounts
from quinze.interop.editors.accounts import push, withdraw_expired
from quinze.interop.editors.health import forget_calls
from quinze.interop.editors.planning import due as due_agendas
from quinze.interop.editors.refreshing import refresh
from quinze.interop.fhir import declaring
from quinze.interop.fhir.refused import forget_refused
from quinze.interop.fhir.sending import send
from quinze.interop.fhir.settling import settle_due
from quinze.interop.messaging import channels
from quinze.orientation.operations.messages import AT_ONCE, deliver, due_messages, wake

CALENDARS_AT_ONCE = 2


@app.task(name="quinze.interop.tasks.send_written")
def send_written(message_ids: list[int]) -> None:
    """Jobs of before the outbox was the queue. Each message is a transaction of its own."""
    for message_id in message_ids:
        deliver(message_id=message_id, send=channels.send, at=now())


@app.task(name="quinze.interop.tasks.send_message")
def send_message(message_id: int) -> None:
    """Jobs of before a booking had one job for all its messages."""
    send_written([message_id])


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_messages")
def send_messages(timestamp: int) -> int:  # noqa: ARG001  (given by every periodic job)
    """What was just written (the postman asks for this job), and what a failed attempt left in the outbox."""
    due = due_messages(at=now())
    send_written(due)
    if len(due) == AT_ONCE:
        wake()
    return len(due)


@app.task(name="quinze.interop.tasks.pull_calendar")
def pull_calendar(feed_id: int) -> None:
    pull(feed_id, at=now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="pull_calendars")
def pull_calendars(timestamp: int) -> int:  # noqa: ARG001
    """Doctors' calendars whose hour has come, each in a job of its own."""
    due = due_feeds(at=now())
    for feed_id in due:
        defer_pull(feed_id)
    return len(due)


def defer_pull(feed_id: int) -> None:
    """Once in the queue, and two at a time at most: a silent server never keeps messages waiting."""
    job = pull_calendar.configure(queueing_lock=f"calendar {feed_id}", lock=f"calendars {feed_id % CALENDARS_AT_ONCE}")
    with suppress(AlreadyEnqueued):
        job.defer(feed_id=feed_id)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="settle_appointments")
def settle_appointments(timestamp: int) -> int:  # noqa: ARG001
    """Appointments of editors that are stored and are not bookings yet."""
    return settle_due(at=now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="refresh_editors", lock="refresh_editors")
def refresh_editors(timestamp: int) -> int:  # noqa: ARG001
    """Agendas of editors, ahead of need: seven seconds at most, whatever they do."""
    agendas = due_agendas(at=now())
    if agendas:
        refresh(agendas, at=now())
    return len(agendas)


@app.task(name="quinze.interop.tasks.push_account")
def push_account(account_id: int) -> None:
    push(account_id, at=now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="push_accounts")
def push_accounts(timestamp: int) -> int:  # noqa: ARG001
    """Roles that ended by their own date, then what a lost job or a failed attempt left unsent."""
    withdraw_expired(at=now())
    due = due_accounts(at=now())
    for account_id in due:
        push(account_id, at=now())
    return len(due)


@app.periodic(cron="23 4 * * *")
@app.task(queue="upkeep", queueing_lock="forget_editor_calls")
def forget_editor_calls(timestamp: int) -> int:  # noqa: ARG001
    return forget_calls(at=now())


@app.periodic(cron="27 4 * * *")
@app.task(queue="upkeep", queueing_lock="forget_refused_declarations")
def forget_refused_declarations(timestamp: int) -> int:  # noqa: ARG001
    return forget_refused(at=now())


@app.task(name="quinze.interop.tasks.declare_booking")
def declare_booking(declared_id: int) -> None:
    """What the platform knows already is said again at once, the other way."""
    row = send(declared_id, at=now())
    if row is not None and row.next_try_at is not None and row.next_try_at <= now():
        declaring.defer(row)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="declare_bookings")
def declare_bookings(timestamp: int) -> int:  # noqa: ARG001
    """Attempts whose hour has come."""
    rows = declaring.due(at=now()) if declaring.is_on() else []
    for row in rows:
        declaring.defer(row)
    return len(rows)


@app.task(queue="upkeep", queueing_lock="demonstration_roster", lock="demonstration_roster")
def make_demonstration_roster() -> int:
    return _keep_demonstration()


@app.periodic(cron="11 * * * *")
@app.task(queue="upkeep", queueing_lock="keep_demonstration_roster", lock="demonstration_roster")
def keep_demonstration_roster(timestamp: int) -> int:  # noqa: ARG001
    """A demonstration that goes on for weeks keeps a published week and a forecast under its visitors."""
    return _keep_demonstration() if settings.QUINZE_DEMO else 0


def _keep_demonstration() -> int:
    """Weeks published."""
    calls.keep_forecast(at=now())
    return len(demonstration.keep(at=now()))


def defer_demonstration_roster() -> None:
    with suppress(AlreadyEnqueued):
        make_demonstration_roster.defer()
