"""What other rules of matching would change, kept until somebody decides."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("store_rulespreview", "store_rulespreviewline")
POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON {table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
CREATED_AT = models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0022_api")]

    operations = [
        migrations.CreateModel(
            name="RulesPreview",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", CREATED_AT.clone()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("wanted", models.JSONField(default=dict)),
                ("current", models.JSONField(default=dict)),
                ("asked_by", models.CharField(max_length=80)),
                ("journal_sequence", models.BigIntegerField(null=True)),
                ("done_units", models.BigIntegerField(default=0)),
                ("total_units", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("current_counts", models.JSONField(default=dict)),
                ("wanted_counts", models.JSONField(default=dict)),
                ("change_counts", models.JSONField(default=dict)),
                ("record", models.JSONField(default=list)),
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
                "constraints": [models.UniqueConstraint(fields=("company",), name="one_rules_preview")],
            },
        ),
        migrations.CreateModel(
            name="RulesPreviewLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", CREATED_AT.clone()),
                ("change", models.CharField(max_length=16)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.company",
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="store.rulespreview",
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.transaction",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["preview", "change", "id"], name="rules_preview_line_change")
                ],
            },
        ),
        *(
            migrations.RunSQL(POLICY.format(table=table), f"DROP POLICY own_company ON {table};")
            for table in TABLES
        ),
    ]
