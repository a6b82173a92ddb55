"""Papers attached to customers and documents, and files built for a court."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = ("paper", "courtfile")
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


def ids() -> django.contrib.postgres.fields.ArrayField:
    return django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)


class Migration(migrations.Migration):
    dependencies = [("store", "0037_collection_day")]

    operations = [
        migrations.CreateModel(
            name="Paper",
            fields=[
                *scoped(),
                ("name", models.CharField(max_length=255)),
                ("kind", models.CharField(max_length=16)),
                ("title", models.CharField(blank=True, max_length=160)),
                ("paper_date", models.DateField(null=True)),
                ("added_by", models.CharField(max_length=80)),
                ("removed_at", models.DateTimeField(null=True)),
                ("removed_by", models.CharField(blank=True, max_length=80)),
                ("customer", reference("store.customer", "papers", db_index=False)),
                ("document", reference("store.document", "papers", db_index=False, null=True)),
                ("file", reference("store.storedfile")),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "customer"],
                        condition=models.Q(removed_at=None),
                        name="paper_customer",
                    ),
                    models.Index(
                        fields=["document"],
                        condition=models.Q(removed_at=None, document__isnull=False),
                        name="paper_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CourtFile",
            fields=[
                *scoped(),
                ("procedure", models.CharField(max_length=20)),
                ("court", models.CharField(blank=True, max_length=24)),
                ("on_date", models.DateField()),
                ("wanted_ids", ids()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done_units", models.IntegerField(default=0)),
                ("total_units", models.IntegerField(default=0)),
                ("asked_by", models.CharField(max_length=80)),
                ("finished_at", models.DateTimeField(null=True)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("document_ids", ids()),
                ("principal_cents", models.BigIntegerField(default=0)),
                ("interest_cents", models.BigIntegerField(default=0)),
                ("indemnity_cents", models.BigIntegerField(default=0)),
                ("interest_until", models.DateField(null=True)),
                ("piece_count", models.IntegerField(default=0)),
                ("page_count", models.IntegerField(default=0)),
                ("is_archival", models.BooleanField(default=False)),
                ("findings", models.JSONField(default=list)),
                ("handed_over_date", models.DateField(null=True)),
                ("handed_over_to", models.CharField(blank=True, max_length=200)),
                ("handed_over_by", models.CharField(blank=True, max_length=80)),
                ("hold_ids", ids()),
                ("customer", reference("store.customer", "court_files", db_index=False)),
                ("pdf", reference("store.storedfile", null=True)),
                ("archive", reference("store.storedfile", null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "customer", "-id"], name="court_file_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(state="done"),
                        fields=("customer", "digest"),
                        name="one_court_file_per_facts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("archive__isnull", False), ("pdf__isnull", False)),
                            _connector="OR",
                        ),
                        name="court_file_done_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("handed_over_date", None), ("state", "done"), _connector="OR"),
                        name="court_file_handed_over_when_done",
                    ),
                ],
            },
        ),
        *(migrations.RunSQL(POLICY.format(table=table), NO_POLICY.format(table=table)) for table in TABLES),
    ]
