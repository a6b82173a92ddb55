"""What the bank says: refusals by report, credits and returns by the statement; each cent booked once, whichever comes first.

Dubois owes 500.00 (FA-1) and 300.00 (FA-2), both debited on 31 March: one batch of a first debit, one of a recurrent one.
"""

from datetime import date, timedelta

import pytest

from encours.actions.book_payouts import find_payouts
from encours.actions.charge_by_mandate import charge_by_mandate
from encours.actions.decide_failures import decide_failures
from encours.actions.hand_in_direct_debit_file import cancel_direct_debit_file
from encours.actions.import_file import receive_file, run_import
from encours.actions.make_direct_debit_files import make_direct_debit_files
from encours.actions.read_direct_debit_answer import UnableToReadDirectDebits, read_direct_debit_answer
from encours.actions.reconcile import reconcile
from encours.actions.settle_direct_debits import settle_direct_debits
from encours.queries.direct_debits import direct_debit_file
from encours.store.models import (
    Charge,
    ChargeNotice,
    DirectDebitFile,
    Document,
    ImportProblem,
    Payment,
    Payout,
    Task,
    Transaction,
)
from tests.direct_debit.bank import line, report
from tests.direct_debit.conftest import DUE, MADE, announce, owed
from tests.dunning.conftest import at
from tests.payments.conftest import open_of

pytestmark = pytest.mark.django_db
LATER = DUE + timedelta(days=6)


@pytest.fixture
def documents(company, dubois, mandate, post_office) -> list[Document]:
    found = [owed(company, dubois, "FA-1"), owed(company, dubois, "FA-2", 30_000)]
    announce(company)
    return found


@pytest.fixture
def file(company, documents) -> DirectDebitFile:
    """Both debits, in one file."""
    [file_id] = make_direct_debit_files(
        company=company, on=MADE, now=at(MADE), actor="t", accept_bank_age=True
    ).file_ids
    return DirectDebitFile.objects.get(pk=file_id)


def debits() -> list[Charge]:
    return list(Charge.objects.exclude(file=None).order_by("pk"))


def states() -> list[str]:
    return [each.state for each in debits()]


def read(company, content: bytes, on: date = MADE):
    return read_direct_debit_answer(
        company=company, name="pain002.xml", content=content, now=at(on), actor="t"
    )


def settle(company, on=LATER):
    """As a reconciliation does, twice: the second time nothing is new."""
    reconcile(company=company, on=on, actor="t")
    again = settle_direct_debits(company=company, on=on, actor="t")
    assert (again.received, again.returned) == (0, 0)
    assert find_payouts(company=company, actor="t") == 0


def received_cents() -> int:
    """What the ledger holds of receipts in force."""
    return sum(each.amount_cents for each in Payment.objects.filter(reversed_at=None))


def batch(file: DirectDebitFile, sequence: str) -> str:
    return f"{file.message_id}-{sequence}"


@pytest.mark.parametrize("by", ["batches named", "batches by code", "file named", "debits", "cfonb"])
def test_the_credit_is_booked_once_however_the_bank_tells_it(by, company, documents, file):
    first, second = debits()
    if by == "batches named":
        line(company, 50_000, on=DUE, bank_reference=batch(file, "FRST"))
        line(company, 30_000, on=DUE, remittance=f"REMISE {batch(file, 'RCUR')}")
    elif by == "batches by code":
        line(company, 50_000, on=DUE, operation_code="PMNT-IDDT-ESDD")
        line(company, 30_000, on=DUE + timedelta(days=1), operation_code="PMNT-IDDT-ESDD")
    elif by == "file named":
        line(company, 80_000, on=DUE, extra={"batch_id": file.message_id})
    elif by == "debits":
        line(company, 50_000, on=DUE, end_to_end_id=first.reference)
        line(company, 30_000, on=DUE, end_to_end_id=second.reference)
    else:
        line(company, 80_000, on=DUE, operation_code="A1", remittance="REMISE PRELEVEMENTS")
    settle(company)
    assert states() == ["succeeded", "succeeded"]
    assert open_of(*documents) == [0, 0]
    assert received_cents() == 80_000
    assert all(
        each.state == "set_aside"
        for each in Transaction.objects.filter(company=company, amount_cents__gt=1_000)
    )
    assert sum(Payout.objects.exclude(transaction=None).values_list("amount_cents", flat=True)) == 80_000


