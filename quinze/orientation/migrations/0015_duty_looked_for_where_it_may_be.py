from importlib import import_module

from django.db import migrations

FIRST = import_module("quinze.orientation.migrations.0009_duty_turns").COUNT
BEFORE = FIRST[: FIRST.index("CREATE TRIGGER")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
SEARCH = "        SELECT turn.id, turn.per_day,"
LOOK = """\
        -- Nearly no doctor has a turn of duty with a quota at this instant: one small table says so.
        PERFORM FROM orientation_dutyturn turn WHERE turn.professional_id = NEW.professional_id
            AND turn.per_day IS NOT NULL AND turn.during @> NEW.status_at;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("orientation", "0014_fewer_index_entries_a_booking")]

    operations = [migrations.RunSQL(BEFORE.replace(SEARCH, LOOK + SEARCH), BEFORE)]
