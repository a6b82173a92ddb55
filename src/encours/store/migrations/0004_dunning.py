"""A day's plan is written without a foreign-key check per row; recent contacts are found by index."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0003_reconciliation")]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("accepted", "Accepted"),
                    ("refused", "Refused"),
                    ("failed", "Failed"),
                    ("unknown", "Unknown"),
                    ("not_sent", "Not Sent"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("sent_date__isnull", False)),
                fields=["company", "sent_date"],
                include=("customer", "currency", "channel"),
                name="message_sent",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="company",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="document",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="store.document",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="message",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reminders",
                to="store.message",
            ),
        ),
    ]
