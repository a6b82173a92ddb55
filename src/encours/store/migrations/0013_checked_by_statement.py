"""References of documents and movements are checked once per statement, not once per row.

A foreign key looks up and locks its row for each one inserted, and once more for each update in the same
transaction: a third of the time a million invoices took. The triggers below refuse the same: a document without its
customer, a movement without its document, the removal of a customer or document that is still referred to. They ask
for more besides: both are of the same company.
"""

import django.db.models.deletion
from django.db import migrations, models

# One probe of a primary key per row, whatever the planner believes: a session keeps the plan it made, and its
# statistics know nothing of the rows of this transaction. As the owner, like a foreign key: row-level security
# would offer the planner other indexes.
_PROBES = "SECURITY DEFINER SET search_path = public SET enable_seqscan = off"
_OWNER = "SECURITY DEFINER SET search_path = public"

REFERENCES = f"""
CREATE FUNCTION encours_document_customer() RETURNS trigger LANGUAGE plpgsql {_PROBES} AS $$
DECLARE missing bigint;
BEGIN
  SELECT r.customer_id INTO missing FROM changed r
  WHERE (SELECT c.company_id FROM store_customer c WHERE c.id = r.customer_id) IS DISTINCT FROM r.company_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a document refers to customer %, which its company does not have', missing
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER customer_exists AFTER INSERT ON store_document REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION encours_document_customer();

CREATE FUNCTION encours_movement_document() RETURNS trigger LANGUAGE plpgsql {_PROBES} AS $$
DECLARE missing bigint;
BEGIN
  SELECT r.document_id INTO missing FROM changed r WHERE r.document_id IS NOT NULL
    AND (SELECT d.company_id FROM store_document d WHERE d.id = r.document_id) IS DISTINCT FROM r.company_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a movement refers to document %, which its company does not have', missing
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER document_exists AFTER INSERT ON store_movement REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION encours_movement_document();

CREATE FUNCTION encours_document_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM store_customer c WHERE c.id = NEW.customer_id AND c.company_id = NEW.company_id) THEN
    RAISE EXCEPTION 'a document refers to customer %, which its company does not have', NEW.customer_id
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER customer_exists_still AFTER UPDATE ON store_document FOR EACH ROW
  WHEN (OLD.customer_id <> NEW.customer_id OR OLD.company_id <> NEW.company_id)
  EXECUTE FUNCTION encours_document_moved();

-- The lock waits for writers that have referred to the row and not committed yet, as a foreign key's would.
CREATE FUNCTION encours_customer_removed() RETURNS trigger LANGUAGE plpgsql {_OWNER} AS $$
BEGIN
  LOCK TABLE store_document IN SHARE MODE;
  IF EXISTS (SELECT FROM store_document d WHERE d.company_id = OLD.company_id AND d.customer_id = OLD.id) THEN
    RAISE EXCEPTION 'customer % still has documents', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  DELETE FROM store_customerbalance b WHERE b.company_id = OLD.company_id AND b.customer_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER no_documents AFTER DELETE ON store_customer
  FOR EACH ROW EXECUTE FUNCTION encours_customer_removed();

CREATE FUNCTION encours_document_removed() RETURNS trigger LANGUAGE plpgsql {_OWNER} AS $$
BEGIN
  LOCK TABLE store_movement IN SHARE MODE;
  IF EXISTS (SELECT FROM store_movement m WHERE m.document_id = OLD.id) THEN
    RAISE EXCEPTION 'document % still has movements', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER no_movements AFTER DELETE ON store_document
  FOR EACH ROW EXECUTE FUNCTION encours_document_removed();

CREATE FUNCTION encours_company_removed() RETURNS trigger LANGUAGE plpgsql {_OWNER} AS $$
BEGIN
  LOCK TABLE store_document IN SHARE MODE;
  IF EXISTS (SELECT FROM store_document d WHERE d.company_id = OLD.id) THEN
    RAISE EXCEPTION 'company % still has documents', OLD.slug USING ERRCODE = 'foreign_key_violation';
  END IF;
  DELETE FROM store_openbyduedate r WHERE r.company_id = OLD.id;
  DELETE FROM store_dailyflow r WHERE r.company_id = OLD.id;
  RETURN NULL;
END $$;
CREATE TRIGGER no_documents AFTER DELETE ON store_company
  FOR EACH ROW EXECUTE FUNCTION encours_company_removed();
"""
UNDO = """
DROP FUNCTION encours_document_customer CASCADE;
DROP FUNCTION encours_movement_document CASCADE;
DROP FUNCTION encours_document_moved CASCADE;
DROP FUNCTION encours_customer_removed CASCADE;
DROP FUNCTION encours_document_removed CASCADE;
DROP FUNCTION encours_company_removed CASCADE;
"""


def _unchecked(to: str, related_name: str = "+", on_delete=django.db.models.deletion.PROTECT, **more):
    return models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=on_delete, related_name=related_name, to=to, **more
    )


class Migration(migrations.Migration):
    dependencies = [("store", "0012_page_indexes")]

    operations = [
        migrations.RunSQL(REFERENCES, UNDO),
        migrations.AlterField("document", "customer", _unchecked("store.customer", "documents")),
        migrations.AlterField("movement", "document", _unchecked("store.document", "movements", null=True)),
        # kept by triggers from rows that were checked
        migrations.AlterField("openbyduedate", "company", _unchecked("store.company")),
        migrations.AlterField("dailyflow", "company", _unchecked("store.company")),
        migrations.AlterField("customerbalance", "company", _unchecked("store.company")),
        migrations.AlterField(
            "customerbalance",
            "customer",
            _unchecked("store.customer", "balances", django.db.models.deletion.CASCADE),
        ),
        # read backwards they serve the same lists; new documents go to the end instead of the beginning
        migrations.RemoveIndex("document", "document_recent"),
        migrations.RemoveIndex("document", "document_settled_recent"),
        migrations.RemoveIndex("document", "document_other_types"),
        migrations.AddIndex(
            "document", models.Index(fields=["company", "issue_date", "id"], name="document_recent")
        ),
        migrations.AddIndex(
            "document",
            models.Index(
                fields=["company", "issue_date", "id"],
                condition=models.Q(open_cents=0),
                name="document_settled_recent",
            ),
        ),
        migrations.AddIndex(
            "document",
            models.Index(
                fields=["company", "type", "issue_date", "id"],
                condition=~models.Q(type="invoice"),
                name="document_other_types",
            ),
        ),
    ]
