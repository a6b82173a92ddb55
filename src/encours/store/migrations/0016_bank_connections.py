"""Where bank data comes from by itself: drops, live feeds, their accounts and lines, signed notices."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("bankconnection", "banknotice", "dropfile", "feedaccount", "feedline")
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
        ("store", "0015_message_documents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="transaction",
            name="state",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("proposed", "Proposed"),
                    ("matched", "Matched"),
                    ("set_aside", "Set Aside"),
                    ("removed", "Removed"),
                ],
                default="new",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="BankConnection",
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
                        choices=[
                            ("pending", "Pending"),
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("revoked", "Revoked"),
                        ],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("settings", models.JSONField(default=dict)),
                ("sealed", models.TextField(blank=True)),
                ("hook_key", models.CharField(max_length=43)),
                ("cursor_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("synced_at", models.DateTimeField(null=True)),
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
            name="BankNotice",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("body", models.TextField()),
                ("received_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="store.bankconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DropFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("size", models.BigIntegerField()),
                ("modified_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("seen", "Seen"),
                            ("taken", "Taken"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="seen",
                        max_length=8,
                    ),
                ),
                ("problem", models.JSONField(null=True)),
                ("is_put_away", models.BooleanField(default=False)),
                (
                    "batch",
                    models.ForeignKey(
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
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="store.bankconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FeedAccount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("external_id", models.CharField(max_length=80)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("balance_cents", models.BigIntegerField(null=True)),
                ("refreshed_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.bankaccount"
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
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="store.bankconnection",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FeedLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("external_id", models.CharField(max_length=80)),
                ("content", models.CharField(max_length=64)),
                ("told_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("told", "Told"),
                            ("changed", "Changed"),
                            ("gone", "Gone"),
                            ("removed", "Removed"),
                        ],
                        default="told",
                        max_length=8,
                    ),
                ),
                ("told", models.JSONField(null=True)),
                ("needs_person", models.BooleanField(default=False)),
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
                    "feed_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="store.feedaccount",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="feed_lines",
                        to="store.transaction",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bankconnection",
            index=models.Index(fields=["company", "state"], name="bank_connection_state"),
        ),
        migrations.AddConstraint(
            model_name="banknotice",
            constraint=models.UniqueConstraint(fields=("connection", "digest"), name="bank_notice_digest"),
        ),
        migrations.AddConstraint(
            model_name="dropfile",
            constraint=models.UniqueConstraint(fields=("connection", "name"), name="drop_file_name"),
        ),
        migrations.AddConstraint(
            model_name="feedaccount",
            constraint=models.UniqueConstraint(
                fields=("connection", "external_id"), name="feed_account_external_id"
            ),
        ),
        migrations.AddIndex(
            model_name="feedline",
            index=models.Index(
                condition=models.Q(("state__in", ["changed", "gone"])),
                fields=["company", "feed_account"],
                name="feed_line_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="feedline",
            constraint=models.UniqueConstraint(
                fields=("feed_account", "external_id"), name="feed_line_external_id"
            ),
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
