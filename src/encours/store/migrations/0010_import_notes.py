"""What an import keeps beside its counts: how the file was understood, and where its documents are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0009_fresh_statistics"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="notes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="first_document_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="last_document_id",
            field=models.BigIntegerField(null=True),
        ),
    ]
