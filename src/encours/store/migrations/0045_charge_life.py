"""What a charge was asked for in which words, what came of it in all, and what entries of payouts need."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0044_connections")]

    operations = [
        migrations.AddField("charge", "request", models.JSONField(default=dict)),
        migrations.AddField("charge", "received_cents", models.BigIntegerField(default=0)),
        migrations.AddField("charge", "problem", models.JSONField(null=True)),
        migrations.AddField("chargeback", "is_withdrawn", models.BooleanField(default=False)),
        migrations.AddField("gatewayevent", "about", models.CharField(blank=True, max_length=8)),
        migrations.AlterField(
            "entryline",
            "customer",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.customer",
            ),
        ),
        migrations.AddField(
            "entryline",
            "payout",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.payout",
            ),
        ),
        migrations.AddIndex(
            "entryline",
            models.Index(
                condition=models.Q(("payout__isnull", False)), fields=["payout"], name="entry_line_payout"
            ),
        ),
    ]
