from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("availability", "0007_oldest_success_of_a_feed")]

    operations = [
        migrations.AddIndex(
            "slot",
            models.Index(
                fields=["place", "starts_at"],
                name="slot_given",
                condition=models.Q(status="open", audience__in=["SNP", "CPTS", "PRO"]),
            ),
        ),
        migrations.AddIndex(
            "slot",
            models.Index(
                fields=["place", "starts_at"],
                name="slot_one_by_one",
                condition=models.Q(status="open", sas_sees=True),
            ),
        ),
    ]
