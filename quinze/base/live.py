"""Telling open desks that something changed, in the transaction that changed it."""

from datetime import datetime

from django.db import connection

from quinze.base.models import LiveEvent

CHANNEL = "quinze_live"


def publish(*, sas_id: int, topics: list[str], at: datetime, subject: str = "") -> None:
    """Record the change and wake the event server. Nothing leaves if the transaction is rolled back."""
    event = LiveEvent.objects.create(sas_id=sas_id, topics=topics, subject=subject, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(event.pk)])


def forget(*, before: datetime) -> int:
    deleted, _ = LiveEvent.objects.filter(at__lt=before).delete()
    return deleted
