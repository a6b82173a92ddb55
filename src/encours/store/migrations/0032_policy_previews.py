"""What a change of dunning policies would do to the day, kept until somebody decides."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("store_policypreview", "store_policypreviewline")
POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON {table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
CREATED_AT = models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)


class Migration(migrations.Migration):
    dependencies = [("store", "0031_replies")]

    operations = [
        migrations.CreateModel(
            name="PolicyPreview",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", CREATED_AT.clone()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("version", "Version"),
                            ("default", "Default"),
                            ("off", "Off"),
                            ("segment", "Segment"),
                        ],
                        max_length=10,
                    ),
                ),
                ("slug", models.CharField(blank=True, max_length=60)),
                ("segment", models.CharField(blank=True, max_length=60)),
                ("document", models.TextField(blank=True)),
                ("base_version", models.PositiveIntegerField(default=0)),
                ("asked_by", models.CharField(max_length=80)),
                ("on_date", models.DateField()),
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
                ("journal_sequence", models.BigIntegerField(null=True)),
                ("done_units", models.BigIntegerField(default=0)),
                ("total_units", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("current_counts", models.JSONField(default=dict)),
                ("wanted_counts", models.JSONField(default=dict)),
                ("change_counts", models.JSONField(default=dict)),
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
                    models.UniqueConstraint(
                        fields=("company", "asked_by", "slug", "segment"), name="one_preview_per_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyPreviewLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", CREATED_AT.clone()),
                ("change", models.CharField(max_length=16)),
                ("currency", models.CharField(max_length=3)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("reason", models.JSONField(null=True)),
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
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.customer",
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="store.policypreview",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["preview", "change", "id"], name="policy_preview_line_change")
                ],
            },
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
