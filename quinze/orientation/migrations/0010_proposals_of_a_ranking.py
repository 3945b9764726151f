from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orientation", "0009_duty_turns")]

    operations = [
        migrations.AddField("rankinglog", "proposals", models.TextField(blank=True, default="")),
    ]
