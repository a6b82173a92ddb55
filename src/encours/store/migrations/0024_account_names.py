"""Other names under which files told a bank account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0023_rules_previews")]

    operations = [
        migrations.AddField(
            model_name="bankaccount", name="also_called", field=models.JSONField(default=list)
        ),
    ]
