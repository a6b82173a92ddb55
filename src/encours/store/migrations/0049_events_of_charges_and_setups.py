"""An event of a payment service knows the charge it was about; a method is saved on a page of the service without a payment."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0048_portal_requests")]

    operations = [
        migrations.AddField(
            model_name="gatewayevent",
            name="charge",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="events",
                to="store.charge",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewayevent",
            index=models.Index(
                condition=models.Q(("charge__isnull", False)), fields=["charge"], name="gateway_event_charge"
            ),
        ),
        migrations.AddField(
            model_name="paymentmandate",
            name="setup_external_id",
            field=models.CharField(blank=True, default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="paymentmandate",
            name="setup_url",
            field=models.CharField(blank=True, default="", max_length=1000),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="paymentmandate",
            index=models.Index(
                condition=models.Q(("setup_external_id", ""), _negated=True),
                fields=["company", "connection", "setup_external_id"],
                name="mandate_setup_external_id",
            ),
        ),
    ]
