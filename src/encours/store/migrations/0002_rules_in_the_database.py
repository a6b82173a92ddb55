"""What PostgreSQL itself upholds: companies kept apart, the past append-only, rollups, the journal's chain."""

from django.db import migrations

ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'encours_app') THEN
    CREATE ROLE encours_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  -- the privilege SET exists from PostgreSQL 16; before, a member may always take its role
  IF NOT pg_has_role(current_user, 'encours_app',
                     CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    EXECUTE format('GRANT encours_app TO %I', current_user);
  END IF;
END $$;
"""

# Every table with a company. A table added later gets its policy in its own migration; a test counts them.
ROW_SECURITY = """
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT c.table_name FROM information_schema.columns c
           JOIN information_schema.tables USING (table_schema, table_name)
           WHERE c.table_schema = 'public' AND c.column_name = 'company_id' AND c.table_name LIKE 'store_%'
             AND table_type = 'BASE TABLE' AND c.table_name <> 'store_membership'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY own_company ON %I
      USING (company_id = nullif(current_setting(''encours.company'', true), '''')::bigint)
      WITH CHECK (company_id = nullif(current_setting(''encours.company'', true), '''')::bigint)', t);
  END LOOP;
END $$;
"""

RECEIVABLE = """
CREATE VIEW store_receivable WITH (security_invoker = true) AS
SELECT d.id || ':0' AS id, d.company_id, d.customer_id, d.id AS document_id, 0::smallint AS position, d.number, d.type,
       d.currency, d.issue_date, d.due_date, d.payable_cents AS amount_cents, d.open_cents
FROM store_document d WHERE d.instalment_count = 0
UNION ALL
SELECT d.id || ':' || i.position, d.company_id, d.customer_id, d.id, i.position::smallint, d.number, d.type,
       d.currency, d.issue_date, i.due_date, i.amount_cents,
       i.amount_cents - least(i.amount_cents, greatest(0, (d.payable_cents - d.open_cents) - i.before_cents))
FROM store_document d
JOIN (SELECT document_id, position, due_date, amount_cents,
             sum(amount_cents) OVER (PARTITION BY document_id ORDER BY due_date, position)::bigint - amount_cents
               AS before_cents
      FROM store_instalment) i ON i.document_id = d.id
WHERE d.instalment_count > 0;
"""

APPEND_ONLY = """
CREATE FUNCTION encours_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: write a new row that says what changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON store_journalentry
  FOR EACH ROW EXECUTE FUNCTION encours_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON store_movement
  FOR EACH ROW EXECUTE FUNCTION encours_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON store_journalentry EXECUTE FUNCTION encours_append_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON store_movement EXECUTE FUNCTION encours_append_only();
"""

# The text that is hashed is rebuilt by `encours_journal_hash`, so that doctor and an outside verifier do the same.
JOURNAL = """
CREATE FUNCTION encours_journal_hash(e store_journalentry) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\\x1f', e.company_id, e.sequence,
    to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.actor, e.action, e.subject_type,
    coalesce(e.subject_id::text, ''), coalesce(e.customer_id::text, ''), e.data::text, e.previous_hash), 'UTF8')),
    'hex')
$$;
CREATE FUNCTION encours_journal_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
  -- one writer per company at a time: the chain has no forks
  PERFORM pg_advisory_xact_lock(7001, NEW.company_id::int);
  SELECT sequence, hash INTO last FROM store_journalentry WHERE company_id = NEW.company_id
    ORDER BY sequence DESC LIMIT 1;
  NEW.sequence := coalesce(last.sequence, 0) + 1;
  NEW.previous_hash := coalesce(last.hash, '');
  NEW.created_at := clock_timestamp();
  NEW.hash := encours_journal_hash(NEW);
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON store_journalentry FOR EACH ROW EXECUTE FUNCTION encours_journal_chain();
"""

# Rollups: statement triggers over transition tables, so a million rows cost one aggregate.
ROLLUPS = """
CREATE FUNCTION encours_document_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_openbyduedate (company_id, currency, due_date, owed_cents, credit_cents, document_count)
  SELECT company_id, currency, due_date, sum(greatest(open_cents, 0)), sum(least(open_cents, 0)),
         count(*) FILTER (WHERE open_cents > 0)
  FROM changed WHERE open_cents <> 0 AND instalment_count = 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (company_id, currency, due_date) DO UPDATE SET
    owed_cents = store_openbyduedate.owed_cents + excluded.owed_cents,
    credit_cents = store_openbyduedate.credit_cents + excluded.credit_cents,
    document_count = store_openbyduedate.document_count + excluded.document_count;
  INSERT INTO store_customerbalance
    (company_id, customer_id, currency, owed_cents, credit_cents, unallocated_cents, document_count)
  SELECT company_id, customer_id, currency, sum(greatest(open_cents, 0)), sum(least(open_cents, 0)), 0,
         count(*) FILTER (WHERE open_cents > 0)
  FROM changed WHERE open_cents <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ON CONFLICT (company_id, customer_id, currency) DO UPDATE SET
    owed_cents = store_customerbalance.owed_cents + excluded.owed_cents,
    credit_cents = store_customerbalance.credit_cents + excluded.credit_cents,
    document_count = store_customerbalance.document_count + excluded.document_count;
  RETURN NULL;