def test_a_customers_transfer_of_the_same_sum_is_no_credit_of_a_file(company, documents, file):
    line(company, 50_000, on=DUE, counterparty_name="Boulangerie Dubois SARL", remittance="merci")
    settle(company)
    assert states() == ["pending", "pending"]


def test_a_debit_returned_opens_its_invoice_again_and_says_why(company, documents, file):
    line(company, 80_000, on=DUE, extra={"batch_id": file.message_id})
    settle(company)
    first = debits()[0]
    back = line(
        company, -50_000, on=LATER, end_to_end_id=first.reference, return_reason="AM04", operation_code="B3"
    )
    settle(company)
    assert states() == ["returned", "succeeded"]
    assert open_of(*documents) == [50_000, 0]
    first.refresh_from_db()
    assert (first.failure_group, first.failure_code) == ("later", "AM04")
    back.refresh_from_db()
    assert back.reason is not None
    assert (back.state, back.reason["code"]) == ("set_aside", "line.direct_debit_returned")
    assert Payout.objects.get(transaction=back).amount_cents == -50_000
    # presented once more, on a day the money is there
    decide_failures(company=company, on=LATER, now=at(LATER), actor="t")
    first.refresh_from_db()
    assert first.next_attempt_date is not None
    again = make_direct_debit_files(
        company=company, on=first.next_attempt_date, now=at(first.next_attempt_date), actor="t", accept_bank_age=True
    )  # fmt: skip
    assert len(again.file_ids) == 1
    second = Charge.objects.get(attempt_number=2)
    assert (second.previous_id, second.sequence_type, second.amount_cents) == (first.pk, "RCUR", 50_000)


def test_contested_after_a_year_as_unauthorised_ends_the_mandate(company, documents, file, mandate):
    line(company, 80_000, on=DUE, extra={"batch_id": file.message_id})
    settle(company)
    late = DUE + timedelta(days=390)  # thirteen months are the longest
    # CFONB gives no end-to-end id here: the mandate and the amount say which
    line(company, -30_950, on=late, mandate_id="rum-0001", return_reason="MD01", operation_code="B3")
    settle(company, late)
    assert open_of(*documents) == [0, 30_000]
    tied = Payout.objects.get(amount_cents=-30_950)
    assert (tied.contested_cents, tied.fee_cents) == (30_000, 950)
    decide_failures(company=company, on=late, now=at(late), actor="t")
    mandate.refresh_from_db()
    assert mandate.state == "revoked"


def test_a_refund_within_eight_weeks_suspends_and_asks_a_person(company, documents, file, mandate):
    line(company, 80_000, on=DUE, extra={"batch_id": file.message_id})
    settle(company)
    on = DUE + timedelta(weeks=8)
    line(company, -50_000, on=on, end_to_end_id=debits()[0].reference, return_reason="MD06")
    settle(company, on)
    charge_by_mandate(company=company, on=on, now=at(on), actor="t", accept_bank_age=True)
    mandate.refresh_from_db()
    assert mandate.state == "suspended"
    assert Task.objects.filter(customer=mandate.customer_id).exists()
    assert open_of(*documents) == [50_000, 0]


@pytest.mark.parametrize("credited", ["less what was refused", "whole, and debited again"])
def test_a_debit_refused_before_settlement(credited, company, documents, file):
    first, _ = debits()
    done = read(
        company, report(file.message_id, status="PART", refused=[(first.reference, "AC04", "500.00")])
    )
    assert (done.refused, done.put_back, done.problems) == (1, 0, [])
    assert states() == ["failed", "pending"]
    file.refresh_from_db()
    assert file.state == "accepted"
    again = read(
        company, report(file.message_id, status="PART", refused=[(first.reference, "AC04", "500.00")])
    )
    assert (again.refused, states()) == (0, ["failed", "pending"])
    line(
        company,
        30_000 if credited.startswith("less") else 80_000,
        on=DUE,
        extra={"batch_id": file.message_id},
    )
    if credited.startswith("whole"):
        line(company, -50_000, on=DUE, end_to_end_id=first.reference, return_reason="AC04")
    settle(company)
    assert states() == ["failed", "succeeded"]
    assert (open_of(*documents), received_cents()) == ([50_000, 0], 30_000)
    first.refresh_from_db()
    assert (first.failure_group, first.failure and first.failure["code"]) == ("never", "direct_debit.refused")
    assert sum(Payout.objects.exclude(transaction=None).values_list("amount_cents", flat=True)) == 30_000


