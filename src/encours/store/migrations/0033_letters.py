"""Letters in a company's own words, in whose name they are written; late interest claimed or waived; rates added to the table."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("lettertemplate", "lettersettings", "interestclaim", "referencerate")
# as migration 0002 did for the tables of its time
POLICY = """
ALTER TABLE store_{table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON store_{table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
NO_POLICY = "DROP POLICY own_company ON store_{table}; ALTER TABLE store_{table} DISABLE ROW LEVEL SECURITY;"


def scoped() -> list[tuple[str, models.Field]]:
    """What every row of business data has."""
    return [
        ("id", models.BigAutoField(primary_key=True, serialize=False)),
        (
            "created_at",
            models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        ("company", reference("store.company", db_index=False)),
    ]


def reference(to: str, related_name: str = "+", **options: bool) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to=to, **options
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0032_policy_previews")]

    operations = [
        migrations.CreateModel(
            name="LetterTemplate",
            fields=[
                *scoped(),
                ("template", models.CharField(max_length=40)),
                ("tone", models.CharField(max_length=20)),
                ("language", models.CharField(max_length=2)),
                ("version", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("is_active", models.BooleanField(default=True)),
                ("saved_by", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "template", "tone", "language", "version"),
                        name="letter_template_version",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_active", True)),
                        fields=("company", "template", "tone", "language"),
                        name="one_active_letter_template",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LetterSettings",
            fields=[
                *scoped(),
                (
                    "collector",
                    models.CharField(
                        choices=[("creditor", "Creditor"), ("third_party", "Third Party")],
                        default="creditor",
                        max_length=12,
                    ),
                ),
                ("third_party_name", models.CharField(blank=True, max_length=200)),
                ("third_party_siren", models.CharField(blank=True, max_length=9)),
                ("third_party_street", models.CharField(blank=True, max_length=200)),
                ("third_party_postcode", models.CharField(blank=True, max_length=12)),
                ("third_party_city", models.CharField(blank=True, max_length=100)),
                ("third_party_email", models.EmailField(blank=True, max_length=254)),
                ("third_party_phone", models.CharField(blank=True, max_length=40)),
                ("mandate_date", models.DateField(blank=True, null=True)),
                ("days_to_pay", models.PositiveSmallIntegerField(default=8)),
                ("agreed_basis_points", models.PositiveIntegerField(blank=True, null=True)),
                ("day_count", models.CharField(default="actual/365", max_length=20)),
                ("imputation", models.CharField(default="interest", max_length=20)),
                ("says_thanks", models.BooleanField(default=False)),
                ("thanks_min_cents", models.BigIntegerField(default=10000)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company",), name="one_letter_settings"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InterestClaim",
            fields=[
                *scoped(),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("from_date", models.DateField()),
                ("to_date", models.DateField()),
                ("pieces", models.JSONField(default=list)),
                ("interest_cents", models.BigIntegerField()),
                ("indemnity_cents", models.BigIntegerField(default=0)),
                ("terms", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("accrued", "Accrued"), ("claimed", "Claimed"), ("waived", "Waived")],
                        default="accrued",
                        max_length=10,
                    ),
                ),
                ("decided_date", models.DateField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("customer", reference("store.customer", db_index=False)),
                ("document", reference("store.document", "interest_claims")),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interest_claims",
                        to="store.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "customer"], name="interest_claim_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "accrued"), _negated=True),
                        fields=("document", "position", "from_date"),
                        name="interest_claimed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("state", "accrued"), _negated=True),
                            models.Q(("indemnity_cents", 0), _negated=True),
                        ),
                        fields=("document",),
                        name="indemnity_claimed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_date__gte", models.F("from_date"))),
                        name="interest_claim_goes_forward",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferenceRate",
            fields=[
                *scoped(),
                ("year", models.PositiveSmallIntegerField()),
                ("half", models.PositiveSmallIntegerField()),
                ("ecb_basis_points", models.PositiveIntegerField()),
                ("legal_basis_points", models.PositiveIntegerField(blank=True, null=True)),
                ("source", models.CharField(max_length=300)),
                ("added_by", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("company", "year", "half"), name="one_rate_per_half"),
                    models.CheckConstraint(condition=models.Q(("half__in", [1, 2])), name="rate_half"),
                ],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="letter_template",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="store.lettertemplate",
            ),
        ),
        migrations.AddField(
            model_name="message", name="has_mandate_mentions", field=models.BooleanField(null=True)
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
