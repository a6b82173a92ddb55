"""Accounting out: settings, books that were brought in, entries of our own with their lettering, exports."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

TABLES = (
    "store_accountingsettings",
    "store_bookline",
    "store_accountingexport",
    "store_entryline",
    "store_lettering",
    "store_letteringpart",
    "store_doubtfuldebt",
)
ROW_SECURITY = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_company ON {table}
  USING (company_id = nullif(current_setting('encours.company', true), '')::bigint)
  WITH CHECK (company_id = nullif(current_setting('encours.company', true), '')::bigint);
"""
    for table in TABLES
)
# Entries are written whole, in one statement, and never again.
ENTRIES = """
CREATE FUNCTION encours_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong bigint;
BEGIN
  SELECT entry_id INTO wrong FROM changed GROUP BY entry_id HAVING sum(debit_cents) <> sum(credit_cents) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'accounting entry % does not balance', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balances AFTER INSERT ON store_entryline REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION encours_entry_balances();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON store_entryline
  FOR EACH ROW EXECUTE FUNCTION encours_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON store_lettering
  FOR EACH ROW EXECUTE FUNCTION encours_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON store_accountingexport
  FOR EACH ROW EXECUTE FUNCTION encours_append_only();
"""
UNDO = """
DROP FUNCTION encours_entry_balances CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0017_matching")]

    operations = [
        migrations.CreateModel(
            name="EntryLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("journal_code", models.TextField()),
                ("journal_name", models.TextField(blank=True)),
                ("entry_number", models.TextField(blank=True)),
                ("entry_date", models.DateField()),
                ("account", models.TextField()),
                ("account_name", models.TextField(blank=True)),
                ("auxiliary", models.TextField(blank=True)),
                ("auxiliary_name", models.TextField(blank=True)),
                ("piece", models.TextField(blank=True)),
                ("piece_date", models.DateField(null=True)),
                ("label", models.TextField(blank=True)),
                ("debit_cents", models.BigIntegerField()),
                ("credit_cents", models.BigIntegerField()),
                ("valid_date", models.DateField(null=True)),
                ("foreign_amount", models.TextField(blank=True)),
                ("foreign_currency", models.TextField(blank=True)),
                ("entry_id", models.BigIntegerField()),
                ("role", models.CharField(max_length=20)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.customer",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.document",
                    ),
                ),
                (
                    "movement",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entry_lines",
                        to="store.movement",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.payment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lettering",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("auxiliary", models.TextField()),
                ("code", models.CharField(max_length=12)),
                ("lettered_date", models.DateField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LetteringPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
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
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.document",
                    ),
                ),
                (
                    "entry_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.entryline",
                    ),
                ),
                (
                    "lettering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="store.lettering",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.payment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AccountingExport",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("from_date", models.DateField()),
                ("to_date", models.DateField()),
                ("closed_until_date", models.DateField()),
                ("format", models.CharField(max_length=20)),
                ("file_name", models.CharField(max_length=120)),
                ("line_count", models.BigIntegerField()),
                ("exported_date", models.DateField()),
                ("exported_by", models.CharField(max_length=80)),
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
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="store.storedfile"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["company", "-id"], name="accounting_export_recent")],
            },
        ),
        migrations.CreateModel(
            name="AccountingSettings",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("values", models.JSONField(default=dict)),
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
                "constraints": [models.UniqueConstraint(fields=("company",), name="one_accounting_settings")],
            },
        ),
        migrations.CreateModel(
            name="BookLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("journal_code", models.TextField()),
                ("journal_name", models.TextField(blank=True)),
                ("entry_number", models.TextField(blank=True)),
                ("entry_date", models.DateField()),
                ("account", models.TextField()),
                ("account_name", models.TextField(blank=True)),
                ("auxiliary", models.TextField(blank=True)),
                ("auxiliary_name", models.TextField(blank=True)),
                ("piece", models.TextField(blank=True)),
                ("piece_date", models.DateField(null=True)),
                ("label", models.TextField(blank=True)),
                ("debit_cents", models.BigIntegerField()),
                ("credit_cents", models.BigIntegerField()),
                ("valid_date", models.DateField(null=True)),
                ("foreign_amount", models.TextField(blank=True)),
                ("foreign_currency", models.TextField(blank=True)),
                ("line", models.BigIntegerField()),
                ("lettering", models.TextField(blank=True)),
                ("lettered_date", models.DateField(null=True)),
                ("extra", models.TextField(blank=True)),
                ("document_type", models.CharField(blank=True, max_length=12)),
                ("document_number", models.CharField(blank=True, max_length=80)),
                ("settlement", models.CharField(blank=True, max_length=80)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="store.importbatch",
                    ),
                ),
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["company", "entry_date", "batch", "line"], name="book_line_date"),
                    models.Index(
                        condition=models.Q(("document_number", ""), _negated=True),
                        fields=["company", "document_number"],
                        name="book_line_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DoubtfulDebt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("since_date", models.DateField()),
                ("allowance_basis_points", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                ("ended_date", models.DateField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="doubts",
                        to="store.document",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_date", None)),
                        fields=("document",),
                        name="one_doubt_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allowance_basis_points__lte", 10000)),
                        name="doubtful_allowance_share",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="entryline",
            index=models.Index(fields=["company", "entry_date", "id"], name="entry_line_date"),
        ),
        migrations.AddIndex(
            model_name="entryline",
            index=models.Index(fields=["company", "journal_code"], name="entry_line_journal"),
        ),
        migrations.AddIndex(
            model_name="entryline",
            index=models.Index(
                condition=models.Q(("movement__isnull", False)),
                fields=["movement"],
                name="entry_line_movement",
            ),
        ),
        migrations.AddIndex(
            model_name="entryline",
            index=models.Index(
                condition=models.Q(("document__isnull", False)),
                fields=["document"],
                name="entry_line_document",
            ),
        ),
        migrations.AddIndex(
            model_name="entryline",
            index=models.Index(
                condition=models.Q(("payment__isnull", False)), fields=["payment"], name="entry_line_payment"
            ),
        ),
        migrations.AddConstraint(
            model_name="entryline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_cents__gt", 0), ("debit_cents", 0)),
                    models.Q(("credit_cents", 0), ("debit_cents__gt", 0)),
                    _connector="OR",
                ),
                name="entry_line_one_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="lettering",
            constraint=models.UniqueConstraint(
                fields=("company", "auxiliary", "code"), name="lettering_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="letteringpart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entry_line__isnull", False)),
                fields=("entry_line",),
                name="lettering_part_entry_line",
            ),
        ),
        migrations.RunSQL(ROW_SECURITY, "".join(f"DROP POLICY own_company ON {table};" for table in TABLES)),
        migrations.RunSQL(ENTRIES, UNDO),
    ]
