from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_platform_accounts")]

    operations = [
        migrations.AddField(
            model_name="user", name="sound", field=models.BooleanField(db_default=False, default=False)
        ),
    ]
