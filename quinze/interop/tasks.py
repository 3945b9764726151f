"""Jobs that reach other machines."""

from procrastinate.contrib.django import app

from quinze.base.clock import now
from quinze.interop.messaging import channels
from quinze.orientation.operations.messages import deliver, due_messages


@app.task(name="quinze.interop.tasks.send_message")
def send_message(message_id: int) -> None:
    deliver(message_id=message_id, send=channels.send, at=now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_messages")
def send_messages(timestamp: int) -> int:  # noqa: ARG001  (given by every periodic job)
    """What a lost job or a failed attempt left in the outbox."""
    due = due_messages(at=now())
    for message_id in due:
        deliver(message_id=message_id, send=channels.send, at=now())
    return len(due)
