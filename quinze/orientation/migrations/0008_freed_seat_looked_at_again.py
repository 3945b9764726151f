from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):

    dependencies = [
        ('orientation', '0007_rescue_reminders_and_causes'),
    ]

    operations = [
        migrations.AddField(
            model_name='freedseat',
            name='look_again_at',
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
    ]
