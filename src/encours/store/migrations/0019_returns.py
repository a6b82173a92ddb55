"""A receipt and its allocations remember the bank line that gave the money back: that can be undone exactly."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0018_accounting")]

    operations = [
        migrations.AddField(
            "payment",
            "returned_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="returned_payments",
                to="store.match",
            ),
        ),
        migrations.AddField(
            "allocation",
            "returned_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="returned_allocations",
                to="store.match",
            ),
        ),
        migrations.AddIndex(
            "payment",
            models.Index(
                condition=models.Q(("returned_by__isnull", False)),
                fields=["returned_by"],
                name="payment_returned",
            ),
        ),
        migrations.AddIndex(
            "allocation",
            models.Index(
                condition=models.Q(("returned_by__isnull", False)),
                fields=["returned_by"],
                name="allocation_returned",
            ),
        ),
    ]
