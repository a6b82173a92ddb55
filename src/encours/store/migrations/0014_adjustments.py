"""Discounts, bank fees, rounding differences and refunds are kinds of movements."""

from django.db import migrations, models

_KINDS = [
    ("invoiced", "Invoiced"),
    ("credited", "Credited"),
    ("paid", "Paid"),
    ("allocated", "Allocated"),
    ("written_off", "Written Off"),
    ("discount", "Discount"),
    ("bank_fee", "Bank Fee"),
    ("rounding_difference", "Rounding Difference"),
    ("refunded", "Refunded"),
    ("reversed", "Reversed"),
]


class Migration(migrations.Migration):
    dependencies = [("store", "0013_checked_by_statement")]

    operations = [
        # a longer varchar rewrites no row
        migrations.AlterField("movement", "kind", models.CharField(choices=_KINDS, max_length=20)),
        migrations.AlterField("movement", "reversed_kind", models.CharField(blank=True, max_length=20)),
        migrations.AlterField("dailyflow", "kind", models.CharField(max_length=20)),
    ]
