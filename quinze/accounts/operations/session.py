from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from quinze.accounts.models import User

PENDING = "psc_pending"  # in a session: an identity was proven, and no account is tied to it yet
VOUCHED = "psc"  # in a session: Pro Santé Connect opened it, vouched for two factors, and is left with it


def forget_sessions(*, ended_before: datetime) -> int:
    """Sessions that ended long enough ago for nobody to come back for what they were typing."""
    forgotten, _ = Session.objects.filter(expire_date__lt=ended_before).delete()
    return forgotten


def forget_vouched_sessions(user: User) -> None:
    """Those that Pro Santé Connect opened for this account, wherever they are; the others stay."""
    for row in Session.objects.all().iterator():
        kept = row.get_decoded()
        if VOUCHED in kept and kept.get(SESSION_KEY) == str(user.pk):
            row.delete()
