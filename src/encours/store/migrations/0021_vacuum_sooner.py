"""Tables that grow are vacuumed and analysed when 2 % of them changed, not 20 %: lists and totals are answered from an
index alone only where the visibility map is up to date, and a day's work is far less than a fifth of the history."""

from django.db import migrations

TABLES = (
    "store_document", "store_movement", "store_payment", "store_allocation", "store_transaction", "store_customer",
    "store_contact", "store_customerbalance", "store_message", "store_reminder",
)  # fmt: skip
SETTINGS = (
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_analyze_scale_factor",
)
SOONER = "".join(
    f"ALTER TABLE {table} SET ({', '.join(f'{name} = 0.02' for name in SETTINGS)});\n" for table in TABLES
)
AS_USUAL = "".join(f"ALTER TABLE {table} RESET ({', '.join(SETTINGS)});\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("store", "0020_page_order")]
    operations = [migrations.RunSQL(SOONER, AS_USUAL)]
