"""Disputes, promises to pay and payment plans."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("dispute", "promise", "promisedocument", "paymentplan", "planinstalment", "plandocument")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0035_simulations")]

    operations = [
        migrations.CreateModel(
            name="Dispute",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="store.customer",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disputes",
                        to="store.document",
                    ),
                ),
                ("reason_code", models.CharField(max_length=20)),
                ("note", models.TextField(blank=True)),
                ("disputed_cents", models.BigIntegerField()),
                ("is_whole", models.BooleanField()),
                ("owner", models.CharField(blank=True, max_length=120)),
                ("deadline", models.DateField(blank=True, null=True)),
                ("opened_date", models.DateField()),
                ("opened_by", models.CharField(max_length=80)),
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
                ("resolved_date", models.DateField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=80)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "Accepted"),
                            ("partly_accepted", "Partly Accepted"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=16,
                    ),
                ),
                ("resolution_note", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_date", None)),
                        fields=["company", "customer"],
                        name="dispute_open",
                    ),
                    models.Index(fields=["company", "-opened_date", "-id"], name="dispute_recent"),
                    models.Index(fields=["customer"], name="dispute_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_date", None)),
                        fields=("document",),
                        name="one_open_dispute",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("disputed_cents__gt", 0)), name="dispute_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("resolved_date", None)),
                            models.Q(
                                ("resolved_date__isnull", False), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="dispute_resolved_with_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="store.customer",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("amount_cents", models.BigIntegerField()),
                ("promised_date", models.DateField()),
                ("grace_days", models.PositiveSmallIntegerField()),
                ("recorded_date", models.DateField()),
                ("recorded_by", models.CharField(max_length=80)),
                ("source", models.CharField(blank=True, max_length=120)),
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
                ("note", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("kept", "Kept"),
                            ("partly", "Partly"),
                            ("broken", "Broken"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("settled_cents", models.BigIntegerField(default=0)),
                ("judged_date", models.DateField(blank=True, null=True)),
                ("ended_note", models.TextField(blank=True)),
                (
                    "replaced_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="store.promise",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["company", "customer"],
                        name="promise_open",
                    ),
                    models.Index(fields=["company", "-promised_date", "-id"], name="promise_recent"),
                    models.Index(fields=["customer"], name="promise_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_cents__gt", 0),
                            ("settled_cents__gte", 0),
                            ("settled_cents__lte", models.F("amount_cents")),
                        ),
                        name="promise_settled_within_amount",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PromiseDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "promise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="store.promise",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promised",
                        to="store.document",
                    ),
                ),
                ("promised_cents", models.BigIntegerField()),
                ("rest_cents", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("promise", "document"), name="promise_document_once"),
                    models.CheckConstraint(
                        condition=models.Q(("promised_cents__gte", 0), ("rest_cents__gte", 0)),
                        name="promise_document_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentPlan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_plans",
                        to="store.customer",
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("planned_cents", models.BigIntegerField()),
                ("interest_cents", models.BigIntegerField(default=0)),
                ("grace_days", models.PositiveSmallIntegerField()),
                (
                    "when_broken",
                    models.CharField(
                        choices=[("all_due", "All Due"), ("missed_due", "Missed Due")],
                        default="all_due",
                        max_length=10,
                    ),
                ),
                ("agreed_date", models.DateField()),
                ("agreed_with", models.CharField(blank=True, max_length=120)),
                ("recorded_by", models.CharField(max_length=80)),
                ("note", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("agreed", "Agreed"),
                            ("kept", "Kept"),
                            ("broken", "Broken"),
                            ("ended", "Ended"),
                        ],
                        default="agreed",
                        max_length=10,
                    ),
                ),
                ("settled_cents", models.BigIntegerField(default=0)),
                ("judged_date", models.DateField(blank=True, null=True)),
                ("missed_date", models.DateField(blank=True, null=True)),
                ("ended_note", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["agreed", "broken"])),
                        fields=["company", "customer"],
                        name="plan_running",
                    ),
                    models.Index(fields=["company", "-agreed_date", "-id"], name="plan_recent"),
                    models.Index(fields=["customer"], name="plan_customer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("interest_cents__gte", 0),
                            ("planned_cents__gt", 0),
                            ("settled_cents__gte", 0),
                            ("settled_cents__lte", models.F("planned_cents")),
                        ),
                        name="plan_settled_within_planned",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanInstalment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="instalments",
                        to="store.paymentplan",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("due_date", models.DateField()),
                ("amount_cents", models.BigIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "position"), name="plan_instalment_position"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="plan_instalment_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanDocument",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
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
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="store.paymentplan",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="store.document",
                    ),
                ),
                ("planned_cents", models.BigIntegerField()),
                ("rest_cents", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "document"), name="plan_document_once"),
                    models.CheckConstraint(
                        condition=models.Q(("planned_cents__gt", 0), ("rest_cents__gte", 0)),
                        name="plan_document_positive",
                    ),
                ],
            },
        ),
        migrations.AddField("company", "promise_grace_days", models.PositiveSmallIntegerField(default=3)),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
