"""What a match closes without money, and what a company lets matching do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0016_bank_connections")]
    operations = [
        migrations.AddField("match", "adjustments", models.JSONField(default=list)),
        migrations.AddField("company", "matching_rules", models.JSONField(blank=True, default=dict)),
    ]
