"""Proposals accepted together above a score; proposals that gave way to a person's answer, and answers taken back."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_bulkacceptance ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_bulkacceptance
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_bulkacceptance; ALTER TABLE store_bulkacceptance DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0026_webhooks")]

    operations = [
        migrations.AlterField(
            model_name="match",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "Proposed"),
                    ("applied", "Applied"),
                    ("undone", "Undone"),
                    ("rejected", "Rejected"),
                    ("superseded", "Superseded"),
                    ("retracted", "Retracted"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(
                fields=["company", "-confidence", "transaction"],
                condition=models.Q(("state", "proposed")),
                name="match_proposed",
            ),
        ),
        migrations.CreateModel(
            name="BulkAcceptance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("min_percent", models.PositiveSmallIntegerField()),
                (
                    "match_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "line_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("done_count", models.IntegerField(default=0)),
                ("accepted_count", models.IntegerField(default=0)),
                ("already_count", models.IntegerField(default=0)),
                ("refused", models.JSONField(default=list)),
                ("asked_by", models.CharField(max_length=80)),
                ("finished_at", models.DateTimeField(null=True)),
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("finished_at", None)),
                        fields=["company"],
                        name="bulk_acceptance_unfinished",
                    )
                ],
            },
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
