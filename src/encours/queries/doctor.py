"""Proofs that what is kept agrees with what it is kept from. Reads everything, changes nothing.

Each rule is one statement that gives the rows which break it. Adding a rule is one entry in `RULES`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from typing import Any

from django.db import connection, transaction

from encours.core.wording import Sentence, Wording
from encours.queries.files import file_on_disk
from encours.store.models import Company, StoredFile

SHOWN_ROWS = 10
_HOLDS = Wording("doctor.holds", fr="{proves}", en="{proves}")
_BROKEN = Wording(
    "doctor.broken",
    fr="Faux : {proves} {advice}",
    en="Not so: {proves} {advice}",
)


@dataclass(frozen=True)
class Check:
    """One invariant over one company (or the whole database), up to `SHOWN_ROWS` of what breaks it."""

    name: str
    ok: bool
    detail: Sentence
    company: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    has_more: bool = False

    def as_json(self, language: str) -> dict[str, Any]:
        return {
            "name": self.name,
            "ok": self.ok,
            "company": self.company,
            "detail": self.detail.say(language),
            "rows": list(self.rows),
            "has_more": self.has_more,
        }


@dataclass(frozen=True)
class Rule:
    """`broken` is a SELECT of offending rows with `%(company)s`, or a function that finds them."""

    name: str
    proves: Wording
    advice: Wording
    broken: str | Callable[[Company], list[dict[str, Any]]]


def examine(*, company: Company) -> list[Check]:
    """Every rule over one company, in its scope. One statement per rule, whatever the number of rows."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # all rows are read anyway; a planner without statistics would loop over them row by row
            cursor.execute("SET LOCAL enable_nestloop = off")
        found = [_check(rule, company) for rule in RULES]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")
    return found


def examine_database() -> list[Check]:
    """What concerns all companies at once: that row-level security keeps them apart."""
    return [_check(rule, None) for rule in DATABASE_RULES]


def _check(rule: Rule, company: Company | None) -> Check:
    if callable(rule.broken):
        assert company is not None
        rows = rule.broken(company)
    else:
        rows = _select(rule.broken, company)
    wording = _BROKEN if rows else _HOLDS
    return Check(
        name=rule.name,
        ok=not rows,
        detail=wording(proves=rule.proves(), advice=rule.advice()) if rows else wording(proves=rule.proves()),
        company=company.slug if company else "",
        rows=tuple(rows[:SHOWN_ROWS]),
        has_more=len(rows) > SHOWN_ROWS,
    )


