"""Telling open desks that something changed, in the transaction that changed it."""

from datetime import datetime

from django.db import connection

from quinze.base.models import LiveEvent

CHANNEL = "quinze_live"
PUBLISH = """
WITH event AS (
    INSERT INTO base_liveevent (sas_id, topics, subject, at) VALUES (%s, %s, %s, %s) RETURNING id
)
SELECT pg_notify(%s, id::text) FROM event"""


def publish(*, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
    """Record the change and wake the event server. Nothing leaves if the transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(PUBLISH, [sas_id, topics, subject, at, CHANNEL])


def forget(*, before: datetime) -> int:
    deleted, _ = LiveEvent.objects.filter(at__lt=before).delete()
    return deleted
