"""Replies of customers: the mailboxes they come from, each of them, what may be done without a person."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("mailbox", "reply", "replysettings")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0030_policy_limits")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="email_stop",
            field=models.CharField(
                blank=True,
                choices=[("unsubscribed", "Unsubscribed"), ("wrong", "Wrong")],
                default="",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Mailbox",
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
                ("seal_key", models.CharField(max_length=43)),
                ("cursor", models.JSONField(default=dict)),
                ("checked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
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
            name="Reply",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("mail_id", models.CharField(blank=True, max_length=300)),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300), default=list, size=None
                    ),
                ),
                ("sender_name", models.CharField(blank=True, max_length=200)),
                ("sender_address", models.CharField(blank=True, max_length=254)),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), default=list, size=None
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
                ("attachments", models.JSONField(default=list)),
                ("received_at", models.DateTimeField()),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("automatic", "Automatic"),
                            ("bounce", "Bounce"),
                            ("ours", "Ours"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("acted", "Acted"),
                            ("dismissed", "Dismissed"),
                            ("filed", "Filed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("problem", models.JSONField(null=True)),
                ("matched_by", models.CharField(blank=True, max_length=8)),
                ("intent", models.CharField(max_length=14)),
                ("day", models.DateField(null=True)),
                ("amount_cents", models.BigIntegerField(null=True)),
                ("currency", models.CharField(default="EUR", max_length=3)),
                ("reason", models.CharField(blank=True, max_length=20)),
                (
                    "document_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("confidence", models.FloatField()),
                ("because", models.JSONField(default=list)),
                ("first_reading", models.JSONField(default=dict)),
                ("second_reading", models.JSONField(null=True)),
                ("handled_at", models.DateTimeField(null=True)),
                ("handled_by", models.CharField(blank=True, max_length=80)),
                ("outcome", models.JSONField(default=list)),
                ("done", models.JSONField(default=dict)),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="store.customer",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.storedfile"
                    ),
                ),
                (
                    "mailbox",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="replies",
                        to="store.mailbox",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replies",
                        to="store.message",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplySettings",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("thresholds", models.JSONField(default=dict)),
                ("holds_while_waiting", models.BooleanField(default=True)),
                ("payment_wait_days", models.PositiveSmallIntegerField(default=5)),
                ("reader_url", models.CharField(blank=True, max_length=300)),
                ("reader_model", models.CharField(blank=True, max_length=100)),
                ("reader_sealed", models.TextField(blank=True)),
                ("reader_problem", models.JSONField(null=True)),
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
        migrations.AddIndex(
            model_name="mailbox",
            index=models.Index(fields=["company", "state"], name="mailbox_state"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["company", "received_at", "id"],
                include=("customer", "nature", "intent"),
                name="reply_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(fields=["company", "-received_at", "-id"], name="reply_recent"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(fields=["customer", "-received_at"], name="reply_customer"),
        ),
        migrations.AddIndex(
            model_name="reply",
            index=models.Index(
                condition=models.Q(("message__isnull", False)), fields=["message"], name="reply_message"
            ),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.UniqueConstraint(fields=("company", "digest"), name="reply_digest"),
        ),
        migrations.AddConstraint(
            model_name="replysettings",
            constraint=models.UniqueConstraint(fields=("company",), name="one_reply_settings"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["company", "idempotency_key"], name="attempt_key"),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                fields=["company", "provider_id"],
                condition=models.Q(("provider_id", ""), _negated=True),
                name="attempt_provider",
            ),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
