"""Charges by mandate are announced to the customer first."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_chargenotice ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_chargenotice
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_chargenotice; ALTER TABLE store_chargenotice DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0045_charge_life"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeNotice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("customer", "Customer"),
                            ("link", "Link"),
                            ("autopay", "Autopay"),
                            ("overdue", "Overdue"),
                            ("person", "Person"),
                        ],
                        max_length=8,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_cents", models.BigIntegerField()),
                ("announced_date", models.DateField()),
                ("charge_date", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("announced", "Announced"),
                            ("charged", "Charged"),
                            ("canceled", "Canceled"),
                        ],
                        default="announced",
                        max_length=9,
                    ),
                ),
                ("reason", models.JSONField(null=True)),
                (
                    "charge",
                    models.OneToOneField(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notice",
                        to="store.charge",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.company",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge_notices",
                        to="store.customer",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge_notices",
                        to="store.document",
                    ),
                ),
                (
                    "mandate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="store.paymentmandate",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge_notices",
                        to="store.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "announced")),
                        fields=["company", "charge_date"],
                        name="charge_notice_announced",
                    ),
                    models.Index(fields=["document"], name="charge_notice_document"),
                    models.Index(fields=["company", "customer", "-id"], name="charge_notice_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "announced")),
                        fields=("document",),
                        name="one_charge_notice_per_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="charge_notice_positive"
                    ),
                ],
            },
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
