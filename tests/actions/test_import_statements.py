"""Bank statements enter the books once, whoever delivers them and how often.

The account is Atelier Lumen's. Day 2 brings 100.00 from Dupont twice (two payments), 40.00 from Martin and a fee of 5.00:

    opening 1,000.00   + 100.00 + 100.00 + 40.00 - 5.00   closing 1,235.00
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count, permutations

import pytest
from django.db import transaction

from encours.actions.import_statements import StatementsImported, import_statements
from encours.actions.reconcile import reconcile
from encours.actions.set_aside import set_aside
from encours.core.problems import Problem
from encours.core.statements import Statement, Transaction, check_balance
from encours.core.tellings import BATCH, BATCH_CENTS, BATCH_REFERENCE
from encours.core.wording import Wording
from encours.store.models import (
    BankAccount,
    Customer,
    ImportBatch,
    ImportProblem,
    JournalEntry,
    Match,
    StoredFile,
)
from encours.store.models import Statement as StatementRow
from encours.store.models import Transaction as Row
from encours.store.tenancy import company_scope
from tests import cast

IBAN = "FR7615589000009876543210088"
DAY_1, DAY_2, DAY_3, DAY_4 = (date(2026, 3, day) for day in (1, 2, 3, 4))
_numbers = count(1)


def line(cents: int, text: str = "", *, on: date = DAY_2, **details) -> Transaction:
    return Transaction(
        booked_date=on,
        amount_cents=cents,
        remittance=text,
        line=next(_numbers),
        **({"currency": "EUR"} | details),
    )


DUPONT, MARTIN, FEE = line(10000, "VIR DUPONT"), line(4000, "VIR MARTIN"), line(-500, "FRAIS")
DAY = (DUPONT, DUPONT, MARTIN, FEE)


def statement(*lines: Transaction, opening: int | None = 100000, on: date = DAY_2, **details) -> Statement:
    """A final statement of one day that adds up."""
    closing = None if opening is None else opening + sum(t.amount_cents for t in lines)
    return Statement(
        **(
            {
                "account": IBAN, "currency": "EUR", "transactions": tuple(lines), "opening_cents": opening,
                "closing_cents": closing, "opening_date": on - timedelta(days=1), "closing_date": on, "line": 1,
            }
            | details
        )
    )  # fmt: skip


def intraday(*lines: Transaction, **details) -> Statement:
    """A report of the day under way."""
    return statement(*lines, **({"opening": None, "provisional": True} | details))


def notice(*lines: Transaction) -> Statement:
    """camt.054: no balances."""
    return statement(*lines, opening=None, opening_date=None, closing_date=None)


@pytest.fixture
def bring(company):
    """Import statements as one file."""

    def bring(
        *statements: Statement, kind: str = "camt053", problems: tuple[Problem, ...] = ()
    ) -> StatementsImported:
        number = next(_numbers)
        file = StoredFile.objects.create(company=company, sha256=f"{number:064d}", name="releve", size=1)
        batch = ImportBatch.objects.create(
            company=company, file=file, file_name=f"releve-{number}", kind=kind, imported_by="test"
        )
        return import_statements(
            company=company, batch=batch, statements=statements, problems=problems, actor="test"
        )

    return bring


def amounts() -> list[int]:
    return sorted(Row.objects.values_list("amount_cents", flat=True))


ONE_DAY = sorted([10000, 10000, 4000, -500])


def codes(outcome: StatementsImported) -> list[str]:
    return [problem.code for problem in outcome.problems]


def test_a_statement_enters_with_its_account_and_lines(bring):
    outcome = bring(statement(*DAY, reference="S-2", bank="BNP"))
    assert (outcome.created, outcome.unchanged, outcome.refused) == (4, 0, 0)
    account = BankAccount.objects.get()
    assert (account.identifier, account.currency, account.bank) == (IBAN, "EUR", "BNP")
    row = StatementRow.objects.get()
    assert (row.opening_cents, row.closing_cents, row.reference) == (100000, 123500, "S-2")
    assert row.known_until_date == DAY_2
    assert amounts() == ONE_DAY
    (totals,) = outcome.accounts
    assert (totals.transactions, totals.credit_cents, totals.debit_cents) == (4, 24000, 500)


def test_every_field_of_a_line_is_kept(bring):
    told = line(
        100, "un texte « à guillemets \" ; et virgule,", value_date=DAY_3, bank_reference="BK1", end_to_end_id="E1",
        mandate_id="M1", structured_reference="RF18", counterparty_name="Hélène", counterparty_iban="FR76",
        operation_code="PMNT-RCDT-ESCT", extra={"uetr": "u", "label": "deux\nlignes"},
    )  # fmt: skip
    bring(statement(told))
    row = Row.objects.get()
    for name in ("booked_date", "value_date", "amount_cents", "currency", "bank_reference", "end_to_end_id",
                 "mandate_id", "structured_reference", "remittance", "counterparty_name", "counterparty_iban",
                 "operation_code", "return_reason", "extra"):  # fmt: skip
        assert getattr(row, name) == getattr(told, name), name


def test_importing_twice_changes_nothing(bring):
    bring(statement(*DAY))
    before = list(Row.objects.order_by("pk").values())
    outcome = bring(statement(*DAY))
    assert (outcome.created, outcome.unchanged, outcome.refused) == (0, 4, 0)
    assert list(Row.objects.order_by("pk").values()) == before
    assert StatementRow.objects.count() == 1


def test_only_money_received_and_returns_wait_for_reconciliation(bring):
    returned = line(-5000, "IMPAYE", return_reason="AM04")
    recalled = line(-700, "RAPPEL", operation_code="C4")
    bring(statement(DUPONT, FEE, line(0, "INFO"), returned, recalled))
    states = dict(Row.objects.values_list("remittance", "state"))
    assert states == {
        "VIR DUPONT": "new", "FRAIS": "set_aside", "INFO": "set_aside", "IMPAYE": "new", "RAPPEL": "new",
    }  # fmt: skip
    assert Row.objects.get(remittance="FRAIS").reason["code"] == "match.debit"
    assert Row.objects.get(remittance="VIR DUPONT").reason is None


def test_a_day_without_movements_still_says_how_recently_the_bank_is_known(bring):
    bring(statement(on=DAY_3))
    assert StatementRow.objects.get().known_until_date == DAY_3


def test_a_statement_that_does_not_add_up_is_refused_whole_and_the_others_enter(bring):
    wrong = replace(statement(*DAY), closing_cents=999, line=7)
    outcome = bring(wrong, statement(line(100, on=DAY_3), opening=123500, on=DAY_3))
    assert (outcome.created, outcome.refused) == (1, 4)
    assert amounts() == [100]
    kept = ImportProblem.objects.get()
    assert (kept.line, kept.severity, kept.sentence["code"]) == (7, "error", "statement_does_not_add_up")
    assert "VIR MARTIN" in kept.raw
    assert [totals.transactions for totals in outcome.accounts] == [5]


def test_a_line_in_another_currency_is_refused_and_its_statement_only_if_it_then_lacks_it(bring):
    foreign = line(300, "DOLLARS", currency="USD")
    outcome = bring(statement(DUPONT, foreign, opening=None))
    assert (outcome.created, outcome.refused, codes(outcome)) == (1, 1, ["currency_not_of_account"])
    outcome = bring(statement(MARTIN, foreign))
    assert (outcome.created, outcome.refused) == (0, 2)
    assert codes(outcome) == ["currency_not_of_account", "statement_does_not_add_up"]


def test_accounts_and_currencies_of_one_file_are_kept_apart(bring):
    dollars = statement(line(700, currency="USD"), currency="USD")
    other = statement(line(900), account="FR7618706000000012345678954")
    outcome = bring(statement(*DAY), dollars, other)
    assert outcome.created == 6
    assert BankAccount.objects.count() == 3
    assert [totals.currency for totals in outcome.accounts] == ["EUR", "USD", "EUR"]


LINE_LOST = Wording("test.line_lost", fr="Ligne perdue.", en="Line lost.")


def test_what_the_reader_refused_is_kept_in_quarantine_too(bring):
    problem = Problem(LINE_LOST(), line=12, field="amount", raw="04…")
    warning = replace(problem, severity="warning")
    outcome = bring(statement(*DAY), problems=(problem, warning))
    assert outcome.refused == 1
    rows = ImportProblem.objects.order_by("pk").values_list("line", "field", "severity", "raw")
    assert list(rows) == [(12, "amount", "error", "04…"), (12, "amount", "warning", "04…")]


def test_one_event_tells_of_the_file(bring, company):
    bring(statement(*DAY))
    event = JournalEntry.objects.get(action="statements.imported")
    assert event.data["accounts"] == [IBAN]
    assert (event.data["created"], event.data["refused"]) == (4, 0)


def test_another_company_sees_and_shares_nothing(bring, other_company):
    bring(statement(*DAY))
    with company_scope(other_company.pk):
        assert not Row.objects.exists()
        assert not BankAccount.objects.exists()


# --- the same money, told again


def test_a_day_in_two_overlapping_files(bring):
    next_day = line(700, "VIR NOEL", on=DAY_3)
    bring(statement(*DAY))
    week = replace(statement(*DAY, next_day), closing_date=DAY_3)
    outcome = bring(week)
    assert (outcome.created, outcome.unchanged) == (1, 4)
    outcome = bring(statement(next_day, opening=123500, on=DAY_3))
    assert (outcome.created, outcome.unchanged) == (0, 1)
    assert amounts() == sorted([*ONE_DAY, 700])


def test_an_unfinished_export_is_completed_by_the_next(bring):
    bring(statement(DUPONT, MARTIN))
    bring(statement(*DAY))
    assert amounts() == ONE_DAY


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1), (0, 2, 1), (1, 2, 0)])
def test_reports_of_the_day_and_its_statement_in_any_order(bring, order):
    """camt.052 by the hour, each time in other words; camt.053 in the evening."""
    morning = intraday(replace(DUPONT, remittance="INSTANT DUPONT"))
    noon = intraday(*(replace(t, remittance=f"EN COURS {t.remittance}") for t in DAY[:3]))
    files = [(morning, "camt052"), (noon, "camt052"), (statement(*DAY), "camt053")]
    for place in order:
        told, kind = files[place]
        bring(told, kind=kind)
    assert amounts() == ONE_DAY


def test_mt942_and_then_mt940_of_the_day(bring):
    """Two messages of one kind, in other words."""
    bring(intraday(*(replace(t, remittance=f"EN COURS {t.remittance}") for t in DAY[:3])), kind="mt940")
    outcome = bring(statement(*DAY), kind="mt940")
    assert (outcome.created, outcome.unchanged, outcome.withdrawn) == (1, 3, 0)
    assert amounts() == ONE_DAY


def test_a_reported_line_that_the_final_statement_does_not_know_is_withdrawn(bring):
    bring(intraday(DUPONT, line(7777, "VIREMENT ANNULE")), kind="camt052")
    outcome = bring(statement(*DAY))
    assert (outcome.created, outcome.withdrawn, codes(outcome)) == (3, 1, ["report_line_withdrawn"])
    assert amounts() == ONE_DAY
    assert "VIREMENT ANNULE" in ImportProblem.objects.get().raw
    assert bring(statement(*DAY)).created == 0


def test_a_reported_line_somebody_worked_on_stays_and_is_told(bring):
    bring(intraday(line(7777, "VIREMENT ANNULE")), kind="camt052")
    Row.objects.update(state="matched")
    outcome = bring(statement(*DAY))
    assert (outcome.withdrawn, codes(outcome)) == (0, ["report_line_unconfirmed"])
    assert amounts() == sorted([*ONE_DAY, 7777])


def test_a_reported_line_belongs_to_the_final_statement_that_confirms_it(bring):
    """A day cut in two statements: the second does not withdraw what the first confirmed."""
    bring(intraday(DUPONT, MARTIN), kind="camt052")
    bring(statement(DUPONT, opening=0, opening_date=DAY_2))
    assert set(
        Row.objects.filter(remittance="VIR DUPONT").values_list("statement__closing_cents", flat=True)
    ) == {10000}
    outcome = bring(statement(MARTIN, opening=10000, opening_date=DAY_2))
    assert amounts() == [4000, 10000]
    assert outcome.refused == 0


def test_reports_that_repeat_the_words_of_the_statement_add_nothing(bring):
    bring(intraday(DUPONT), kind="camt052")
    bring(intraday(DUPONT, DUPONT, MARTIN), kind="camt052")
    outcome = bring(statement(*DAY))
    assert (outcome.created, outcome.unchanged) == (1, 3)
    assert amounts() == ONE_DAY


def test_a_bank_reference_of_camt_names_one_line_whatever_the_words(bring):
    first = replace(DUPONT, bank_reference="ACSR-1")
    bring(intraday(first), kind="camt052")
    outcome = bring(
        intraday(replace(first, remittance="Dupont", counterparty_name="DUPONT SA")), kind="camt052"
    )
    assert (outcome.created, outcome.unchanged) == (0, 1)
    # CFONB's reference zone is the payer's: other words are another payment
    other = {"account": "FR7618706000000012345678954"}
    bring(statement(first, opening=None, **other), kind="cfonb120")
    reworded = replace(first, remittance="FACTURE 2")
    assert bring(statement(reworded, opening=None, **other), kind="cfonb120").created == 1


def test_balances_of_a_report_are_not_taken_for_the_account_s(bring):
    bring(intraday(DUPONT, opening=100), kind="camt052")
    row = StatementRow.objects.get()
    assert (row.opening_cents, row.closing_cents) == (None, None)
    assert codes(bring(statement(*DAY))) == []


@pytest.mark.parametrize("first", ["cfonb120", "camt053"])
def test_an_account_in_two_formats(bring, first):
    """CFONB 120 and camt.053 tell the same day in other words."""
    shouting = statement(*(replace(t, remittance=f"{t.remittance} SEPA", bank_reference="") for t in DAY))
    files = {"cfonb120": shouting, "camt053": statement(*DAY)}
    second = ({"cfonb120", "camt053"} - {first}).pop()
    bring(files[first], kind=first)
    outcome = bring(files[second], kind=second)
    assert (outcome.created, outcome.unchanged) == (0, 4)
    assert amounts() == ONE_DAY
    assert bring(files[first], kind=first).created == 0


def test_a_new_version_of_the_format_with_other_words_adds_nothing(bring):
    """The bank moves from camt.053 version 2 to 8 and delivers the day again."""
    bring(statement(*DAY))
    outcome = bring(statement(*(replace(t, remittance=f"{t.remittance} / V8") for t in DAY)))
    assert (outcome.created, outcome.unchanged) == (0, 4)


def test_equal_lines_of_two_successive_statements_are_two_payments(bring):
    """A fee booked on day 2 in the statement of day 2, and again on day 2 in the statement of day 3."""
    first = statement(FEE, opening=1000)
    second = statement(FEE, opening=500, on=DAY_3)
    for told in (first, second, first, second):
        bring(told)
    assert amounts() == [-500, -500]
    both = replace(statement(FEE, FEE, opening=1000), closing_date=DAY_3)
    assert bring(both).created == 0


def test_equal_lines_of_a_day_cut_into_three_statements_in_one_file(bring):
    parts = [statement(DUPONT, opening=opening, opening_date=DAY_2) for opening in (0, 10000, 20000)]
    assert bring(*parts).created == 3
    assert bring(*parts).created == 0
    assert bring(statement(DUPONT, DUPONT, DUPONT, opening=0)).created == 0


# --- collective entries and their details


def entry(*shares: tuple[int, str], reference: str = "BATCH-1") -> tuple[Transaction, ...]:
    """Details of one collective entry."""
    total = sum(cents for cents, _ in shares)
    extra = {BATCH: "1", BATCH_CENTS: str(total), BATCH_REFERENCE: reference}
    return tuple(line(cents, text, extra=extra) for cents, text in shares)


SUM = line(30000, "REMISE", bank_reference="BATCH-1")
DETAILS = entry((10000, "DUPONT"), (15000, "MARTIN"), (5000, "NOEL"))


def test_details_take_the_place_of_the_sum(bring):
    bring(statement(SUM, MARTIN))
    outcome = bring(notice(*DETAILS), kind="camt054")
    assert (outcome.created, outcome.replaced) == (3, 1)
    assert amounts() == [4000, 5000, 10000, 15000]
    # and neither file says anything new when it comes again
    assert bring(statement(SUM, MARTIN)).created == 0
    assert bring(notice(*DETAILS), kind="camt054").created == 0
    assert sum(amounts()) == 34000


def test_the_sum_of_known_details_is_no_new_money(bring):
    bring(notice(*DETAILS), kind="camt054")
    outcome = bring(statement(SUM, MARTIN))
    assert (outcome.created, outcome.unchanged) == (1, 1)
    assert sum(amounts()) == 34000


def test_a_sum_somebody_has_worked_on_stays(bring, company):
    bring(statement(SUM))
    customer = Customer.objects.create(company=company, code="C1", name="Dupont")
    Match.objects.create(
        company=company, transaction=Row.objects.get(), customer=customer, state="proposed", rule="test",
        confidence=0.5, reason={}, decided_by="test",
    )  # fmt: skip
    outcome = bring(notice(*DETAILS), kind="camt054")
    assert (outcome.created, outcome.unchanged, outcome.replaced) == (0, 3, 0)
    assert amounts() == [30000]


def test_details_of_another_sum_of_the_same_bank_are_new(bring):
    bring(statement(SUM, opening=None))
    outcome = bring(notice(*entry((10000, "A"), (10000, "B"), reference="BATCH-2")), kind="camt054")
    assert (outcome.created, outcome.replaced) == (2, 0)


# --- balances from one statement to the next


def test_a_missing_statement_is_told_and_forgotten_once_it_comes(bring):
    first = statement(*DAY)
    second = statement(line(700, "VIR NOEL", on=DAY_3), opening=123500, on=DAY_3)
    third = statement(line(900, "VIR LEROY", on=DAY_4), opening=124200, on=DAY_4)
    assert codes(bring(first)) == []
    late = bring(third)
    (problem,) = late.problems
    assert (problem.code, problem.severity) == ("statement_balance_gap", "warning")
    assert problem.sentence.params["last"].cents == 123500
    assert late.created == 1
    assert codes(bring(second)) == []
    assert not ImportProblem.objects.filter(sentence__code="statement_balance_gap").exists()


def test_a_gap_stays_told_until_it_is_closed(bring):
    bring(statement(*DAY))
    bring(statement(line(900, on=DAY_4), opening=124200, on=DAY_4))
    bring(statement(line(100, on=DAY_4 + timedelta(days=1)), opening=125100, on=DAY_4 + timedelta(days=1)))
    assert ImportProblem.objects.filter(sentence__code="statement_balance_gap").count() == 1


def test_an_earlier_statement_that_does_not_lead_to_the_next_is_told(bring):
    bring(statement(*DAY, opening=500000, on=DAY_4))
    assert codes(bring(statement(*DAY))) == ["statement_balance_gap"]


def test_a_longer_statement_over_the_day_leaves_no_gap(bring):
    bring(replace(statement(*DAY), opening_date=date(2026, 2, 1), closing_date=DAY_4))
    assert codes(bring(statement(MARTIN, opening=110000))) == []


def test_the_stories_add_up():
    assert check_balance(statement(*DAY)) is None


# --- one line told in several ways

BARE = line(49000, "VIR SEPA RECU", operation_code="PMNT-RCDT-ESCT")
DETAIL = line(
    49000, "FACT-2026-0012", end_to_end_id="E12", counterparty_name="Boulangerie Dubois", mandate_id="M1",
    counterparty_iban="FR7630004000031234567890143", bank_reference="N1",
)  # fmt: skip


def store() -> list[dict[str, object]]:
    """Every line as the books say it, but for what the order of files decides (ids)."""
    names = ("booked_date", "amount_cents", "value_date", "bank_reference", "end_to_end_id", "mandate_id", "remittance",
             "structured_reference", "counterparty_name", "counterparty_iban", "operation_code", "return_reason",
             "extra", "state", "reason")  # fmt: skip
    return sorted(Row.objects.values(*names), key=repr)


def test_a_notification_completes_the_line_its_statement_gave(bring):
    bring(statement(BARE, MARTIN))
    outcome = bring(notice(DETAIL), kind="camt054")
    assert (outcome.created, outcome.unchanged, outcome.completed) == (0, 1, 1)
    row = Row.objects.get(amount_cents=49000)
    assert (row.end_to_end_id, row.counterparty_name, row.counterparty_iban, row.mandate_id, row.state) == (
        "E12", "Boulangerie Dubois", "FR7630004000031234567890143", "M1", "new",
    )  # fmt: skip
    assert row.remittance == "FACT-2026-0012 | VIR SEPA RECU"
    assert row.operation_code == "PMNT-RCDT-ESCT"
    before = store()
    assert (outcome := bring(notice(DETAIL), kind="camt054")).completed == 0
    assert outcome.unchanged == 1
    assert bring(statement(BARE, MARTIN)).completed == 0
    assert store() == before
    assert JournalEntry.objects.filter(action="statements.imported", data__completed=1).count() == 1


def test_what_is_told_longer_than_any_standard_allows_completes_the_line_too(bring):
    told = replace(
        DETAIL, counterparty_name="Boulangerie " * 30, end_to_end_id="E" * 100, mandate_id="M" * 100
    )
    bring(statement(BARE))
    assert bring(notice(told), kind="camt054").completed == 1
    row = Row.objects.get(amount_cents=49000)
    assert (len(row.counterparty_name), row.end_to_end_id, row.mandate_id) == (200, "E" * 80, "M" * 80)
    assert bring(notice(told), kind="camt054").completed == 0


def test_any_order_of_files_gives_the_same_store(bring):
    shouting = statement(
        replace(MARTIN, remittance="VIREMENT MARTIN SEPA"), line(49000, "VIR BOULANGERIE DUBOIS")
    )
    files = [
        (statement(BARE, MARTIN), "camt053"),
        (notice(DETAIL), "camt054"),
        (intraday(replace(BARE, bank_reference="N1")), "camt052"),
        (shouting, "cfonb120"),
    ]
    stores = []
    for order in permutations(files):
        savepoint = transaction.savepoint()
        for told, kind in order:
            bring(told, kind=kind)
        stores.append(store())
        transaction.savepoint_rollback(savepoint)
    assert all(each == stores[0] for each in stores)
    martin, dubois = sorted(stores[0], key=lambda row: row["amount_cents"])
    assert martin["remittance"] == "VIREMENT MARTIN SEPA | VIR MARTIN"
    assert (dubois["end_to_end_id"], dubois["operation_code"], dubois["remittance"]) == (
        "E12", "PMNT-RCDT-ESCT", "FACT-2026-0012 | VIR SEPA RECU | VIR BOULANGERIE DUBOIS",
    )  # fmt: skip


def test_several_statements_of_one_file_complete_each_other(bring):
    bring(intraday(BARE), statement(DETAIL))
    (row,) = store()
    assert row["end_to_end_id"] == "E12"
    assert "SEPA" in str(row["remittance"])
    assert bring(intraday(BARE), statement(DETAIL)).completed == 0


def test_what_is_matched_or_set_aside_by_a_person_stays_and_is_completed(bring, company):
    bring(statement(BARE, line(700, "REMBOURSEMENT")))
    Row.objects.filter(amount_cents=49000).update(state="matched")
    set_aside(
        company=company, transaction_id=Row.objects.get(amount_cents=700).pk, reason="perso", actor="user:1"
    )
    bring(notice(DETAIL, line(700, "AVOIR FOURNISSEUR EDF", counterparty_name="EDF")), kind="camt054")
    states = dict(Row.objects.values_list("counterparty_name", "state"))
    assert states == {"Boulangerie Dubois": "matched", "EDF": "set_aside"}


def test_what_a_rule_set_aside_waits_again_when_more_is_known(bring, company):
    bring(statement(line(-4900, "PRLV"), line(49000, "VIR"), FEE))
    Row.objects.filter(amount_cents=49000).update(
        state="set_aside", reason={"code": "nature.salary", "params": {}}
    )
    bring(
        notice(line(-4900, "PRLV REJETE", return_reason="AM04"), DETAIL, replace(FEE, value_date=DAY_3)),
        kind="camt054",
    )
    states = dict(Row.objects.values_list("amount_cents", "state"))
    assert states == {-4900: "new", 49000: "new", -500: "set_aside"}
    assert Row.objects.get(amount_cents=-4900).reason is None


def test_the_next_reconciliation_reads_what_was_told(bring, company):
    dubois = cast.good_payer(company)
    cast.invoice(company, dubois, "FACT-2026-0012", payable_cents=49000, issue_date=DAY_1)
    bring(statement(BARE))
    assert not reconcile(company=company, on=DAY_3, actor="test").matched
    bring(notice(DETAIL), kind="camt054")
    (matched,) = reconcile(company=company, on=DAY_3, actor="test").matched
    assert matched.documents == (("FACT-2026-0012", 49000),)


def test_details_of_a_collection_complete_no_other_payment_of_their_amount(bring):
    transfer = line(10000, "REGLEMENT", bank_reference="B1")
    bring(statement(SUM, transfer))
    bring(notice(*DETAILS), kind="camt054")
    assert sorted(Row.objects.filter(amount_cents=10000).values_list("remittance", flat=True)) == [
        "DUPONT",
        "REGLEMENT",
    ]
    assert not [row for row in Row.objects.all() if "tellings" in row.extra]


def test_two_payments_of_an_amount_are_completed_each_by_its_own(bring):
    """Subscriptions: 49.00 from forty customers on one day, told by name and in notices one by one."""
    names = [f"CLIENT NUMERO {n:02d}" for n in range(40)]
    bring(statement(*(line(4900, f"PRLV {name}", counterparty_name=name) for name in names)), kind="cfonb120")
    for n, name in reversed(list(enumerate(names))):
        bring(
            notice(line(4900, "", counterparty_name=name.title(), end_to_end_id=f"SUB-{n:02d}")),
            kind="camt054",
        )
    told = Row.objects.values_list("remittance", "end_to_end_id")
    assert sorted(told) == [(f"PRLV CLIENT NUMERO {n:02d}", f"SUB-{n:02d}") for n in range(40)]
