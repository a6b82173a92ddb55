"""Dunning foretold and lived through again; reminders held back at random, each planned one with how likely it was to be
sent."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("store_heldoutreminder", "store_holdout", "store_simulation", "store_simulatedmessage")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON {table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


def base() -> list[tuple[str, models.Field]]:
    now = django.db.models.functions.datetime.Now()
    return [
        ("id", models.BigAutoField(primary_key=True, serialize=False)),
        ("created_at", models.DateTimeField(db_default=now, editable=False)),
    ]


def reference(to: str, *, checked: bool = False, on_delete=django.db.models.deletion.PROTECT) -> models.Field:
    return models.ForeignKey(
        db_constraint=checked, db_index=False, on_delete=on_delete, related_name="+", to=f"store.{to}"
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0034_channels")]

    operations = [
        migrations.AddField("reminder", "propensity_percent", models.PositiveSmallIntegerField(default=100)),
        migrations.CreateModel(
            name="HoldOut",
            fields=[
                *base(),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("max_amount_cents", models.BigIntegerField()),
                ("seed", models.BigIntegerField()),
                ("company", reference("company", checked=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company",), name="one_hold_out"),
                    models.CheckConstraint(
                        condition=models.Q(("percent__lte", 50)), name="hold_out_at_most_half"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HeldOutReminder",
            fields=[
                *base(),
                ("position", models.SmallIntegerField(default=0)),
                ("step_code", models.CharField(max_length=20)),
                ("cycle", models.PositiveSmallIntegerField(default=1)),
                ("template", models.CharField(max_length=40)),
                ("channel", models.CharField(max_length=20)),
                ("amount_cents", models.BigIntegerField()),
                ("planned_date", models.DateField()),
                ("propensity_percent", models.PositiveSmallIntegerField()),
                ("company", reference("company")),
                ("customer", reference("customer")),
                ("document", reference("document")),
                ("policy", reference("policy")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "document", "position", "step_code", "cycle"),
                        name="one_held_out_per_step",
                    )
                ],
                "indexes": [models.Index(fields=["company", "planned_date"], name="held_out_date")],
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                *base(),
                (
                    "kind",
                    models.CharField(
                        choices=[("simulation", "Simulation"), ("replay", "Replay")], max_length=10
                    ),
                ),
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
                ("asked_by", models.CharField(max_length=80)),
                ("from_date", models.DateField()),
                ("until_date", models.DateField()),
                ("options", models.JSONField(default=dict)),
                ("done_units", models.BigIntegerField(default=0)),
                ("total_units", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("results", models.JSONField(default=list)),
                ("company", reference("company", checked=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "kind"), name="one_simulation_per_kind")
                ]
            },
        ),
        migrations.CreateModel(
            name="SimulatedMessage",
            fields=[
                *base(),
                ("side", models.PositiveSmallIntegerField()),
                ("sent_date", models.DateField()),
                ("channel", models.CharField(max_length=20)),
                ("template", models.CharField(max_length=40)),
                ("step_code", models.CharField(max_length=20)),
                ("currency", models.CharField(max_length=3)),
                ("amount_cents", models.BigIntegerField()),
                ("cost_cents", models.IntegerField()),
                (
                    "document_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("by_itself_count", models.IntegerField(default=0)),
                ("by_itself_days", models.IntegerField(null=True)),
                ("company", reference("company")),
                ("customer", reference("customer", on_delete=django.db.models.deletion.CASCADE)),
                (
                    "simulation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="store.simulation",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["simulation", "side", "sent_date", "id"], name="simulated_message_day"
                    )
                ],
            },
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
