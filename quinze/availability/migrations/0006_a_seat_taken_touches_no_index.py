from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("availability", "0005_one_open_slot_whoever_published_it")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE availability_slot SET (fillfactor = 85)", "ALTER TABLE availability_slot RESET (fillfactor)"
        ),
        migrations.AddIndex(
            "slot",
            models.Index(fields=["place", "starts_at"], name="slot_offered", condition=models.Q(status="open")),
        ),
        migrations.RemoveIndex("slot", "slot_free"),
    ]
