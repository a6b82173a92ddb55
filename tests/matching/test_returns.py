"""Money that went back: which receipt a returned line takes back, what opens again, and that it can be undone.

The cast: Dubois paid FACT-2025-0012 (1,200.00) by a transfer of 2 March, Lefèvre owes too. On 10 March the bank gives
money back.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

import polars as pl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encours.actions.allocate import allocate
from encours.actions.apply_matches import Line, apply_matches
from encours.actions.apply_returns import return_by_hand, take_back_returns
from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.create_company import create_company
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.undo_match import undo_match
from encours.core.ledger import Portion
from encours.core.matching.decide import Adjustment, Decision, Settled
from encours.core.matching.frames import LINES
from encours.core.matching.reasons import BY_HAND
from encours.core.matching.return_reasons import known_codes, reason_of_return, within
from encours.core.matching.return_ties import original_cents
from encours.core.wording import Sentence
from encours.queries.doctor import examine
from encours.queries.returns import returned_lines_frame
from encours.store.models import (
    Allocation,
    CustomerBalance,
    DailyFlow,
    Document,
    JournalEntry,
    Match,
    Movement,
    Payment,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH, RETURN, LATER = date(2026, 1, 5), date(2026, 3, 2), date(2026, 3, 10), date(2026, 3, 12)


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


@pytest.fixture
def invoice(company, dubois):
    return cast.invoice(company, dubois, "FACT-2025-0012", payable_cents=120_000, issue_date=JAN)


def paid(company, invoice, cents=120_000, *, day=MARCH, portions=None, **details):
    """A bank line that settles the invoice; its match."""
    line = cast.bank_line(
        company, cents, "VIR DUBOIS", booked_date=day, counterparty_name="Boulangerie Dubois", **details
    )
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=invoice.customer_id, actor="user:1",
        portions=[Portion(invoice.pk, min(cents, invoice.open_cents))] if portions is None else portions,
    )  # fmt: skip
    return Match.objects.get(transaction=line)


def returned(company, cents=-120_000, text="REJET", *, day=RETURN, reason="AM04", **details):
    details = {"operation_code": "B3", "return_reason": reason} | details
    return cast.bank_line(company, cents, text, booked_date=day, **details)


def take_back(company, *lines, apply=True, planned: Mapping[int, Decision] = MappingProxyType({})):
    frame = returned_lines_frame(company=company, line_ids=[line.pk for line in lines])
    return take_back_returns(
        company=company, lines=frame.select(LINES.names()), actor="cli", apply=apply, planned=planned
    )


def refreshed(*rows):
    for row in rows:
        row.refresh_from_db()
    return rows


def state(company) -> list[object]:
    """Everything with a balance."""
    return [
        list(Document.objects.order_by("pk").values_list("pk", "open_cents")),
        list(
            Payment.objects.order_by("pk").values_list(
                "pk", "unallocated_cents", "reversed_at", "returned_by"
            )
        ),
        list(
            Allocation.objects.order_by("pk").values_list(
                "pk", "amount_cents", "allocated_date", "undone_at", "returned_by"
            )
        ),
        list(
            CustomerBalance.objects.order_by("pk").values_list(
                "owed_cents", "credit_cents", "unallocated_cents"
            )
        ),
    ]


def net_flows(company) -> dict[tuple[str, str], int]:
    flows: dict[tuple[str, str], int] = {}
    for flow in DailyFlow.objects.all():
        key = (flow.kind, flow.target)
        flows[key] = flows.get(key, 0) + flow.amount_cents
    return {key: cents for key, cents in flows.items() if cents}


def sick(company) -> list[str]:
    return [
        check.name for check in examine(company=company) if not check.ok and check.name != "statements_add_up"
    ]


def test_a_return_opens_the_invoice_again_on_its_day(company, dubois, invoice):
    match = paid(company, invoice, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-77")
    (decision,) = take_back(company, line)
    assert (decision.outcome, decision.line_id, decision.rule) == ("automatic", line.pk, "returned")
    assert "provision insuffisante" in decision.reason.say("fr")
    payment = Payment.objects.get()
    refreshed(invoice, line)
    assert (invoice.open_cents, line.state, payment.unallocated_cents) == (120_000, "matched", 0)
    own = Match.objects.get(transaction=line)
    assert own.lines == [{"document_id": invoice.pk, "number": "FACT-2025-0012", "allocated_cents": -120_000}]
    assert payment.reversed_at is not None
    assert payment.returned_by == own
    assert Transaction.objects.get(pk=match.transaction_id).state == "matched"
    taken_back = Movement.objects.filter(kind="reversed")
    assert {movement.booked_date for movement in taken_back} == {RETURN}
    assert sum(movement.amount_cents for movement in taken_back) == 120_000
    (told,) = JournalEntry.objects.filter(action="payment.returned")
    assert told.data["payment_ids"] == [payment.pk]
    assert sick(company) == []


def test_instalments_open_again(company, dubois):
    invoice = cast.invoice(
        company, dubois, "FACT-2025-0013", payable_cents=90_000, issue_date=JAN,
        instalments=[(date(2026, 2, 9), 30_000), (date(2026, 3, 11), 60_000)],
    )  # fmt: skip
    paid(company, invoice, 30_000, end_to_end_id="E1")
    take_back(company, returned(company, -30_000, end_to_end_id="E1"))
    refreshed(invoice)
    assert invoice.open_cents == 90_000
    assert sick(company) == []


def test_a_return_told_twice_changes_nothing_more(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-77")
    take_back(company, line)
    before = state(company), Movement.objects.count()
    assert take_back(company, line) == []
    # another line that tells the same has no receipt left to take
    (again,) = take_back(company, returned(company, end_to_end_id="E2E-77"))
    assert again.outcome == "none"
    assert (state(company), Movement.objects.count()) == before


def test_a_dry_run_decides_and_writes_nothing(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-77")
    before = state(company), Movement.objects.count(), JournalEntry.objects.count()
    (decision,) = take_back(company, line, apply=False)
    assert decision.outcome == "automatic"
    assert (state(company), Movement.objects.count(), JournalEntry.objects.count()) == before


@pytest.mark.parametrize(
    ("receipt", "line", "words"),
    [
        ({"mandate_id": "RUM-1"}, {"mandate_id": "RUM-1"}, "same mandate"),
        (
            {"extra": {"uetr": "7a5c1d2e-0001"}},
            {"extra": {"uetr": "7a5c1d2e-0001"}},
            "same payment reference",
        ),
        ({}, {"text": "REJET PRLV FACT-2025-0012"}, "names a document"),
        ({}, {"counterparty_name": "SARL BOULANGERIE DUBOIS"}, "same payer"),
        ({}, {"text": "PRLV IMPAYE BOULANGERIE DUBOIS"}, "same payer"),
        (
            {"counterparty_iban": "FR1420041010050500013M02606"},
            {"counterparty_iban": "FR1420041010050500013M02606"},
            "same payer",
        ),
    ],
)
def test_what_ties_a_return_to_its_receipt(company, dubois, invoice, receipt, line, words):
    paid(company, invoice, **receipt)
    (decision,) = take_back(company, returned(company, **line))
    assert decision.outcome == "automatic"
    assert words in decision.reason.say("en")
    assert refreshed(invoice)[0].open_cents == 120_000


def test_the_amount_alone_is_only_proposed(company, dubois, invoice):
    paid(company, invoice)
    line = returned(company)
    (decision,) = take_back(company, line)
    assert (decision.outcome, decision.confidence) == ("proposed", 0.3)
    assert refreshed(invoice)[0].open_cents == 0


def test_another_customer_with_the_same_amount_is_left_alone(company, dubois, invoice):
    lefevre = cast.late_payer(company)
    theirs = cast.invoice(company, lefevre, "FACT-2025-0020", payable_cents=120_000, issue_date=JAN)
    paid(company, invoice, mandate_id="RUM-1")
    line = cast.bank_line(company, 120_000, "VIR LEFEVRE", counterparty_name="Menuiserie Lefèvre")
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=lefevre.pk, portions=[Portion(theirs.pk, 120_000)],
        actor="user:1",
    )  # fmt: skip
    take_back(company, returned(company, counterparty_name="MENUISERIE LEFEVRE SAS"))
    assert [row.open_cents for row in refreshed(invoice, theirs)] == [0, 120_000]


def test_two_receipts_that_look_the_same_go_to_a_person(company, dubois, invoice):
    second = cast.invoice(company, dubois, "FACT-2025-0013", payable_cents=120_000, issue_date=JAN)
    paid(company, invoice, mandate_id="RUM-1")
    paid(company, second, mandate_id="RUM-1", day=MARCH + timedelta(days=1))
    (decision,) = take_back(company, returned(company, mandate_id="RUM-1"))
    assert decision.outcome == "proposed"
    assert "2 " in decision.reason.say("fr")
    assert [line.number for line in decision.lines] == ["FACT-2025-0013"]


def test_as_many_returns_as_receipts_take_each_one(company, dubois, invoice):
    second = cast.invoice(company, dubois, "FACT-2025-0013", payable_cents=120_000, issue_date=JAN)
    paid(company, invoice, mandate_id="RUM-1")
    paid(company, second, mandate_id="RUM-1", day=MARCH + timedelta(days=1))
    decisions = take_back(
        company, returned(company, mandate_id="RUM-1"), returned(company, mandate_id="RUM-1", day=LATER)
    )
    assert [decision.outcome for decision in decisions] == ["automatic", "automatic"]
    assert [row.open_cents for row in refreshed(invoice, second)] == [120_000, 120_000]
    assert sick(company) == []


def test_the_reason_says_how_far_back_to_look(company, dubois, invoice):
    # a monthly direct debit: for lack of funds it is the last one, within days
    second = cast.invoice(company, dubois, "FACT-2025-0013", payable_cents=120_000, issue_date=JAN)
    paid(company, second, mandate_id="RUM-1", day=date(2026, 2, 2))
    paid(company, invoice, mandate_id="RUM-1")
    (decision,) = take_back(company, returned(company, mandate_id="RUM-1"))
    assert [line.number for line in decision.lines] == ["FACT-2025-0012"]
    assert decision.outcome == "automatic"


def test_a_refund_asked_for_after_the_eight_weeks_is_only_proposed(company, dubois, invoice):
    paid(company, invoice, mandate_id="RUM-1")
    (late,) = take_back(company, returned(company, mandate_id="RUM-1", reason="MD06", day=date(2026, 9, 1)))
    assert late.outcome == "proposed"
    # without a mandate there are thirteen months
    (unauthorised,) = take_back(
        company, returned(company, mandate_id="RUM-1", reason="MD01", day=date(2026, 9, 1))
    )
    assert unauthorised.outcome == "automatic"


def test_what_comes_before_the_receipt_cannot_be_its_return(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    (decision,) = take_back(company, returned(company, end_to_end_id="E2E-77", day=date(2026, 3, 1)))
    assert decision.outcome == "none"


def test_the_banks_charge_in_the_same_line_is_told_apart(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    (decision,) = take_back(company, returned(company, -121_500, end_to_end_id="E2E-77"))
    assert (decision.outcome, decision.fee_cents) == ("automatic", 1_500)
    assert "15,00" in decision.reason.say("fr")
    assert refreshed(invoice)[0].open_cents == 120_000
    assert sick(company) == []


def test_the_original_amount_ties_when_the_bank_tells_it(company, dubois, invoice):
    paid(company, invoice)
    line = returned(
        company, -121_500, "IMPAYE BOULANGERIE DUBOIS", extra={"original_amount": "EUR200000000120000"}
    )
    (decision,) = take_back(company, line)
    assert (decision.outcome, decision.fee_cents) == ("automatic", 1_500)


def test_part_of_a_receipt_is_left_to_a_person_with_the_amounts(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    (decision,) = take_back(company, returned(company, -50_000, end_to_end_id="E2E-77"))
    assert decision.outcome == "none"
    assert "500,00" in decision.reason.say("fr")
    assert "1 200,00" in decision.reason.say("fr").replace("\u202f", " ")


def test_other_end_to_end_ids_are_no_proof(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-99", counterparty_name="Boulangerie Dubois")
    (decision,) = take_back(company, line)
    assert decision.outcome == "proposed"


def test_a_receipt_nobody_matched_yet_is_set_aside_with_its_return(company, dubois, invoice):
    waiting = cast.bank_line(company, 120_000, "VIR", booked_date=MARCH, end_to_end_id="E2E-77")
    proposed_for(company, waiting, dubois)
    line = returned(company, end_to_end_id="E2E-77")
    decisions = take_back(company, line)
    assert {(each.line_id, each.outcome) for each in decisions} == {
        (line.pk, "set_aside"), (waiting.pk, "set_aside"),
    }  # fmt: skip
    assert [row.state for row in refreshed(line, waiting)] == ["set_aside", "set_aside"]
    assert waiting.reason is not None
    assert "10/03/2026" in Sentence.from_json(waiting.reason).say("fr")
    assert not Payment.objects.exists()
    assert not Match.objects.exists()
    assert sick(company) == []


def test_what_a_dry_run_would_have_settled_can_come_back(company, dubois, invoice):
    waiting = cast.bank_line(company, 120_000, "VIR", booked_date=MARCH, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-77")
    foreseen = Decision(
        line_id=waiting.pk, outcome="automatic", reason=BY_HAND(numbers=""), customer_id=dubois.pk,
        lines=(Settled(invoice.pk, invoice.number, 120_000),),
    )  # fmt: skip
    (decision,) = take_back(company, line, apply=False, planned={waiting.pk: foreseen})
    assert (decision.outcome, decision.customer_id) == ("automatic", dubois.pk)
    assert [each.allocated_cents for each in decision.lines] == [-120_000]


def test_no_receipt_no_guess(company, dubois, invoice):
    (decision,) = take_back(company, returned(company, -7_777))
    assert (decision.outcome, decision.lines) == ("none", ())
    assert "77,77" in decision.reason.say("fr")


def test_an_order_of_our_own_that_came_back_is_no_receipt(company, dubois, invoice):
    (decision,) = take_back(
        company, returned(company, 120_000, "VIR RETOURNE FOURNISSEUR", operation_code="12")
    )
    assert decision.outcome == "set_aside"


def test_a_return_that_the_bank_cancels_is_proposed_as_a_receipt(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    take_back(company, returned(company, end_to_end_id="E2E-77"))
    (decision,) = take_back(company, returned(company, 120_000, end_to_end_id="E2E-77", day=LATER))
    assert (decision.outcome, decision.customer_id) == ("proposed", dubois.pk)
    assert [(line.document_id, line.allocated_cents) for line in decision.lines] == [(invoice.pk, 120_000)]


def test_money_on_account_comes_back_too(company, dubois, invoice):
    match = paid(company, invoice, 150_000, end_to_end_id="E2E-77")
    take_back(company, returned(company, -150_000, end_to_end_id="E2E-77"))
    payment = Payment.objects.get(transaction=match.transaction_id)
    assert (payment.unallocated_cents, refreshed(invoice)[0].open_cents) == (0, 120_000)
    assert sick(company) == []


def test_undoing_a_return_restores_receipt_and_allocation_exactly(company, dubois, invoice):
    match = paid(company, invoice, end_to_end_id="E2E-77")
    before, flows = state(company), net_flows(company)
    line = returned(company, end_to_end_id="E2E-77")
    take_back(company, line)
    assert state(company) != before
    own = Match.objects.get(transaction=line)
    assert undo_match(company=company, match_id=own.pk, on=LATER, actor="user:1")
    assert not undo_match(company=company, match_id=own.pk, on=LATER, actor="user:1")
    assert (state(company), net_flows(company)) == (before, flows)
    assert refreshed(line)[0].state == "new"
    # a person said no: not this receipt again
    (again,) = take_back(company, line)
    assert again.outcome == "none"
    assert sick(company) == []
    assert undo_match(company=company, match_id=match.pk, on=LATER, actor="user:1")
    assert refreshed(invoice)[0].open_cents == 120_000
    assert sick(company) == []


def test_a_returned_receipt_is_not_undone_before_its_return(company, dubois, invoice):
    match = paid(company, invoice, end_to_end_id="E2E-77")
    take_back(company, returned(company, end_to_end_id="E2E-77"))
    with pytest.raises(UnableToMatch) as refusal:
        undo_match(company=company, match_id=match.pk, on=LATER, actor="user:1")
    assert "10/03/2026" in refusal.value.sentence.say("fr")
    assert sick(company) == []


def test_a_document_settled_otherwise_since_refuses_the_way_back(company, dubois, invoice):
    paid(company, invoice, end_to_end_id="E2E-77")
    line = returned(company, end_to_end_id="E2E-77")
    take_back(company, line)
    paid(company, refreshed(invoice)[0], day=LATER)
    before = state(company), Movement.objects.count()
    own = Match.objects.get(transaction=line)
    with pytest.raises(UnableToMatch) as refusal:
        undo_match(company=company, match_id=own.pk, on=LATER, actor="user:1")
    assert "FACT-2025-0012" in refusal.value.sentence.say("fr")
    assert (state(company), Movement.objects.count()) == before


def test_a_proposed_return_is_confirmed_or_rejected_by_a_person(company, dubois, invoice):
    paid(company, invoice)
    line = returned(company)
    (decision,) = take_back(company, line)
    match = proposed(company, line, decision)
    confirm_match(company=company, match_id=match.pk, actor="user:1")
    confirm_match(company=company, match_id=match.pk, actor="user:1")
    assert [row.state for row in refreshed(match, line)] == ["applied", "matched"]
    assert refreshed(invoice)[0].open_cents == 120_000
    assert sick(company) == []


def test_a_rejected_return_is_not_brought_up_again(company, dubois, invoice):
    paid(company, invoice)
    line = returned(company)
    (decision,) = take_back(company, line)
    reject_match(company=company, match_id=proposed(company, line, decision).pk, actor="user:1")
    (again,) = take_back(company, line)
    assert again.outcome == "none"


def test_a_proposal_whose_receipt_was_undone_meanwhile_is_refused(company, dubois, invoice):
    received = paid(company, invoice)
    line = returned(company)
    (decision,) = take_back(company, line)
    match = proposed(company, line, decision)
    undo_match(company=company, match_id=received.pk, on=LATER, actor="user:1")
    with pytest.raises(UnableToMatch):
        confirm_match(company=company, match_id=match.pk, actor="user:1")


def proposed_for(company, line, customer) -> Match:
    line.state = "proposed"
    line.save()
    return Match.objects.create(
        company=company, transaction=line, customer=customer, state="proposed", rule="x", confidence=0.5,
        reason=BY_HAND(numbers="").as_json(), decided_by="cli",
    )  # fmt: skip


def proposed(company, line, decision) -> Match:
    """Saved as reconciliation saves it."""
    line.state = "proposed"
    line.save()
    return Match.objects.create(
        company=company, transaction=line, customer_id=decision.customer_id, state="proposed", rule=decision.rule,
        confidence=decision.confidence, reason=decision.reason.as_json(), decided_by="cli",
        lines=[vars(each) for each in decision.lines],
    )  # fmt: skip


def test_a_person_says_which_receipt_came_back(company, dubois, invoice):
    paid(company, invoice)
    payment = Payment.objects.get()
    line = returned(company, -120_900, "SANS RAPPORT")
    match_id = return_by_hand(
        company=company, transaction_id=line.pk, payment_ids=[payment.pk], actor="user:1"
    )
    again = return_by_hand(company=company, transaction_id=line.pk, payment_ids=[payment.pk], actor="user:1")
    assert match_id == again
    assert refreshed(invoice)[0].open_cents == 120_000
    assert sick(company) == []


def test_by_hand_too_the_amounts_must_agree(company, dubois, invoice):
    paid(company, invoice)
    payment = Payment.objects.get()
    for cents in (-119_999, -130_000, 120_000):
        line = returned(company, cents)
        with pytest.raises(UnableToMatch):
            return_by_hand(company=company, transaction_id=line.pk, payment_ids=[payment.pk], actor="user:1")
    assert refreshed(invoice)[0].open_cents == 0


def test_a_receipt_partly_allocated_by_hand_later_comes_back_whole(company, dubois, invoice):
    second = cast.invoice(company, dubois, "FACT-2025-0013", payable_cents=50_000, issue_date=JAN)
    paid(company, invoice, 150_000, end_to_end_id="E2E-77")
    payment = Payment.objects.get()
    allocate(
        company=company,
        payment_id=payment.pk,
        portions=[Portion(second.pk, 30_000)],
        on=MARCH,
        actor="user:1",
    )
    before = state(company)
    line = returned(company, -150_000, end_to_end_id="E2E-77")
    take_back(company, line)
    assert [row.open_cents for row in refreshed(invoice, second)] == [120_000, 50_000]
    undo_match(company=company, match_id=Match.objects.get(transaction=line).pk, on=LATER, actor="user:1")
    assert state(company) == before
    assert sick(company) == []


def test_a_credit_note_set_against_the_invoice_stays(company, dubois, invoice):
    note = cast.credit_note(company, dubois, "AV-1", payable_cents=20_000, issue_date=JAN)
    paid(
        company, invoice, 100_000, end_to_end_id="E1",
        portions=[Portion(invoice.pk, 120_000), Portion(note.pk, 20_000)],
    )  # fmt: skip
    take_back(company, returned(company, -100_000, end_to_end_id="E1"))
    assert [row.open_cents for row in refreshed(invoice, note)] == [100_000, 0]
    assert sick(company) == []


def test_another_companys_receipts_are_never_seen(company, dubois, invoice):
    other = create_company(name="Scierie du Val", siren="552100554", slug="scierie", actor="test")
    paid(company, invoice, end_to_end_id="E2E-77")
    with company_scope(other.pk):
        line = returned(other, end_to_end_id="E2E-77")
        (decision,) = take_back(other, line)
        assert decision.outcome == "none"
    assert refreshed(invoice)[0].open_cents == 0


@given(steps=st.lists(st.sampled_from(["receipt", "return", "undo return", "undo receipt"]), max_size=10))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_doing_and_undoing_keeps_every_balance(company, steps):
    """The books are always those of what is in force: the receipt, or the receipt and its return, or neither."""
    savepoint = transaction.savepoint()
    dubois = cast.good_payer(company)
    invoice = cast.invoice(company, dubois, "FACT-2025-0012", payable_cents=120_000, issue_date=JAN)
    line, back = cast.bank_line(company, 120_000, "VIR"), returned(company)
    for step in steps:
        applied = {match.transaction_id: match for match in Match.objects.filter(state="applied")}
        try:
            _do(company, step, invoice, line, back, applied)
        except UnableToMatch:
            assert step == "undo receipt"
            assert back.pk in applied
        in_force = set(Match.objects.filter(state="applied").values_list("transaction_id", flat=True))
        is_settled = line.pk in in_force and back.pk not in in_force
        assert refreshed(invoice)[0].open_cents == (0 if is_settled else 120_000)
        assert back.pk not in in_force or line.pk in in_force
        assert sum(net_flows(company).values()) == (0 if is_settled else 120_000)
    assert sick(company) == []
    transaction.savepoint_rollback(savepoint)


def _do(company, step, invoice, line, back, applied) -> None:
    receipt = Payment.objects.filter(reversed_at=None).first()
    if step == "receipt" and line.pk not in applied:
        match_by_hand(
            company=company, transaction_id=line.pk, customer_id=invoice.customer_id, actor="user:1",
            portions=[Portion(invoice.pk, 120_000)],
        )  # fmt: skip
    elif step == "return" and receipt is not None:
        return_by_hand(company=company, transaction_id=back.pk, payment_ids=[receipt.pk], actor="user:1")
    elif step.startswith("undo"):
        chosen = applied.get(back.pk if step == "undo return" else line.pk)
        if chosen is not None:
            undo_match(company=company, match_id=chosen.pk, on=LATER, actor="user:1")


def test_every_reason_has_words_of_its_own_and_a_delay():
    assert len(known_codes()) >= 30
    for code in known_codes():
        reason = reason_of_return(code)
        assert reason.say("fr")
        assert reason.say("en")
    assert "20" in reason_of_return("20").say("fr")
    assert reason_of_return("am04") == reason_of_return("AM04")
    assert within("AM04") < within("MD06") < within("MD01")
    assert within("") == within("MD06")


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("EUR200000000012000", 12_000),
        ("EUR200000000012000EUR", 12_000),
        ("EUR120,00", 12_000),
        ("120.00 EUR", 12_000),
        ("USD120,00", None),
        ("120,00", None),
        ("EUR300000000012000", None),
        ("", None),
    ],
)
def test_the_original_amount_as_banks_write_it(written, cents):
    assert original_cents(written=written, currency="EUR") == cents


def test_returned_lines_come_with_what_ties_them(company):
    line = returned(
        company, bank_reference="BK 2026 0001", extra={"uetr": "7a5c1d2e-0001", "instruction_id": "ABC", "returned": "true"}
    )  # fmt: skip
    frame = returned_lines_frame(company=company, line_ids=[line.pk])
    row = frame.row(0, named=True)
    assert set(row["references"].split()) == {"BK20260001", "7a5c1d2e-0001"}
    assert row["is_reversal"]
    assert isinstance(frame, pl.DataFrame)


def test_what_was_closed_without_money_opens_again_too(company, dubois, invoice):
    line = cast.bank_line(company, 117_600, "VIR DUBOIS ESCOMPTE", booked_date=MARCH, end_to_end_id="E1")
    decision = Decision(
        line_id=line.pk, outcome="automatic", reason=BY_HAND(numbers=invoice.number), rule="by_hand",
        confidence=1.0, customer_id=dubois.pk, lines=(Settled(invoice.pk, invoice.number, 117_600),),
        adjustments=(Adjustment(invoice.pk, invoice.number, "discount", 2_400),),
    )  # fmt: skip
    lines = {line.pk: Line(line.pk, line.amount_cents, "EUR", MARCH)}
    assert apply_matches(company=company, decisions=[decision], lines=lines, known={}, actor="cli")
    assert refreshed(invoice)[0].open_cents == 0
    before, flows = state(company), net_flows(company)
    back = returned(company, -117_600, end_to_end_id="E1")
    for _ in range(2):
        return_by_hand(
            company=company, transaction_id=back.pk, payment_ids=[Payment.objects.get().pk], actor="user:1"
        )
        assert refreshed(invoice)[0].open_cents == 120_000
        assert sick(company) == []
        own = Match.objects.get(transaction=back, state="applied")
        undo_match(company=company, match_id=own.pk, on=LATER, actor="user:1")
        assert (state(company), net_flows(company)) == (before, flows)
        assert sick(company) == []
    undo_match(company=company, match_id=Match.objects.get(transaction=line).pk, on=LATER, actor="user:1")
    assert refreshed(invoice)[0].open_cents == 120_000
    assert set(net_flows(company)) == {("invoiced", "document")}


def test_money_for_several_customers_comes_back_from_each(company, dubois, invoice):
    lefevre = cast.late_payer(company)
    theirs = cast.invoice(company, lefevre, "FACT-2025-0020", payable_cents=30_000, issue_date=JAN)
    line = cast.bank_line(company, 150_000, "VIR GROUPE", booked_date=MARCH, end_to_end_id="E1")
    decision = Decision(
        line_id=line.pk, outcome="automatic", reason=BY_HAND(numbers=""), rule="by_hand", confidence=1.0,
        customer_id=dubois.pk,
        lines=(Settled(invoice.pk, invoice.number, 120_000), Settled(theirs.pk, theirs.number, 30_000)),
    )  # fmt: skip
    lines = {line.pk: Line(line.pk, line.amount_cents, "EUR", MARCH)}
    assert apply_matches(company=company, decisions=[decision], lines=lines, known={}, actor="cli")
    before = state(company)
    back = returned(company, -150_000, end_to_end_id="E1")
    (answer,) = take_back(company, back)
    assert answer.outcome == "automatic"
    assert [row.open_cents for row in refreshed(invoice, theirs)] == [120_000, 30_000]
    assert sick(company) == []
    own = Match.objects.get(transaction=back)
    undo_match(company=company, match_id=own.pk, on=LATER, actor="user:1")
    assert state(company) == before


def run(company, *, apply=True):
    return reconcile(company=company, on=LATER, actor="cli", apply=apply)


@pytest.mark.parametrize("runs_between", [True, False])
def test_reconciliation_settles_and_takes_back_in_any_order(company, dubois, invoice, runs_between):
    returned(company, text="REJET PRLV FACT-2025-0012")
    if runs_between:  # the return's statement is there before that of the receipt
        assert [answer.documents for answer in run(company).unmatched] == [()]
    cast.bank_line(company, 120_000, "PRLV DUBOIS FACT-2025-0012")
    assert {answer.documents for answer in run(company, apply=False).matched} == {
        (("FACT-2025-0012", 120_000),), (("FACT-2025-0012", -120_000),),
    }  # fmt: skip
    assert {answer.documents for answer in run(company).matched} == {
        (("FACT-2025-0012", 120_000),), (("FACT-2025-0012", -120_000),),
    }  # fmt: skip
    assert refreshed(invoice)[0].open_cents == 120_000
    assert Payment.objects.get().returned_by is not None
    before = state(company), Movement.objects.count(), JournalEntry.objects.count()
    run(company)
    assert (state(company), Movement.objects.count(), JournalEntry.objects.count()) == before
    assert sick(company) == []


def test_an_invoice_paid_again_after_a_return_is_settled(company, dubois, invoice):
    cast.bank_line(company, 120_000, "PRLV DUBOIS FACT-2025-0012", end_to_end_id="E1")
    returned(company, end_to_end_id="E1")
    cast.bank_line(company, 120_000, "VIR DUBOIS FACT-2025-0012", booked_date=LATER)
    assert len(run(company).matched) == 3
    assert refreshed(invoice)[0].open_cents == 0
    assert sick(company) == []