END $$;
CREATE TRIGGER roll_insert AFTER INSERT ON store_document REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION encours_document_inserted();

CREATE FUNCTION encours_document_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_openbyduedate (company_id, currency, due_date, owed_cents, credit_cents, document_count)
  SELECT company_id, currency, due_date, sum(owed), sum(credit), sum(documents) FROM (
    SELECT company_id, currency, due_date, greatest(open_cents, 0) AS owed, least(open_cents, 0) AS credit,
           (open_cents > 0)::int AS documents FROM after_rows WHERE instalment_count = 0
    UNION ALL
    SELECT company_id, currency, due_date, -greatest(open_cents, 0), -least(open_cents, 0),
           -(open_cents > 0)::int FROM before_rows WHERE instalment_count = 0) d
  GROUP BY 1, 2, 3 HAVING sum(owed) <> 0 OR sum(credit) <> 0 OR sum(documents) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (company_id, currency, due_date) DO UPDATE SET
    owed_cents = store_openbyduedate.owed_cents + excluded.owed_cents,
    credit_cents = store_openbyduedate.credit_cents + excluded.credit_cents,
    document_count = store_openbyduedate.document_count + excluded.document_count;
  INSERT INTO store_customerbalance
    (company_id, customer_id, currency, owed_cents, credit_cents, unallocated_cents, document_count)
  SELECT company_id, customer_id, currency, sum(owed), sum(credit), 0, sum(documents) FROM (
    SELECT company_id, customer_id, currency, greatest(open_cents, 0) AS owed, least(open_cents, 0) AS credit,
           (open_cents > 0)::int AS documents FROM after_rows
    UNION ALL
    SELECT company_id, customer_id, currency, -greatest(open_cents, 0), -least(open_cents, 0),
           -(open_cents > 0)::int FROM before_rows) d
  GROUP BY 1, 2, 3 HAVING sum(owed) <> 0 OR sum(credit) <> 0 OR sum(documents) <> 0 ORDER BY 1, 2, 3
  ON CONFLICT (company_id, customer_id, currency) DO UPDATE SET
    owed_cents = store_customerbalance.owed_cents + excluded.owed_cents,
    credit_cents = store_customerbalance.credit_cents + excluded.credit_cents,
    document_count = store_customerbalance.document_count + excluded.document_count;
  RETURN NULL;
END $$;
CREATE TRIGGER roll_update AFTER UPDATE ON store_document
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
  FOR EACH STATEMENT EXECUTE FUNCTION encours_document_updated();

CREATE FUNCTION encours_payment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO store_customerbalance
      (company_id, customer_id, currency, owed_cents, credit_cents, unallocated_cents, document_count)
    SELECT company_id, customer_id, currency, 0, 0, sum(unallocated_cents), 0
    FROM after_rows WHERE unallocated_cents <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (company_id, customer_id, currency) DO UPDATE SET
      unallocated_cents = store_customerbalance.unallocated_cents + excluded.unallocated_cents;
  ELSE
    INSERT INTO store_customerbalance
      (company_id, customer_id, currency, owed_cents, credit_cents, unallocated_cents, document_count)
    SELECT company_id, customer_id, currency, 0, 0, sum(cents), 0 FROM (
      SELECT company_id, customer_id, currency, unallocated_cents AS cents FROM after_rows
      UNION ALL
      SELECT company_id, customer_id, currency, -unallocated_cents FROM before_rows) d
    GROUP BY 1, 2, 3 HAVING sum(cents) <> 0 ORDER BY 1, 2, 3
    ON CONFLICT (company_id, customer_id, currency) DO UPDATE SET
      unallocated_cents = store_customerbalance.unallocated_cents + excluded.unallocated_cents;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER roll_insert AFTER INSERT ON store_payment REFERENCING NEW TABLE AS after_rows
  FOR EACH STATEMENT EXECUTE FUNCTION encours_payment_changed();
CREATE TRIGGER roll_update AFTER UPDATE ON store_payment
  REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
  FOR EACH STATEMENT EXECUTE FUNCTION encours_payment_changed();

CREATE FUNCTION encours_movement_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO store_dailyflow (company_id, currency, booked_date, kind, target, amount_cents, movement_count)
  SELECT company_id, currency, booked_date, coalesce(nullif(reversed_kind, ''), kind),
         CASE WHEN document_id IS NULL THEN 'payment' ELSE 'document' END, sum(amount_cents),
         sum(CASE WHEN reversed_kind = '' THEN 1 ELSE -1 END)
  FROM changed GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (company_id, currency, booked_date, kind, target) DO UPDATE SET
    amount_cents = store_dailyflow.amount_cents + excluded.amount_cents,
    movement_count = store_dailyflow.movement_count + excluded.movement_count;
  RETURN NULL;
END $$;
CREATE TRIGGER roll_insert AFTER INSERT ON store_movement REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION encours_movement_inserted();
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [
        migrations.RunSQL(ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(RECEIVABLE, "DROP VIEW store_receivable"),
        migrations.RunSQL(ROW_SECURITY, migrations.RunSQL.noop),
        migrations.RunSQL(APPEND_ONLY, "DROP FUNCTION encours_append_only CASCADE"),
        migrations.RunSQL(JOURNAL, "DROP FUNCTION encours_journal_chain CASCADE"),
        migrations.RunSQL(ROLLUPS, migrations.RunSQL.noop),
    ]
