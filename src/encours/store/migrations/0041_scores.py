"""Scores of customers, by whoever gives them; and addresses that letters came back from."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_score ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_score
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_score; ALTER TABLE store_score DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    dependencies = [("store", "0040_payments")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="address_returned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("source", models.CharField(max_length=40)),
                ("value", models.PositiveSmallIntegerField()),
                ("given_date", models.DateField()),
                ("valid_until_date", models.DateField(null=True)),
                (
                    "batch",
                    models.ForeignKey(
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="store.customer",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(
                fields=("company", "customer", "source", "given_date"), name="score_of_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="score",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0), ("value__lte", 100)), name="score_out_of_a_hundred"
            ),
        ),
        migrations.RunSQL(POLICY, NO_POLICY),
    ]
