"""A unique text has a second index for LIKE; nobody looks for a file by the beginning of its number."""

from django.db import migrations

NAME = "regulation_casefile_number_70c3d2fe_like"


class Migration(migrations.Migration):
    dependencies = [("regulation", "0003_fewer_index_entries_a_step")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX IF EXISTS {NAME}",
            f"CREATE INDEX IF NOT EXISTS {NAME} ON regulation_casefile (number varchar_pattern_ops)",
        )
    ]
