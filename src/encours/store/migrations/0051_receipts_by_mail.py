"""Who pays in the portal gets a receipt by e-mail, once per payment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0050_direct_debits")]

    operations = [
        migrations.AddField(
            model_name="portalsettings",
            name="sends_receipts",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="charge",
            name="receipt_message",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="receipted_charge",
                to="store.message",
            ),
        ),
    ]
