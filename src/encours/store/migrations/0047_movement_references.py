"""What a movement refers to is checked once per statement, the company of what settles a bank line not at all.

As migration 0013 does for documents: these were half of the checks that a settled bank line cost at commit. The trigger
refuses the same and asks for the same company besides; movements are only ever added, so one at their birth is enough.
Of matches, receipts and allocations row-level security lets only the company in scope be written, and their customer,
bank line or document keeps it from being removed.
"""

import django.db.models.deletion
from django.db import migrations, models

_PROBES = "SECURITY DEFINER SET search_path = public SET enable_seqscan = off"
_OWNER = "SECURITY DEFINER SET search_path = public"


def _refuse(column: str, table: str, noun: str) -> str:
    return f"""
  SELECT r.{column} INTO missing FROM changed r WHERE r.{column} IS NOT NULL
    AND (SELECT t.company_id FROM {table} t WHERE t.id = r.{column}) IS DISTINCT FROM r.company_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'a movement refers to {noun} %, which its company does not have', missing
      USING ERRCODE = 'foreign_key_violation';
  END IF;"""


DOCUMENT = _refuse("document_id", "store_document", "document")
OTHERS = _refuse("payment_id", "store_payment", "receipt") + _refuse(
    "allocation_id", "store_allocation", "allocation"
)


def _checked(references: str) -> str:
    return f"""
CREATE OR REPLACE FUNCTION encours_movement_document() RETURNS trigger LANGUAGE plpgsql {_PROBES} AS $$
DECLARE missing bigint;
BEGIN{references}
  RETURN NULL;
END $$;
"""


# The lock waits for writers that have referred to the row and not committed yet, as a foreign key's would.
KEPT = f"""
CREATE FUNCTION encours_payment_removed() RETURNS trigger LANGUAGE plpgsql {_OWNER} AS $$
BEGIN
  LOCK TABLE store_movement IN SHARE MODE;
  IF EXISTS (SELECT FROM store_movement m WHERE m.payment_id = OLD.id) THEN
    RAISE EXCEPTION 'receipt % still has movements', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER no_movements AFTER DELETE ON store_payment
  FOR EACH ROW EXECUTE FUNCTION encours_payment_removed();

CREATE FUNCTION encours_allocation_removed() RETURNS trigger LANGUAGE plpgsql {_OWNER} AS $$
BEGIN
  LOCK TABLE store_movement IN SHARE MODE;
  IF EXISTS (SELECT FROM store_movement m WHERE m.document_id = OLD.document_id AND m.allocation_id = OLD.id) THEN
    RAISE EXCEPTION 'allocation % still has movements', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER no_movements AFTER DELETE ON store_allocation
  FOR EACH ROW EXECUTE FUNCTION encours_allocation_removed();
"""
UNDO = """
DROP FUNCTION encours_payment_removed CASCADE;
DROP FUNCTION encours_allocation_removed CASCADE;
"""


def _unchecked(to: str, related_name: str = "+", **more):
    return models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name=related_name,
        to=to, **more,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("store", "0046_charge_notices")]

    operations = [
        migrations.RunSQL(_checked(DOCUMENT + OTHERS) + KEPT, UNDO + _checked(DOCUMENT)),
        migrations.AlterField("movement", "payment", _unchecked("store.payment", "movements", null=True)),
        migrations.AlterField(
            "movement", "allocation", _unchecked("store.allocation", "movements", null=True)
        ),
        *(
            migrations.AlterField(model, "company", _unchecked("store.company"))
            for model in ("match", "payment", "allocation")
        ),
    ]
