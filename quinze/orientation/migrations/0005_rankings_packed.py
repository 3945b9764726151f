from django.db import migrations

import quinze.orientation.models.packed


class Migration(migrations.Migration):
    dependencies = [("orientation", "0004_seat_counted_by_trigger_only")]

    operations = [
        migrations.RemoveField("rankinglog", "inputs"),
        migrations.RemoveField("rankinglog", "output"),
        migrations.AddField(
            "rankinglog", "inputs", quinze.orientation.models.packed.PackedJSONField(default=dict), preserve_default=False
        ),
        migrations.AddField(
            "rankinglog", "output", quinze.orientation.models.packed.PackedJSONField(default=dict), preserve_default=False
        ),
    ]
