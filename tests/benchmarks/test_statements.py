"""The hard statements are what they say: the same each time, importable, and true to the cent."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from random import Random

import pytest

from benchmarks.statements.books_files import read_truth
from benchmarks.statements.make_books import import_file, reconcile_seed, tell, write_files
from benchmarks.statements.mix import TEST_SEEDS, TRAINING_SEEDS, Statements, make_statements
from benchmarks.statements.noise import NOISE
from benchmarks.statements.numbering import MASKS, STYLES, Mask, Numbering, is_near, key_of, keys_of
from benchmarks.statements.story import Told
from benchmarks.statements.verdict import Verdict, total
from benchmarks.statements.world import HISTORY_ENDS, Size

SMALL = Size(customers=60, documents=500, history_lines=150, lines=200)


@pytest.fixture(scope="module")
def statements() -> Statements:
    return make_statements(seed=3, size=SMALL)


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    written = []
    for name in ("once", "again"):
        folder = tmp_path / name
        folder.mkdir()
        files = write_files(folder, make_statements(seed=3, size=SMALL))
        written.append(
            {path.relative_to(folder): path.read_bytes() for paths in files.values() for path in paths}
        )
    assert written[0] == written[1]
    assert make_statements(seed=4, size=SMALL).month != make_statements(seed=3, size=SMALL).month


def test_training_and_test_seeds_are_apart() -> None:
    assert not set(TRAINING_SEEDS) & set(TEST_SEEDS)


def test_every_case_occurs() -> None:
    seen = Counter(
        told.truth.case for seed in TRAINING_SEEDS[:10] for told in make_statements(seed=seed).month
    )
    assert {
        "own_end_to_end_id", "own_rf_reference", "own_direct_debit", "exact_reference", "mangled_separators",
        "mangled_zeros", "mangled_prefix", "mangled_digits", "mangled_counter", "typing_error", "transposed_digits",
        "truncated_at_31", "truncated_at_70", "truncated_at_140", "several_references", "several_mangled",
        "several_with_credit_note", "several_abbreviated", "several_truncated", "reference_range", "several_customers", "group_payer",
        "group_payer_bare", "factor", "factor_bare", "iban_exact_amount", "name_exact_amount", "whole_balance",
        "oldest_first_run", "exact_set", "exact_set_with_credit_note", "equal_amounts", "equal_amounts_all_paid",
        "deposit", "deposit_bare", "instalment", "instalment_bare", "part_payment", "part_payment_bare",
        "two_transfers", "two_transfers_bare", "discount", "discount_bare", "bank_fee", "bank_fee_bare", "round_euros",
        "small_difference", "overpayment", "month_total", "unknown_document", "reference_as_end_to_end_id",
        "reference_in_its_own_field", "own_payment_returned", "supplier_refund", "paid_twice", "cheque", "cheques_deposit", "stranger_same_amount",
        "direct_debit_unpaid", "transfer_taken_back", "psp_payout", "own_transfer_in", "salaries",
    } <= set(seen)  # fmt: skip
    assert len(NOISE) <= len({told.truth.case for told in make_statements(seed=1).month})


def test_money_settles_what_the_truth_says_to_the_cent(statements: Statements) -> None:
    open_cents = {
        d.number: -d.payable_cents if d.type == "credit_note" else d.payable_cents
        for d in statements.world.documents
    }
    for told in (*statements.history, *statements.month):
        line, truth = told.line, told.truth
        settled = sum(cents for _, cents in truth.documents)
        if truth.kind == "noise":
            assert not truth.documents
        elif truth.case in ("overpayment", "paid_twice", "unknown_document"):
            assert settled < line.amount_cents
        elif truth.kind == "return":  # the bank may keep a fee besides
            assert line.amount_cents <= settled == -line.original_cents
        else:
            assert settled == line.amount_cents, told
        for number, cents in truth.documents:
            open_cents[number] -= cents
        adjusted = sum(cents for _, cents in truth.adjustments)
        if adjusted:  # what was kept back is all that is left of these documents
            assert sum(open_cents[number] for number, _ in truth.documents) == adjusted > 0
            open_cents |= {number: 0 for number, _ in truth.documents}
    assert open_cents == {d.number: d.open_cents for d in statements.world.documents}


def test_nothing_is_paid_before_it_is_issued(statements: Statements) -> None:
    issued = {d.number: d.issue_date for d in statements.world.documents}
    for told in (*statements.history, *statements.month):
        assert all(issued[number] <= told.line.booked_date for number, _ in told.truth.documents)


def test_equal_amounts_without_a_reference_are_undecidable(statements: Statements) -> None:
    cases = {
        "equal_amounts",
        "equal_amounts_all_paid",
        "cheques_deposit",
        "stranger_same_amount",
        "part_payment_bare",
        "unknown_document",
    }
    found = [told for told in statements.month if told.truth.case in cases]
    assert found
    assert not any(told.truth.decidable for told in found)


def test_most_lines_can_be_decided(statements: Statements) -> None:
    decidable = sum(told.truth.decidable for told in statements.month)
    assert 0.75 < decidable / len(statements.month) < 0.98


@pytest.mark.django_db
def test_the_files_import_with_the_counts_and_balances_of_the_truth(
    company: object, statements: Statements, tmp_path: Path
) -> None:
    from encours.store.models import BankAccount, Document, Transaction

    files = write_files(tmp_path, statements)
    for source in (*files["history"], *files["month"]):
        import_file(company, source)

    told: list[Told] = [*statements.history, *statements.month]
    booked = dict(Transaction.objects.values_list("bank_reference", "amount_cents"))
    assert booked == {each.line.bank_reference: each.line.amount_cents for each in told}
    assert BankAccount.objects.count() == 3

    documents = dict(Document.objects.values_list("number", "open_cents"))
    assert documents == {
        d.number: -d.payable_cents if d.type == "credit_note" else d.payable_cents
        for d in statements.world.documents
    }

    for path, lines in zip(files["truth"], (statements.history, statements.month), strict=True):
        known = read_truth(path)
        assert [known[each.line.bank_reference].truth for each in lines] == [each.truth for each in lines]
    assert all(each.line.booked_date <= HISTORY_ENDS for each in statements.history)


@pytest.mark.django_db
def test_each_line_of_the_month_gets_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    statements = make_statements(seed=5, size=Size(customers=40, documents=250, history_lines=50, lines=60))
    verdicts, costs = reconcile_seed(statements)
    told = {verdict.bank_reference: verdict for verdict in verdicts}
    assert told.keys() == {each.line.bank_reference for each in statements.month}
    assert all(told[each.line.bank_reference].truth == each.truth for each in statements.month)
    assert total(verdicts).right > 0
    assert {"reconcile of the history", "reconcile of the month"} <= costs.keys()
    tell(statements, verdicts[:1])
    assert verdicts[0].truth.case in capsys.readouterr().err
    again = Verdict.of(json.loads(json.dumps(asdict(verdicts[0]))))
    assert again == verdicts[0]


@pytest.mark.parametrize("mask", MASKS)
def test_numbers_follow_their_mask(mask: Mask) -> None:
    numbering = Numbering(mask)
    numbers = [numbering.number("invoice", date(2025, month, 3)) for month in range(1, 6)]
    assert len(set(numbers)) == 5
    assert all(key_of(number) & keys_of(number) for number in numbers)
    for style in STYLES.values():
        written = style(Random(1), numbers[-1])
        assert key_of(written) & keys_of(numbers[-1]), (written, numbers[-1])


def test_one_typing_error_is_near() -> None:
    number = "FA-2025-00123"
    assert all(
        is_near(each, number) for each in ("FA-2025-00128", "FA-2025-0012", "FA 2025 001233", "FA-2025-00132")
    )
    assert not is_near("FA-2025-00231", number)
