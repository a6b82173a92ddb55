"""A run goes on while its last batch is written: what a pass teaches must be what will be read when all is written."""

from collections import Counter
from datetime import date

import polars as pl
import pytest

from benchmarks.statements.make_books import import_file, write_files
from benchmarks.statements.mix import make_statements
from benchmarks.statements.world import MONTH_ENDS, Size
from encours.actions import reconcile as reconciling
from encours.actions.reconcile import reconcile
from encours.actions.undo_match import undo_match
from encours.queries import matching
from encours.store.models import Match
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)
HARD = Size(customers=30, documents=200, history_lines=60, lines=60)


def paid_for(payers: pl.DataFrame) -> Counter[tuple[str, str, int]]:
    counts: Counter[tuple[str, str, int]] = Counter()
    for iban, name, customer_id, confirmed, undone in payers.iter_rows():
        counts[iban, name, customer_id] += confirmed - undone
    return counts


@pytest.fixture
def passes(company, monkeypatch) -> list[bool]:
    """Of each pass that taught something, whether it had to be read again; what it taught is checked."""
    learn, seen = reconciling._learn, []

    def checked(run, waiting):
        seen.append(run.is_stale)
        left = learn(run, waiting)
        assert list(left) == matching.waiting_lines(company=company)
        assert paid_for(run.known.paid) == paid_for(matching.payers_frame(company=company))
        assert run.known.books.experience == matching.experience(company=company)
        return left

    monkeypatch.setattr(reconciling, "_learn", checked)
    return seen


def test_hard_statements_teach_what_will_be_read(company, passes, tmp_path):
    files = write_files(tmp_path, make_statements(seed=5, size=HARD))
    for path in (*files["history"], *files["month"]):
        import_file(company, path)
    outcome = reconcile(company=company, on=MONTH_ENDS, actor="test")
    assert len(outcome.matched) > 60
    assert passes


def test_a_payer_learned_in_a_pass_is_known_in_the_next(company, passes):
    dubois = cast.good_payer(company)
    first, second = (
        cast.invoice(company, dubois, number, payable_cents=cents, issue_date=JAN)
        for number, cents in (("FACT-2025-0011", 11_017), ("FACT-2025-0012", 12_029))
    )
    other = cast.late_payer(company)
    cast.invoice(company, other, "FACT-2025-0013", payable_cents=12_029, issue_date=JAN)
    known_by = {"counterparty_name": "HOLDING ARMOR", "counterparty_iban": "FR7630006000011234567890189"}
    # the earlier line cites nothing: only the later one tells who HOLDING ARMOR pays for
    cast.bank_line(company, second.payable_cents, "VIR", booked_date=date(2026, 2, 1), **known_by)
    cast.bank_line(
        company, first.payable_cents, f"VIR {first.number}", booked_date=date(2026, 2, 2), **known_by
    )
    outcome = reconcile(company=company, on=MARCH, actor="test")
    assert [answer.documents for answer in outcome.matched] == [
        ((second.number, 12_029),),
        ((first.number, 11_017),),
    ]
    assert passes == [False, False]


def test_what_a_person_undid_is_read_again_when_the_line_is_explained_otherwise(company, passes):
    dubois = cast.good_payer(company)
    wrong = cast.invoice(company, dubois, "FACT-2025-0011", payable_cents=11_017, issue_date=JAN)
    line = cast.bank_line(company, 11_017, f"VIR {wrong.number}", booked_date=date(2026, 2, 1))
    reconcile(company=company, on=MARCH, actor="test")
    undo_match(company=company, match_id=Match.objects.get(transaction=line).pk, on=MARCH, actor="user:1")
    line.refresh_from_db()
    right = cast.invoice(company, dubois, "FACT-2025-0012", payable_cents=11_017, issue_date=JAN)
    type(line).objects.filter(pk=line.pk).update(remittance=f"VIR {right.number}")
    del passes[:]
    outcome = reconcile(company=company, on=MARCH, actor="test")
    assert [answer.documents for answer in outcome.matched] == [((right.number, 11_017),)]
    assert passes == [True]
