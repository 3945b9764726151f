"""0012 changed the index of `request` and, with it, lost the unique index of its live bookings: Django drops every index
of that one column, those of constraints included. Operations lock the request first, so none should be there twice."""

from typing import Any

from django.db import migrations

TWICE = """
SELECT array_agg(request_id ORDER BY request_id) FROM (
    SELECT request_id FROM orientation_booking WHERE status IN ('held', 'booked', 'confirmed')
    GROUP BY request_id HAVING count(*) > 1) twice"""
ONCE = """
CREATE UNIQUE INDEX IF NOT EXISTS one_live_booking_of_a_request ON orientation_booking (request_id)
WHERE status IN ('held', 'booked', 'confirmed')"""


def say_which(_: Any, editor: Any) -> None:
    """By name, before PostgreSQL refuses the index: somebody has to cancel one of each."""
    with editor.connection.cursor() as cursor:
        cursor.execute(TWICE)
        (requests,) = cursor.fetchone()
    if requests:
        raise SystemExit(f"Demandes qui ont deux rendez-vous ou retenues en cours, à départager d’abord : {requests}")


class Migration(migrations.Migration):
    dependencies = [("orientation", "0015_duty_looked_for_where_it_may_be")]

    operations = [
        migrations.RunPython(say_which, migrations.RunPython.noop),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
    ]
