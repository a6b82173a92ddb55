"""Policies as documents: steps on three clocks with channels in order, windows and conditions; which policy applies to
a segment or to a document. Policies that are there stay as they are, counted from the due date, by their one channel."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_policyassignment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_policyassignment
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_policyassignment; ALTER TABLE store_policyassignment DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0027_bulk_acceptances")]

    operations = [
        migrations.AddField("policy", "description", models.JSONField(blank=True, default=dict)),
        migrations.AddField("policystep", "clock", models.CharField(default="due_date", max_length=20)),
        migrations.AddField("policystep", "days", models.SmallIntegerField(null=True)),
        migrations.AddField(
            "policystep",
            "fallbacks",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField("policystep", "tone", models.CharField(default="neutral", max_length=20)),
        migrations.AddField("policystep", "signed_by", models.CharField(default="company", max_length=20)),
        migrations.AddField("policystep", "min_amount_cents", models.BigIntegerField(default=0)),
        migrations.AddField("policystep", "window", models.JSONField(blank=True, null=True)),
        migrations.AddField("policystep", "condition", models.JSONField(blank=True, null=True)),
        migrations.RunSQL("UPDATE store_policystep SET days = offset_days", migrations.RunSQL.noop),
        migrations.AlterField("policystep", "days", models.SmallIntegerField()),
        migrations.CreateModel(
            name="PolicyAssignment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("segment", models.CharField(blank=True, max_length=60)),
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="store.document",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="store.policy",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("segment", ""), _negated=True),
                        fields=("company", "segment"),
                        name="one_policy_per_segment",
                    ),
                    models.UniqueConstraint(fields=("document",), name="one_policy_per_document"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("segment", ""), ("document__isnull", False)),
                            models.Q(models.Q(("segment", ""), _negated=True), ("document__isnull", True)),
                            _connector="OR",
                        ),
                        name="assigned_to_one_thing",
                    ),
                ],
            },
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
