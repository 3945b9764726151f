"""How often a page open to everybody may be posted: a bucket by key, refilled as time passes, for all processes."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from quinze.directory.models import FormPace

FORGOTTEN = timedelta(hours=2)
_COUNTED = """
INSERT INTO directory_formpace AS kept (key, seats, at, passed) VALUES (%(key)s, %(most)s::float8 - 1, %(at)s, true)
ON CONFLICT (key) DO UPDATE SET (seats, at, passed) = (
    SELECT found.seats - (found.seats >= 1)::int, greatest(kept.at, excluded.at), found.seats >= 1
    FROM (SELECT least(%(most)s::float8, kept.seats
        + greatest(0, extract(epoch FROM excluded.at - kept.at))::float8 * %(most)s / 3600) AS seats) AS found
)
RETURNING seats, passed
"""


def admit(what: str, *, per_hour: int, at: datetime) -> int:
    """Seconds to wait, 0 when it may pass, and is counted. `what` (an address of the network…) is kept keyed only."""
    key = salted_hmac("quinze.directory.pace", what, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"key": key, "most": float(per_hour), "at": at})
        ((left, passed),) = cursor.fetchall()
    return 0 if passed else max(1, round((1 - left) * 3600 / per_hour))


def forget_paces(*, at: datetime) -> int:
    return FormPace.objects.filter(at__lt=at - FORGOTTEN).delete()[0]
