"""Telling open desks that something changed: a row in the transaction that changed it, a word once it is committed."""

from datetime import datetime

from django.db import connection

from quinze.base.models import LiveEvent
from quinze.base.notify import notify

CHANNEL = "quinze_live"
PUBLISH = "INSERT INTO base_liveevent (sas_id, topics, subject, at) VALUES (%s, %s, %s, %s) RETURNING id::text"


def publish(*, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
    """Record the change and wake the event server. Nothing leaves if the transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(PUBLISH, [sas_id, topics, subject, at])
        notify(CHANNEL, *cursor.fetchone())


def forget(*, before: datetime) -> int:
    deleted, _ = LiveEvent.objects.filter(at__lt=before).delete()
    return deleted
