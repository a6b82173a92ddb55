"""SEPA mandates say how often they may be used and what the payer's bank confirmed; a debit says its place in the sequence."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0049_events_of_charges_and_setups")]

    operations = [
        migrations.AddField("paymentmandate", "is_one_off", models.BooleanField(default=False)),
        migrations.AddField("paymentmandate", "is_ending", models.BooleanField(default=False)),
        migrations.AddField("paymentmandate", "bank_confirmed_date", models.DateField(null=True)),
        migrations.AddField(
            "charge",
            "sequence_type",
            models.CharField(blank=True, default="", max_length=4),
            preserve_default=False,
        ),
    ]
