"""Channels: services that carry messages, what they report, letters in print, tasks; threads, copies and costs of messages."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("channelconnection", "deliveryreport", "letterbatch", "task")
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
        ("store", "0033_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelConnection",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("channel", models.CharField(max_length=20)),
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
                ("checked_at", models.DateTimeField(null=True)),
                ("next_check_at", models.DateTimeField(null=True)),
                ("failure_count", models.IntegerField(default=0)),
                ("problem", models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DeliveryReport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("provider", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=20)),
                ("reported_at", models.DateTimeField()),
                ("recipient", models.CharField(blank=True, max_length=254)),
                ("detail", models.TextField(blank=True)),
                ("external_id", models.CharField(max_length=200)),
                ("raw", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="LetterBatch",
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
                        choices=[("printed", "Printed"), ("posted", "Posted")],
                        default="printed",
                        max_length=8,
                    ),
                ),
                ("letter_count", models.PositiveIntegerField()),
                ("page_count", models.PositiveIntegerField()),
                ("printed_by", models.CharField(max_length=80)),
                ("posted_date", models.DateField(null=True)),
                ("posted_by", models.CharField(blank=True, max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("note", models.TextField(blank=True)),
                ("due_date", models.DateField()),
                ("assignee", models.CharField(blank=True, max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("outcome", models.CharField(blank=True, max_length=20)),
                ("outcome_note", models.TextField(blank=True)),
                ("opened_by", models.CharField(max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
            ],
        ),
        migrations.AddField(
            model_name="attempt",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="copied_to",
            field=models.CharField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="attempt",
            name="cost_cents",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="mail_id",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="attempt",
            name="provider",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="company",
            name="account_manager_copy",
            field=models.CharField(default="never", max_length=8),
        ),
        migrations.AddField(
            model_name="company",
            name="channel_costs",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="company",
            name="tracks_opens",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="contact",
            name="text_failed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="text_stopped_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="registered_consent_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="thread",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followers",
                to="store.message",
            ),
        ),
        migrations.AddField(
            model_name="messageattachment",
            name="kind",
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name="messageattachment",
            name="title",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("approved", "Approved"),
                    ("claimed", "Claimed"),
                    ("entrusted", "Entrusted"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("unknown", "Unknown"),
                    ("cancelled", "Cancelled"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    ("outcome", "accepted"),
                    models.Q(("provider", ""), _negated=True),
                ),
                fields=["company", "provider"],
                name="attempt_asked_about",
            ),
        ),
        migrations.AddField(
            model_name="channelconnection",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
        migrations.AddField(
            model_name="deliveryreport",
            name="attempt",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="store.attempt",
            ),
        ),
        migrations.AddField(
            model_name="deliveryreport",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
        migrations.AddField(
            model_name="deliveryreport",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="store.message"
            ),
        ),
        migrations.AddField(
            model_name="letterbatch",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
        migrations.AddField(
            model_name="letterbatch",
            name="pdf",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="letterbatch",
            name="recipients",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.storedfile"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="letter_batch",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="store.letterbatch",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.company",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="customer",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="store.customer",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="store.message",
            ),
        ),
        migrations.AddConstraint(
            model_name="channelconnection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "active")),
                fields=("company", "channel"),
                name="one_active_connection_per_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryreport",
            constraint=models.UniqueConstraint(
                fields=("company", "provider", "external_id"), name="delivery_report_external_id"
            ),
        ),
        migrations.AddIndex(
            model_name="letterbatch",
            index=models.Index(fields=["company", "-id"], name="letter_batch_recent"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state", "open")), fields=["company", "due_date", "id"], name="task_open"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["company", "customer", "-id"], name="task_customer"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("message",), name="one_open_task_per_message"
            ),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
