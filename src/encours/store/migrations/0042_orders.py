"""Orders, deliveries and the documents that belong to them; payment terms agreed from a day on."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("order", "delivery", "orderdocument", "documentreference", "orderflag", "termsrevision")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0041_scores")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="forgotten_after_days",
            field=models.PositiveSmallIntegerField(default=30),
        ),
        migrations.AddField(
            model_name="company",
            name="terms_caps",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("quote", "Quote"), ("order", "Order")], default="order", max_length=5
                    ),
                ),
                ("number", models.CharField(max_length=80)),
                ("purchase_order", models.CharField(blank=True, default="", max_length=80)),
                ("quote_number", models.CharField(blank=True, default="", max_length=80)),
                ("search_number", models.CharField(max_length=80)),
                ("search_purchase_order", models.CharField(blank=True, default="", max_length=80)),
                ("search_quote", models.CharField(blank=True, default="", max_length=80)),
                ("ordered_date", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("net_cents", models.BigIntegerField(null=True)),
                ("payable_cents", models.BigIntegerField()),
                ("deposit_cents", models.BigIntegerField(null=True)),
                ("deposit_basis_points", models.IntegerField(null=True)),
                ("label", models.CharField(blank=True, default="", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("closed", "Closed"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.importbatch",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="store.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("reference", models.CharField(max_length=120)),
                ("delivered_date", models.DateField()),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("net_cents", models.BigIntegerField(null=True)),
                ("amount_cents", models.BigIntegerField()),
                ("document_number", models.CharField(blank=True, default="", max_length=80)),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.importbatch",
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
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deliveries",
                        to="store.document",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="store.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("linked", "Linked"), ("rejected", "Rejected")],
                        max_length=8,
                    ),
                ),
                ("reason", models.JSONField()),
                ("deducted_cents", models.BigIntegerField(null=True)),
                ("decided_by", models.CharField(blank=True, default="", max_length=80)),
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
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="store.document",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="store.order",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrderFlag",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("code", models.CharField(max_length=24)),
                ("amount_cents", models.BigIntegerField()),
                ("raised_date", models.DateField()),
                ("cleared_date", models.DateField(null=True)),
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
                    "order",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="flags",
                        to="store.order",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.task",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TermsRevision",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("from_date", models.DateField()),
                ("terms", models.CharField(blank=True, max_length=20)),
                ("previous_terms", models.CharField(blank=True, max_length=20)),
                ("is_periodic", models.BooleanField(default=False)),
                ("reason", models.CharField(max_length=300)),
                ("is_applied", models.BooleanField(default=False)),
                ("decided_by", models.CharField(max_length=80)),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="terms_revisions",
                        to="store.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DocumentReference",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sales_order", "Sales Order"),
                            ("preceding", "Preceding"),
                            ("prepaid", "Prepaid"),
                            ("deducted", "Deducted"),
                        ],
                        max_length=11,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=80)),
                ("search_value", models.CharField(blank=True, max_length=80)),
                ("amount_cents", models.BigIntegerField(null=True)),
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
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="store.document",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "kind", "search_value"], name="document_reference_value")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["company", "customer", "-ordered_date"], name="order_customer"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["company", "-ordered_date", "-id"], name="order_recent"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["company", "search_number"], name="order_search_number"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("search_purchase_order", ""), _negated=True),
                fields=["company", "search_purchase_order"],
                name="order_purchase_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("company", "kind", "number"), name="order_number"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                fields=["company", "order", "delivered_date"],
                include=("amount_cents", "document"),
                name="delivery_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("order", "reference"), name="delivery_reference"),
        ),
        migrations.AddIndex(
            model_name="orderdocument",
            index=models.Index(fields=["company", "document"], name="order_document_document"),
        ),
        migrations.AddIndex(
            model_name="orderdocument",
            index=models.Index(
                condition=models.Q(("state", "proposed")),
                fields=["company", "order"],
                name="order_document_proposed",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderdocument",
            constraint=models.UniqueConstraint(fields=("order", "document"), name="order_document"),
        ),
        migrations.AddConstraint(
            model_name="orderdocument",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "linked")), fields=("document",), name="one_order_per_document"
            ),
        ),
        migrations.AddIndex(
            model_name="orderflag",
            index=models.Index(
                condition=models.Q(("cleared_date", None)),
                fields=["company", "code"],
                name="order_flag_raised",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderflag",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_date", None)), fields=("order", "code"), name="order_flag_once"
            ),
        ),
        migrations.AddIndex(
            model_name="termsrevision",
            index=models.Index(fields=["company", "customer", "from_date"], name="terms_revision_customer"),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
