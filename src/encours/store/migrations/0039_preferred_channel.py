"""The channel by which a customer would rather be reached."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0038_court_files")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="preferred_channel",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]
