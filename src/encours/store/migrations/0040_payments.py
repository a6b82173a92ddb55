"""Payments: services that take them, mandates, charges, what they pay out; and the customers' portal."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = (
    "charge",
    "chargedocument",
    "chargeback",
    "directdebitfile",
    "gatewayconnection",
    "gatewayevent",
    "paymentmandate",
    "paymentoption",
    "payout",
    "planrequest",
    "portalcode",
    "portallink",
    "portalsettings",
    "portalview",
    "refund",
)
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0039_preferred_channel"),
    ]

    operations = [
        migrations.CreateModel(
            name="GatewayConnection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("revoked", "Revoked")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("settings", models.JSONField(default=dict)),
                ("sealed", models.TextField(blank=True)),
                ("hook_key", models.CharField(max_length=43)),
                ("events_until_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("next_check_at", models.DateTimeField(null=True)),
                ("failure_count", models.IntegerField(default=0)),
                ("problem", models.JSONField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.company",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DirectDebitFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("scheme", models.CharField(max_length=10)),
                ("message_id", models.CharField(max_length=35)),
                ("collection_date", models.DateField()),
                ("charge_count", models.PositiveIntegerField()),
                ("total_cents", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("made", "Made"),
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("canceled", "Canceled"),
                        ],
                        default="made",
                        max_length=8,
                    ),
                ),
                ("made_by", models.CharField(max_length=80)),
                ("sent_by", models.CharField(blank=True, max_length=80)),
                ("sent_at", models.DateTimeField(null=True)),
                ("problem", models.JSONField(null=True)),
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
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.storedfile"
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="store.gatewayconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GatewayEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("external_id", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=80)),
                ("object_id", models.CharField(blank=True, max_length=200)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("body", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("done", "Done"),
                            ("ignored", "Ignored"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempt_count", models.IntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("problem", models.JSONField(null=True)),
                ("worked_at", models.DateTimeField(null=True)),
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
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="store.gatewayconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentMandate",
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
                        choices=[("card", "Card"), ("sepa_core", "Sepa Core"), ("sepa_b2b", "Sepa B2B")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("expired", "Expired"),
                            ("revoked", "Revoked"),
                            ("replaced", "Replaced"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(max_length=35)),
                ("customer_external_id", models.CharField(blank=True, max_length=80)),
                ("external_id", models.CharField(blank=True, max_length=80)),
                ("mandate_external_id", models.CharField(blank=True, max_length=80)),
                ("pays_on_due_date", models.BooleanField(default=False)),
                ("pays_overdue", models.BooleanField(default=False)),
                ("max_cents", models.BigIntegerField(null=True)),
                ("holder_name", models.CharField(blank=True, max_length=140)),
                ("brand", models.CharField(blank=True, max_length=20)),
                ("last_digits", models.CharField(blank=True, max_length=4)),
                ("bank_country", models.CharField(blank=True, max_length=2)),
                ("bic", models.CharField(blank=True, max_length=11)),
                ("sealed_iban", models.TextField(blank=True)),
                ("expires_date", models.DateField(null=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("evidence", models.JSONField(default=dict)),
                ("first_used_date", models.DateField(null=True)),
                ("last_used_date", models.DateField(null=True)),
                ("expiry_told_date", models.DateField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_reason", models.JSONField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
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
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="store.gatewayconnection",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="store.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentOption",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("method", models.CharField(max_length=20)),
                ("is_offered", models.BooleanField(default=True)),
                ("min_cents", models.BigIntegerField(default=0)),
                ("max_cents", models.BigIntegerField(null=True)),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2), default=list, size=None
                    ),
                ),
                (
                    "segments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("fixed_cost_cents", models.IntegerField(default=0)),
                ("cost_basis_points", models.IntegerField(default=0)),
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
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="options",
                        to="store.gatewayconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("external_id", models.CharField(max_length=80)),
                ("currency", models.CharField(max_length=3)),
                ("amount_cents", models.BigIntegerField()),
                ("gross_cents", models.BigIntegerField(default=0)),
                ("fee_cents", models.BigIntegerField(default=0)),
                ("refunded_cents", models.BigIntegerField(default=0)),
                ("contested_cents", models.BigIntegerField(default=0)),
                ("other_cents", models.BigIntegerField(default=0)),
                ("arrival_date", models.DateField()),
                ("state", models.CharField(max_length=12)),
                ("told_at", models.DateTimeField()),
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
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="store.gatewayconnection",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="payouts",
                        to="store.transaction",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Charge",
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
                ("method", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("open", "Open"),
                            ("pending", "Pending"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                            ("expired", "Expired"),
                            ("returned", "Returned"),
                        ],
                        default="created",
                        max_length=9,
                    ),
                ),
                ("reference", models.CharField(max_length=35)),
                ("idempotency_key", models.CharField(max_length=80)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("url", models.CharField(blank=True, max_length=1000)),
                ("expires_at", models.DateTimeField(null=True)),
                ("currency", models.CharField(max_length=3)),
                ("amount_cents", models.BigIntegerField()),
                ("fee_cents", models.BigIntegerField(null=True)),
                ("refunded_cents", models.BigIntegerField(default=0)),
                ("contested_cents", models.BigIntegerField(default=0)),
                ("requested_date", models.DateField()),
                ("collection_date", models.DateField(null=True)),
                ("attempt_number", models.PositiveSmallIntegerField(default=1)),
                ("next_attempt_date", models.DateField(null=True)),
                ("failure_group", models.CharField(blank=True, max_length=12)),
                ("failure_code", models.CharField(blank=True, max_length=60)),
                ("failure", models.JSONField(null=True)),
                ("asked_by", models.CharField(max_length=80)),
                ("told_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                        related_name="charges",
                        to="store.customer",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.message",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charge",
                        to="store.payment",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="next",
                        to="store.charge",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="store.directdebitfile",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="store.gatewayconnection",
                    ),
                ),
                (
                    "mandate",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="store.paymentmandate",
                    ),
                ),
                (
                    "payout",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="charges",
                        to="store.payout",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("message", "Message"), ("invitation", "Invitation")], max_length=10
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("salt", models.CharField(max_length=43)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=80)),
                ("made_by", models.CharField(max_length=80)),
                ("first_seen_at", models.DateTimeField(null=True)),
                ("last_seen_at", models.DateTimeField(null=True)),
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
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.contact",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_links",
                        to="store.customer",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_links",
                        to="store.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalCode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("digest", models.CharField(max_length=64)),
                ("session_digest", models.CharField(blank=True, max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("wrong_count", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
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
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="store.portallink",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlanRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("document_ids", models.JSONField()),
                ("instalments", models.JSONField()),
                ("interest_cents", models.BigIntegerField(default=0)),
                ("note", models.TextField(blank=True)),
                ("asked_name", models.CharField(blank=True, max_length=120)),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("answer", models.TextField(blank=True)),
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
                        related_name="plan_requests",
                        to="store.customer",
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="store.paymentplan",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.portallink",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PortalSettings",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("is_open", models.BooleanField(default=True)),
                ("colour", models.CharField(default="#1f5fbf", max_length=7)),
                ("link_days", models.PositiveSmallIntegerField(default=60)),
                ("allows_part_payment", models.BooleanField(default=True)),
                ("min_part_cents", models.BigIntegerField(default=1000)),
                ("allows_promise", models.BooleanField(default=True)),
                ("max_promise_days", models.PositiveSmallIntegerField(default=30)),
                ("allows_dispute", models.BooleanField(default=True)),
                ("allows_plan", models.BooleanField(default=True)),
                ("plan_accepts_by_itself", models.BooleanField(default=False)),
                ("plan_max_instalments", models.PositiveSmallIntegerField(default=4)),
                ("plan_max_days", models.PositiveSmallIntegerField(default=120)),
                ("plan_min_first_percent", models.PositiveSmallIntegerField(default=25)),
                ("plan_min_instalment_cents", models.BigIntegerField(default=10000)),
                ("plan_max_cents", models.BigIntegerField(null=True)),
                ("plan_asks_interest", models.BooleanField(default=False)),
                ("allows_autopay", models.BooleanField(default=True)),
                ("charges_overdue", models.BooleanField(default=False)),
                ("overdue_days", models.PositiveSmallIntegerField(default=30)),
                ("charge_notice_days", models.PositiveSmallIntegerField(default=14)),
                ("charge_min_cents", models.BigIntegerField(default=0)),
                ("charge_max_cents", models.BigIntegerField(null=True)),
                (
                    "company",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.company"
                    ),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.storedfile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PortalView",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("seen_at", models.DateTimeField()),
                ("what", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField(null=True)),
                ("outcome", models.CharField(default="shown", max_length=12)),
                ("network", models.CharField(blank=True, max_length=45)),
                ("browser", models.CharField(blank=True, max_length=200)),
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
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to="store.portallink",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
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
                        choices=[
                            ("created", "Created"),
                            ("pending", "Pending"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("canceled", "Canceled"),
                        ],
                        default="created",
                        max_length=9,
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=80)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("amount_cents", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("requested_by", models.CharField(max_length=80)),
                ("failure", models.JSONField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("is_booked", models.BooleanField(default=False)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="store.charge"
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
            ],
        ),
        migrations.CreateModel(
            name="Chargeback",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("external_id", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("warning", "Warning"),
                            ("open", "Open"),
                            ("under_review", "Under Review"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                        ],
                        max_length=12,
                    ),
                ),
                ("amount_cents", models.BigIntegerField()),
                ("fee_cents", models.BigIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("respond_by", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chargebacks",
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("charge", "external_id"), name="chargeback_external_id")
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargeDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("amount_cents", models.BigIntegerField()),
                ("is_open", models.BooleanField(default=True)),
                (
                    "charge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
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
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charged",
                        to="store.document",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["document"], name="charge_document")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("document",),
                        name="one_open_charge_per_document",
                    ),
                    models.UniqueConstraint(
                        fields=("charge", "document", "position"), name="charge_document_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="charge_document_positive"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="gatewayconnection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")),
                fields=("company", "provider"),
                name="one_active_connection_per_gateway",
            ),
        ),
        migrations.AddConstraint(
            model_name="directdebitfile",
            constraint=models.UniqueConstraint(
                fields=("company", "message_id"), name="direct_debit_file_message_id"
            ),
        ),
        migrations.AddIndex(
            model_name="gatewayevent",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "failed"])),
                fields=["company", "connection", "id"],
                name="gateway_event_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="gatewayevent",
            index=models.Index(fields=["company", "-id"], name="gateway_event_recent"),
        ),
        migrations.AddConstraint(
            model_name="gatewayevent",
            constraint=models.UniqueConstraint(
                fields=("connection", "external_id"), name="gateway_event_external_id"
            ),
        ),
        migrations.AddIndex(
            model_name="paymentmandate",
            index=models.Index(fields=["customer"], name="mandate_customer"),
        ),
        migrations.AddIndex(
            model_name="paymentmandate",
            index=models.Index(fields=["company", "connection", "external_id"], name="mandate_external_id"),
        ),
        migrations.AddIndex(
            model_name="paymentmandate",
            index=models.Index(
                condition=models.Q(("state", "active")),
                fields=["company", "expires_date"],
                name="mandate_expiry",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentmandate",
            constraint=models.UniqueConstraint(fields=("company", "reference"), name="mandate_reference"),
        ),
        migrations.AddConstraint(
            model_name="paymentoption",
            constraint=models.UniqueConstraint(fields=("company", "method"), name="payment_option_method"),
        ),
        migrations.AddIndex(
            model_name="payout",
            index=models.Index(fields=["company", "-arrival_date", "-id"], name="payout_recent"),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.UniqueConstraint(
                fields=("connection", "external_id"), name="payout_external_id"
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=["company", "connection", "external_id"],
                name="charge_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["company", "customer", "-id"], name="charge_customer"),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(fields=["company", "-id"], name="charge_recent"),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("state__in", ["created", "open", "pending"])),
                fields=["company", "connection", "asked_at"],
                name="charge_unfinished",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("next_attempt_date__isnull", False)),
                fields=["company", "next_attempt_date"],
                name="charge_next_attempt",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(fields=("company", "reference"), name="charge_reference"),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                fields=("company", "idempotency_key"), name="charge_idempotency_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_cents__gt", 0),
                    ("refunded_cents__gte", 0),
                    ("refunded_cents__lte", models.F("amount_cents")),
                ),
                name="charge_amounts",
            ),
        ),
        migrations.AddIndex(
            model_name="portallink",
            index=models.Index(fields=["company", "customer", "-id"], name="portal_link_customer"),
        ),
        migrations.AddConstraint(
            model_name="portallink",
            constraint=models.UniqueConstraint(fields=("company", "digest"), name="portal_link_digest"),
        ),
        migrations.AddConstraint(
            model_name="portallink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("message__isnull", False)),
                fields=("message",),
                name="portal_link_message",
            ),
        ),
        migrations.AddIndex(
            model_name="planrequest",
            index=models.Index(fields=["company", "state", "-id"], name="plan_request_state"),
        ),
        migrations.AddConstraint(
            model_name="planrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("customer", "currency"),
                name="one_waiting_plan_request",
            ),
        ),
        migrations.AddIndex(
            model_name="portalview",
            index=models.Index(fields=["link", "-id"], name="portal_view_link"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                fields=("company", "idempotency_key"), name="refund_idempotency_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("charge", "external_id"),
                name="refund_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="refund_positive"
            ),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