def test_a_file_refused_as_a_whole_goes_into_the_next_one(company, documents, file):
    done = read(company, report(file.message_id, status="RJCT", reason="FF01"))
    assert (done.refused, done.put_back) == (0, 2)
    file.refresh_from_db()
    assert (file.state, bool(file.problem)) == ("rejected", True)
    assert states() == ["canceled", "canceled"]
    assert set(ChargeNotice.objects.values_list("state", flat=True)) == {"announced"}
    made = make_direct_debit_files(company=company, on=MADE, now=at(MADE), actor="t", accept_bank_age=True)
    found = direct_debit_file(company=company, file_id=made.file_ids[0])
    assert found is not None
    assert found.row.total_cents == 80_000


def test_a_batch_refused_leaves_the_other(company, documents, file):
    content = report(
        file.message_id, status="PART", batches=[(batch(file, "FRST"), "RJCT"), (batch(file, "RCUR"), "ACCP")]
    )
    assert read(company, content).put_back == 1
    assert states() == ["canceled", "pending"]


def test_accepted_it_can_no_longer_be_canceled(company, documents, file):
    read(company, report(file.message_id, status="ACCP", version="03"))
    file.refresh_from_db()
    assert (file.state, file.sent_by) == ("accepted", "t")
    with pytest.raises(Exception, match="handed_in"):
        cancel_direct_debit_file(company=company, file_id=file.pk, now=at(MADE), actor="t")


def test_what_does_not_agree_is_told_and_changes_nothing(company, documents, file):
    first = debits()[0]
    content = report(
        file.message_id, refused=[("EC0", "AM04", "1.00"), (first.reference, "AM04", "499.00")], status="PART"
    )
    codes = [each.code.rpartition(".")[2] for each in read(company, content).problems]
    assert codes == ["unknown_debit", "other_amount"]
    assert [each.code.rpartition(".")[2] for each in read(company, report("EC-OTHER")).problems] == [
        "unknown_file"
    ]
    assert states() == ["pending", "pending"]
    line(company, 80_000, on=DUE, extra={"batch_id": file.message_id})
    settle(company)
    late = report(
        file.message_id, refused=[(first.reference, "AM04", "500.00")], told_at="2026-04-02T08:00:00"
    )
    assert [each.code.rpartition(".")[2] for each in read(company, late, LATER).problems] == [
        "received_already"
    ]
    assert states() == ["succeeded", "succeeded"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><Document>&c;</Document>'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\x01", b"<a>", BOMB, b"<Document/>", b"{}", report("X").replace(b"pain.008", b"pain.001"),
        report("X").replace(b"2026-03-30T08:00:00", b"soon"), report("X").replace(b"<OrgnlMsgId>X</OrgnlMsgId>", b""),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + report("X").partition(b"?>")[2],
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_in_words(content, company, bank):
    with pytest.raises(UnableToReadDirectDebits):
        read(company, content)


def test_an_answer_from_the_future_does_not_shut_the_present_out(company, documents, file):
    first = debits()[0]
    read(
        company,
        report(file.message_id, refused=[(first.reference, "AM04", "500.00")], told_at="2099-01-01T00:00:00"),
    )
    first.refresh_from_db()
    assert first.told_at == at(MADE)


def test_an_answer_comes_by_the_front_door_too(company, documents, file, tmp_path):
    """Import page, watched folder and server: all take files this way."""
    path = tmp_path / "retour.xml"
    path.write_bytes(
        report(file.message_id, status="PART", refused=[(debits()[0].reference, "MD01", "500.00")])
    )
    batch = receive_file(company=company, source=path, actor="t")
    outcome = run_import(company=company, batch_id=batch.pk)
    assert (outcome.kind, outcome.state, outcome.created, outcome.problems) == ("pain002", "done", 1, ())
    assert states() == ["failed", "pending"]
    path.write_bytes(
        report(file.message_id, refused=[("EC0", "MD01", "500.00")], told_at="2026-03-30T09:00:00")
    )
    batch = receive_file(company=company, source=path, actor="t")
    told = run_import(company=company, batch_id=batch.pk)
    assert [each.code for each in told.problems] == ["direct_debit_answer.unknown_debit"]
    assert ImportProblem.objects.filter(batch=batch).count() == 1
    path.write_bytes(BOMB.replace(b"<Document>", b"<CstmrPmtStsRpt>"))
    batch = receive_file(company=company, source=path, actor="t")
    assert run_import(company=company, batch_id=batch.pk).state == "refused"