def _select(query: str, company: Company | None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({query}) broken LIMIT {SHOWN_ROWS + 1}",
            {"company": company.pk if company else None},
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _broken_files(company: Company) -> list[dict[str, Any]]:
    """Files that are gone from the data folder or whose content is not the one that arrived."""
    found = []
    for file in StoredFile.objects.filter(company=company).order_by("pk").iterator():
        path = file_on_disk(file).path
        if not path.is_file():
            found.append({"name": file.name, "sha256": file.sha256, "state": "missing"})
        else:
            with path.open("rb") as stream:
                if file_digest(stream, "sha256").hexdigest() != file.sha256:
                    found.append({"name": file.name, "sha256": file.sha256, "state": "changed"})
        if len(found) > SHOWN_ROWS:
            break
    return found


_RESTORE = Wording(
    "doctor.advice.restore",
    fr="Le grand livre fait foi : ne corrigez rien à la main, restaurez une sauvegarde ou demandez de l'aide en"
    " joignant ces lignes.",
    en="The ledger is the truth: correct nothing by hand, restore a backup or ask for help with these rows.",
)
_ROLLUP = Wording(
    "doctor.advice.rollup",
    fr="Aucun montant n'est perdu : ce total est recalculable à partir du grand livre. Demandez de l'aide en joignant"
    " ces lignes.",
    en="No amount is lost: this total can be computed again from the ledger. Ask for help with these rows.",
)
_TAMPERED = Wording(
    "doctor.advice.tampered",
    fr="Quelqu'un a modifié le passé hors du produit : comparez avec la dernière sauvegarde.",
    en="Somebody changed the past outside the product: compare with the last backup.",
)
_REDO = Wording(
    "doctor.advice.match",
    fr="Ouvrez ces lignes dans Encaissements et défaites puis refaites le rapprochement.",
    en="Open these lines under Receipts, undo the match and make it again.",
)
_FILES = Wording(
    "doctor.advice.files",
    fr="Remettez ces fichiers depuis une sauvegarde du dossier de données.",
    en="Put these files back from a backup of the data folder.",
)
_BANK = Wording(
    "doctor.advice.bank",
    fr="Demandez à nouveau ces relevés à la banque et importez-les.",
    en="Ask the bank for these statements again and import them.",
)
_UPGRADE = Wording(
    "doctor.advice.migrate",
    fr="Lancez `encours migrate`. Si le défaut persiste, n'utilisez pas cette base.",
    en="Run `encours migrate`. If it persists, do not work on this database.",
)

RULES: Sequence[Rule] = (
    Rule(
        "document_balances",
        Wording(
            "doctor.document_balances",
            fr="le solde de chaque document est la somme de ses mouvements.",
            en="each document's balance is the sum of its movements.",
        ),
        _RESTORE,
        """SELECT d.number, d.open_cents, coalesce(m.cents, 0) AS movements_cents FROM store_document d
           LEFT JOIN (SELECT document_id, sum(amount_cents)::bigint AS cents FROM store_movement
                      WHERE company_id = %(company)s AND document_id IS NOT NULL GROUP BY 1) m ON m.document_id = d.id
           WHERE d.company_id = %(company)s AND d.open_cents <> coalesce(m.cents, 0) ORDER BY d.id""",
    ),
    Rule(
        "payment_balances",
        Wording(
            "doctor.payment_balances",
            fr="ce qui reste de chaque encaissement est l'opposé de la somme de ses mouvements.",
            en="what is left of each receipt is minus the sum of its movements.",
        ),
        _RESTORE,
        """SELECT p.id AS payment_id, p.unallocated_cents, -coalesce(m.cents, 0) AS movements_cents FROM store_payment p
           LEFT JOIN (SELECT payment_id, sum(amount_cents)::bigint AS cents FROM store_movement
                      WHERE company_id = %(company)s AND payment_id IS NOT NULL GROUP BY 1) m ON m.payment_id = p.id
           WHERE p.company_id = %(company)s AND p.unallocated_cents <> -coalesce(m.cents, 0) ORDER BY p.id""",
    ),
    Rule(
        "customer_balances",
        Wording(
            "doctor.customer_balances",
            fr="ce que doit chaque client est la somme des mouvements de son compte.",
            en="what each customer owes is the sum of the movements on the account.",
        ),
        _RESTORE,
        """SELECT coalesce(b.customer_id, m.customer_id) AS customer_id, coalesce(b.currency, m.currency) AS currency,
                  coalesce(b.cents, 0) AS balance_cents, coalesce(m.cents, 0) AS movements_cents
           FROM (SELECT customer_id, currency, owed_cents + credit_cents - unallocated_cents AS cents
                 FROM store_customerbalance WHERE company_id = %(company)s) b
           FULL JOIN (SELECT customer_id, currency, sum(amount_cents)::bigint AS cents FROM store_movement
                      WHERE company_id = %(company)s GROUP BY 1, 2) m USING (customer_id, currency)
           WHERE coalesce(b.cents, 0) <> coalesce(m.cents, 0) ORDER BY 1""",
    ),
    Rule(
        "open_by_due_date",
        Wording(
            "doctor.open_by_due_date",
            fr="les totaux par échéance sont ceux des documents ouverts.",
            en="the totals by due date are those of the open documents.",
        ),
        _ROLLUP,
        """SELECT currency, due_date, r.owed AS kept_owed_cents, d.owed AS owed_cents, r.credit AS kept_credit_cents,
                  d.credit AS credit_cents, r.documents AS kept_count, d.documents AS count
           FROM (SELECT currency, due_date, owed_cents AS owed, credit_cents AS credit, document_count AS documents
                 FROM store_openbyduedate WHERE company_id = %(company)s) r
           FULL JOIN (SELECT currency, due_date, sum(greatest(open_cents, 0))::bigint AS owed,
                             sum(least(open_cents, 0))::bigint AS credit,
                             count(*) FILTER (WHERE open_cents > 0) AS documents
                      FROM store_document WHERE company_id = %(company)s AND open_cents <> 0 AND instalment_count = 0
                      GROUP BY 1, 2) d USING (currency, due_date)
           WHERE (coalesce(r.owed, 0), coalesce(r.credit, 0), coalesce(r.documents, 0))
              <> (coalesce(d.owed, 0), coalesce(d.credit, 0), coalesce(d.documents, 0)) ORDER BY 2""",
    ),
    Rule(
        "customer_totals",
        Wording(
            "doctor.customer_totals",
            fr="les totaux par client sont ceux de ses documents et de ses encaissements.",
            en="the totals by customer are those of the documents and receipts.",
        ),
        _ROLLUP,
        """SELECT customer_id, currency, r.owed AS kept_owed_cents, s.owed AS owed_cents, r.credit AS kept_credit_cents,
                  s.credit AS credit_cents, r.unallocated AS kept_unallocated_cents, s.unallocated AS unallocated_cents,
                  r.documents AS kept_count, s.documents AS count
           FROM (SELECT customer_id, currency, owed_cents AS owed, credit_cents AS credit,
                        unallocated_cents AS unallocated, document_count AS documents
                 FROM store_customerbalance WHERE company_id = %(company)s) r
           FULL JOIN (SELECT customer_id, currency, sum(owed)::bigint AS owed, sum(credit)::bigint AS credit,
                             sum(unallocated)::bigint AS unallocated, sum(documents)::bigint AS documents
                      FROM (SELECT customer_id, currency, greatest(open_cents, 0) AS owed,
                                   least(open_cents, 0) AS credit, 0 AS unallocated, (open_cents > 0)::int AS documents
                            FROM store_document WHERE company_id = %(company)s AND open_cents <> 0
                            UNION ALL
                            SELECT customer_id, currency, 0, 0, unallocated_cents, 0
                            FROM store_payment WHERE company_id = %(company)s AND unallocated_cents <> 0) every
                      GROUP BY 1, 2) s USING (customer_id, currency)
           WHERE (coalesce(r.owed, 0), coalesce(r.credit, 0), coalesce(r.unallocated, 0), coalesce(r.documents, 0))
              <> (coalesce(s.owed, 0), coalesce(s.credit, 0), coalesce(s.unallocated, 0), coalesce(s.documents, 0))
           ORDER BY 1""",
    ),
    Rule(
        "daily_flows",
        Wording(
            "doctor.daily_flows",
            fr="les flux quotidiens sont ceux des mouvements.",
            en="the daily flows are those of the movements.",
        ),
        _ROLLUP,
        """SELECT currency, booked_date, kind, target, r.cents AS kept_cents, m.cents, r.movements AS kept_count,
                  m.movements AS count
           FROM (SELECT currency, booked_date, kind, target, amount_cents AS cents, movement_count AS movements
                 FROM store_dailyflow WHERE company_id = %(company)s) r
           FULL JOIN (SELECT currency, booked_date, coalesce(nullif(reversed_kind, ''), kind) AS kind,
                             CASE WHEN document_id IS NULL THEN 'payment' ELSE 'document' END AS target,
                             sum(amount_cents)::bigint AS cents,
                             sum(CASE WHEN reversed_kind = '' THEN 1 ELSE -1 END) AS movements
                      FROM store_movement WHERE company_id = %(company)s GROUP BY 1, 2, 3, 4) m
             USING (currency, booked_date, kind, target)
           WHERE (coalesce(r.cents, 0), coalesce(r.movements, 0)) <> (coalesce(m.cents, 0), coalesce(m.movements, 0))
           ORDER BY 2, 3""",
    ),
    Rule(
        "allocation_pairs",
        Wording(
            "doctor.allocation_pairs",
            fr="chaque affectation est une paire de mouvements de somme nulle, reprise quand elle est défaite.",
            en="each allocation is a pair of movements that sums to zero, taken back when it is undone.",
        ),
        _RESTORE,
        """SELECT a.id AS allocation_id, a.amount_cents, coalesce(m.settled, 0) AS settled_cents,
                  coalesce(m.given, 0) AS given_cents, a.undone_at IS NOT NULL AS undone
           FROM store_allocation a
           LEFT JOIN (SELECT m.allocation_id, sum(m.amount_cents) FILTER (WHERE m.document_id = a.document_id) AS settled,
                             sum(m.amount_cents) FILTER (WHERE m.document_id IS DISTINCT FROM a.document_id) AS given
                      FROM store_movement m JOIN store_allocation a ON a.id = m.allocation_id
                      WHERE m.company_id = %(company)s AND 'allocated' IN (m.kind, m.reversed_kind)
                      GROUP BY 1) m ON m.allocation_id = a.id
           WHERE a.company_id = %(company)s AND (coalesce(m.settled, 0), coalesce(m.given, 0))
              <> (CASE WHEN a.undone_at IS NULL THEN -a.amount_cents ELSE 0 END,
                  CASE WHEN a.undone_at IS NULL THEN a.amount_cents ELSE 0 END)
           ORDER BY a.id""",
    ),
    Rule(
        "allocations_within_source",
        Wording(
            "doctor.allocations_within_source",
            fr="aucune affectation ne dépasse l'encaissement ou l'avoir dont elle vient, ni le document qu'elle règle.",
            en="no allocation exceeds the receipt or credit note it comes from, nor the document it settles.",
        ),
        _RESTORE,
        """WITH active AS (SELECT * FROM store_allocation WHERE company_id = %(company)s AND undone_at IS NULL)
           SELECT 'payment' AS source, p.id, p.amount_cents, sum(a.amount_cents)::bigint AS allocated_cents
           FROM active a JOIN store_payment p ON p.id = a.payment_id GROUP BY p.id
           HAVING sum(a.amount_cents) > p.amount_cents OR p.reversed_at IS NOT NULL
               -- what was refunded, or taken back in part, is neither allocated nor left
               OR sum(a.amount_cents) + p.unallocated_cents <> -(
                 SELECT coalesce(sum(m.amount_cents), 0) FROM store_movement m
                 WHERE m.payment_id = p.id AND m.allocation_id IS NULL)
           UNION ALL
           SELECT 'credit_note', d.id, d.payable_cents, sum(a.amount_cents)::bigint
           FROM active a JOIN store_document d ON d.id = a.credit_note_id GROUP BY d.id
           HAVING sum(a.amount_cents) > abs(d.payable_cents)
           UNION ALL
           SELECT 'document', d.id, d.payable_cents, sum(a.amount_cents)::bigint
           FROM active a JOIN store_document d ON d.id = a.document_id GROUP BY d.id
           HAVING sum(a.amount_cents) > abs(d.payable_cents)""",
    ),
    Rule(
        "instalments",
        Wording(
            "doctor.instalments",
            fr="les échéances d'un document font son montant.",
            en="a document's instalments add up to its amount.",
        ),
        _RESTORE,
        """SELECT d.number, d.payable_cents, coalesce(i.cents, 0) AS instalments_cents, d.instalment_count
           FROM store_document d
           LEFT JOIN (SELECT document_id, sum(amount_cents)::bigint AS cents, count(*) AS parts FROM store_instalment
                      WHERE company_id = %(company)s GROUP BY 1) i ON i.document_id = d.id
           WHERE d.company_id = %(company)s AND (d.instalment_count > 0 OR i.parts > 0)
             AND (d.instalment_count, d.payable_cents) IS DISTINCT FROM (i.parts, i.cents) ORDER BY d.id""",
    ),
    Rule(
        "matches",
        Wording(
            "doctor.matches",
            fr="une ligne de banque est rapprochée exactement quand un rapprochement y est appliqué, avec son encaissement.",
            en="a bank line is matched exactly when a match is applied to it, with its receipt.",
        ),
        _REDO,
        # of a receipt that was returned, both lines stay matched: the money came, and went with a fee at most
        """SELECT t.id AS transaction_id, t.bank_reference, t.state, t.amount_cents, coalesce(m.applied, 0) AS applied,
                  coalesce(m.proposed, 0) AS proposed, coalesce(p.cents, 0) AS receipts_cents,
                  coalesce(r.cents, 0) AS returned_cents
           FROM store_transaction t
           LEFT JOIN (SELECT transaction_id, count(*) FILTER (WHERE state = 'applied') AS applied,
                             count(*) FILTER (WHERE state = 'proposed') AS proposed
                      FROM store_match WHERE company_id = %(company)s GROUP BY 1) m ON m.transaction_id = t.id
           LEFT JOIN (SELECT transaction_id, sum(amount_cents)::bigint AS cents FROM store_payment
                      WHERE company_id = %(company)s AND transaction_id IS NOT NULL
                        AND (reversed_at IS NULL OR returned_by_id IS NOT NULL)
                      GROUP BY 1) p ON p.transaction_id = t.id
           LEFT JOIN (SELECT m.transaction_id, sum(p.amount_cents)::bigint AS cents
                      FROM store_payment p JOIN store_match m ON m.id = p.returned_by_id
                      WHERE p.company_id = %(company)s AND m.state = 'applied'
                      GROUP BY 1) r ON r.transaction_id = t.id
           WHERE t.company_id = %(company)s
             AND ((t.state = 'matched') <> (coalesce(m.applied, 0) = 1)
               OR (t.state = 'proposed') <> (coalesce(m.proposed, 0) >= 1 AND coalesce(m.applied, 0) = 0)
               OR coalesce(p.cents, 0) <> CASE WHEN t.state = 'matched' THEN greatest(t.amount_cents, 0) ELSE 0 END
               OR CASE WHEN t.state = 'matched' AND t.amount_cents < 0
                       THEN coalesce(r.cents, 0) NOT BETWEEN 1 AND -t.amount_cents ELSE coalesce(r.cents, 0) <> 0 END)
           ORDER BY t.id""",
    ),
    Rule(
        "journal_chain",
        Wording(
            "doctor.journal_chain",
            fr="le journal est complet et inchangé depuis qu'il a été écrit.",
            en="the journal is complete and unchanged since it was written.",
        ),
        _TAMPERED,
        """SELECT sequence, action, created_at::text FROM (
             SELECT e.sequence, e.action, e.created_at, e.hash, e.previous_hash, encours_journal_hash(e) AS computed,
                    coalesce(lag(e.hash) OVER chain, '') AS expected, row_number() OVER chain AS place
             FROM store_journalentry e WHERE e.company_id = %(company)s WINDOW chain AS (ORDER BY e.sequence)) every
           WHERE hash <> computed OR previous_hash <> expected OR sequence <> place ORDER BY sequence""",
    ),
    Rule(
        "references_stay_inside",
        Wording(
            "doctor.references_stay_inside",
            fr="aucune ligne ne désigne une donnée d'une autre société.",
            en="no row refers to data of another company.",
        ),
        _RESTORE,
        """SELECT 'document' AS "table", d.id FROM store_document d LEFT JOIN store_customer c
             ON c.id = d.customer_id AND c.company_id = d.company_id WHERE d.company_id = %(company)s AND c.id IS NULL
           UNION ALL
           SELECT 'document', d.id FROM store_document d LEFT JOIN store_importbatch b
             ON b.id = d.batch_id AND b.company_id = d.company_id
             WHERE d.company_id = %(company)s AND d.batch_id IS NOT NULL AND b.id IS NULL
           UNION ALL
           SELECT 'customerbalance', b.id FROM store_customerbalance b LEFT JOIN store_customer c
             ON c.id = b.customer_id AND c.company_id = b.company_id WHERE b.company_id = %(company)s AND c.id IS NULL
           UNION ALL
           SELECT 'reminder', r.id FROM store_reminder r
             LEFT JOIN store_document d ON d.id = r.document_id AND d.company_id = r.company_id
             LEFT JOIN store_message m ON m.id = r.message_id AND m.company_id = r.company_id
             WHERE r.company_id = %(company)s
               AND (d.customer_id IS DISTINCT FROM r.customer_id OR m.customer_id IS DISTINCT FROM r.customer_id)
           UNION ALL
           SELECT 'payment', p.id FROM store_payment p
             LEFT JOIN store_customer c ON c.id = p.customer_id AND c.company_id = p.company_id
             LEFT JOIN store_transaction t ON t.id = p.transaction_id AND t.company_id = p.company_id
             WHERE p.company_id = %(company)s AND (c.id IS NULL OR (p.transaction_id IS NOT NULL AND t.id IS NULL))
           UNION ALL
           SELECT 'movement', m.id FROM store_movement m
             LEFT JOIN store_document d ON d.id = m.document_id AND d.company_id = m.company_id
             LEFT JOIN store_payment p ON p.id = m.payment_id AND p.company_id = m.company_id
             WHERE m.company_id = %(company)s
               AND (coalesce(d.customer_id, p.customer_id) IS DISTINCT FROM m.customer_id
                 OR coalesce(d.currency, p.currency) IS DISTINCT FROM m.currency)
           UNION ALL
           SELECT 'allocation', a.id FROM store_allocation a
             LEFT JOIN store_document d ON d.id = a.document_id AND d.company_id = a.company_id
             LEFT JOIN store_document n ON n.id = a.credit_note_id AND n.company_id = a.company_id
             LEFT JOIN store_payment p ON p.id = a.payment_id AND p.company_id = a.company_id
             WHERE a.company_id = %(company)s
               AND (d.customer_id IS DISTINCT FROM coalesce(n.customer_id, p.customer_id)
                 OR d.currency IS DISTINCT FROM coalesce(n.currency, p.currency))
           UNION ALL
           SELECT 'match', m.id FROM store_match m
             LEFT JOIN store_transaction t ON t.id = m.transaction_id AND t.company_id = m.company_id
             LEFT JOIN store_customer c ON c.id = m.customer_id AND c.company_id = m.company_id
             WHERE m.company_id = %(company)s AND (t.id IS NULL OR c.id IS NULL)
           UNION ALL
           SELECT 'entryline', e.id FROM store_entryline e
             LEFT JOIN store_movement m ON m.id = e.movement_id AND m.company_id = e.company_id
             LEFT JOIN store_customer c ON c.id = e.customer_id AND c.company_id = e.company_id
             WHERE e.company_id = %(company)s
               AND (c.id IS NULL AND e.payout_id IS NULL OR e.movement_id IS NOT NULL AND m.customer_id IS DISTINCT FROM e.customer_id)""",
    ),
    Rule(
        "accounting_entries",
        Wording(
            "doctor.accounting_entries",
            fr="chaque écriture s'équilibre et porte au compte du client le montant de son mouvement, et les numéros d'un"
            " journal se suivent.",
            en="each accounting entry balances and carries its movement's amount on the customer's account, and the numbers"
            " of a journal leave no gap.",
        ),
        _RESTORE,
        """SELECT 'entry ' || e.entry_id AS what, sum(e.debit_cents - e.credit_cents)::bigint AS off_cents
             FROM store_entryline e WHERE e.company_id = %(company)s GROUP BY e.entry_id
             HAVING sum(e.debit_cents - e.credit_cents) <> 0
           UNION ALL
           SELECT 'movement ' || m.id, sum(e.debit_cents - e.credit_cents)::bigint - m.amount_cents
             FROM store_entryline e JOIN store_movement m ON m.id = e.movement_id
             WHERE e.company_id = %(company)s AND e.role = 'receivable' GROUP BY m.id, m.amount_cents
             HAVING sum(e.debit_cents - e.credit_cents) <> m.amount_cents
           UNION ALL
           SELECT 'journal ' || e.journal_code, max(e.entry_number::bigint) - count(DISTINCT e.entry_number)
             FROM store_entryline e WHERE e.company_id = %(company)s GROUP BY e.journal_code
             HAVING max(e.entry_number::bigint) <> count(DISTINCT e.entry_number)
           ORDER BY 1""",
    ),
    Rule(
        "letterings",
        Wording(
            "doctor.letterings",
            fr="les lignes d'un même lettrage se compensent.",
            en="the lines of a lettering sum to zero.",
        ),
        _RESTORE,
        # lines of books that were brought in may be replaced by those of a later file
        """SELECT s.lettering_id, sum(e.debit_cents - e.credit_cents)::bigint AS off_cents
           FROM store_letteringpart s JOIN store_entryline e ON e.id = s.entry_line_id
           WHERE s.company_id = %(company)s AND NOT EXISTS (
             SELECT FROM store_letteringpart b WHERE b.lettering_id = s.lettering_id AND b.entry_line_id IS NULL)
           GROUP BY 1 HAVING sum(e.debit_cents - e.credit_cents) <> 0 ORDER BY 1""",
    ),
    Rule(
        "reminders",
        Wording(
            "doctor.reminders",
            fr="aucune étape de relance n'est comptée deux fois, ni comptée pour un message annulé ou le document "
            "d'un autre client.",
            en="no dunning step counts twice, nor for a message that was cancelled or another customer's document.",
        ),
        _RESTORE,
        """SELECT document_id, position, step_code, cycle, count(*) AS counted FROM store_reminder
           WHERE company_id = %(company)s AND counts GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
           UNION ALL
           SELECT r.document_id, r.position, r.step_code, r.cycle, 1 FROM store_reminder r
           JOIN store_message m ON m.id = r.message_id
           JOIN store_document d ON d.id = r.document_id
           WHERE r.company_id = %(company)s AND (r.counts AND m.state = 'cancelled'
                 OR r.customer_id <> m.customer_id OR r.customer_id <> d.customer_id)""",
    ),
    Rule(
        "stored_files",
        Wording(
            "doctor.stored_files",
            fr="chaque fichier reçu est conservé tel qu'il est arrivé.",
            en="each file received is kept as it arrived.",
        ),
        _FILES,
        _broken_files,
    ),
    Rule(
        "statements_add_up",
        Wording(
            "doctor.statements_add_up",
            fr="le solde final de chaque relevé est le solde initial plus ses lignes.",
            en="each statement's closing balance is its opening balance plus its lines.",
        ),
        _BANK,
        # a line that an earlier file told already stays on that file's statement: then the days decide
        """SELECT s.id AS statement_id, s.reference, s.opening_cents, s.closing_cents, own.cents AS lines_cents
           FROM store_statement s
           CROSS JOIN LATERAL (SELECT coalesce(sum(t.amount_cents), 0)::bigint AS cents FROM store_transaction t
                               WHERE t.statement_id = s.id) own
           WHERE s.company_id = %(company)s AND s.opening_cents IS NOT NULL AND s.closing_cents IS NOT NULL
             AND s.opening_cents + own.cents <> s.closing_cents
             AND NOT EXISTS (
               SELECT FROM (VALUES (0), (1)) skip(days)
               WHERE s.closing_cents - s.opening_cents = (
                 SELECT coalesce(sum(t.amount_cents), 0) FROM store_transaction t
                 WHERE t.account_id = s.account_id AND t.company_id = s.company_id AND t.state <> 'removed'
                   AND t.booked_date BETWEEN s.opening_date + skip.days AND s.closing_date))
           ORDER BY s.id""",
    ),
)

DATABASE_RULES: Sequence[Rule] = (
    Rule(
        "row_level_security",
        Wording(
            "doctor.row_level_security",
            fr="chaque table qui porte une société est protégée par sa règle d'accès, et le produit y est soumis.",
            en="each table with a company has its access policy, and the product is bound by it.",
        ),
        _UPGRADE,
        """SELECT c.relname::text AS "table" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
           WHERE c.relkind = 'r' AND a.attname = 'company_id' AND NOT a.attisdropped AND c.relname LIKE 'store\\_%%'
             AND c.relname <> 'store_membership'
             AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
           UNION ALL
           SELECT rolname::text FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)""",
    ),
)
