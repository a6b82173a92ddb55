"""Lets the product's role refresh the planner's statistics: after a large import it must not wait for autovacuum."""

from django.db import migrations

# ANALYZE is the owner's right (MAINTAIN exists from PostgreSQL 17 only), so the owner lends it for these tables.
ANALYZE = """
CREATE FUNCTION encours_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$  -- last, or a caller's temporary table could stand for ours
BEGIN
  ANALYZE store_customer, store_contact, store_document, store_movement, store_payment, store_allocation,
          store_transaction, store_instalment, store_message, store_reminder;
END $$;
REVOKE EXECUTE ON FUNCTION encours_analyze() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION encours_analyze() TO encours_app;
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0008_movement_customer")]
    operations = [migrations.RunSQL(ANALYZE, "DROP FUNCTION encours_analyze()")]
