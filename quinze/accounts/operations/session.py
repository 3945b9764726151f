from datetime import datetime

from django.contrib.sessions.models import Session


def forget_sessions(*, ended_before: datetime) -> int:
    """Sessions that ended long enough ago for nobody to come back for what they were typing."""
    forgotten, _ = Session.objects.filter(expire_date__lt=ended_before).delete()
    return forgotten
