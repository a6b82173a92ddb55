"""An answer given by a slip is taken back at once: the line, its proposals and every balance stand as before.

Dubois (good payer) owes FACT-1 of 1,200 €, Lefèvre FACT-2 of 1,200 €; a transfer of 1,200 € without a text could be either.
"""

from datetime import date

import pytest

from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.retract_answer import retract_answer
from encours.actions.set_aside import set_aside
from encours.actions.undo_match import undo_match
from encours.core.ledger import Portion
from encours.store.models import CustomerBalance, Document, JournalEntry, Match, Payment
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)
CLAIRE, PAUL = "user:1", "user:2"


@pytest.fixture
def line(company):
    for number, who in enumerate((cast.good_payer(company), cast.late_payer(company)), 1):
        cast.invoice(company, who, f"FACT-{number}", payable_cents=120_000, issue_date=JAN)
    return cast.bank_line(company, 120_000, "VIREMENT")


@pytest.fixture
def proposals(company, line):
    """The two documents of 1,200 €, that of Dubois the likelier."""
    found = []
    for document, confidence in zip(Document.objects.order_by("number"), (0.6, 0.3), strict=True):
        settled = [{"document_id": document.pk, "number": document.number, "allocated_cents": 120_000}]
        found.append(
            Match.objects.create(
                company=company, transaction=line, customer_id=document.customer_id, state="proposed",
                rule="amount:single", confidence=confidence, lines=settled, decided_by="worker",
                reason={"code": "match.no_reference", "params": {}},
            )
        )  # fmt: skip
    line.state = "proposed"
    line.save()
    return found


def standing(line):
    """The line's state, its proposals, and all that is owed."""
    line.refresh_from_db()
    proposed = Match.objects.filter(transaction=line, state="proposed").order_by("-confidence")
    return (
        line.state,
        [(match.customer_id, match.rule, match.confidence, match.lines) for match in proposed],
        sorted(Document.objects.values_list("number", "open_cents")),
        sorted(CustomerBalance.objects.values_list("customer_id", "owed_cents")),
        Payment.objects.filter(reversed_at=None).count(),
    )


def retract(company, line, actor=CLAIRE):
    return retract_answer(company=company, transaction_id=line.pk, on=MARCH, actor=actor)


def accept(company, line, proposals):
    confirm_match(company=company, match_id=proposals[1].pk, actor=CLAIRE)


def reject(company, line, proposals):
    reject_match(company=company, match_id=proposals[0].pk, actor=CLAIRE)


def put_aside(company, line, proposals):
    set_aside(company=company, transaction_id=line.pk, reason="Erreur", actor=CLAIRE)


def choose_by_hand(company, line, proposals):
    document = Document.objects.get(number="FACT-1")
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=document.customer_id,
        portions=[Portion(document.pk, 70_000)], actor=CLAIRE,
    )  # fmt: skip


@pytest.mark.parametrize("answer", [accept, reject, put_aside, choose_by_hand])
def test_every_answer_can_be_taken_back_and_given_again(company, line, proposals, answer):
    before = standing(line)
    answer(company, line, proposals)
    assert standing(line) != before
    retract(company, line)
    assert standing(line) == before
    again = list(Match.objects.filter(transaction=line, state="proposed").order_by("-confidence"))
    answer(company, line, again)
    retract(company, line)
    assert standing(line) == before
    assert JournalEntry.objects.filter(action="answer.retracted").count() == 2


def test_what_was_accepted_by_a_slip_may_be_accepted_after_all(company, line, proposals):
    accept(company, line, proposals)
    retract(company, line)
    again = Match.objects.get(transaction=line, state="proposed", customer=proposals[1].customer_id)
    confirm_match(company=company, match_id=again.pk, actor=CLAIRE)
    assert Document.objects.get(number="FACT-2").open_cents == 0
    assert Match.objects.get(pk=proposals[1].pk).state == "retracted"


def test_it_teaches_nothing_as_undoing_does(company, line, proposals):
    """The next run proposes again what was taken back, and never again what was undone."""
    accept(company, line, proposals)
    retract(company, line)
    reconcile(company=company, on=MARCH, actor="cli")
    customers = set(Match.objects.filter(state="proposed").values_list("customer_id", flat=True))
    assert proposals[1].customer_id in customers
    match = Match.objects.get(state="proposed", customer=proposals[1].customer_id)
    confirm_match(company=company, match_id=match.pk, actor=CLAIRE)
    undo_match(company=company, match_id=match.pk, on=MARCH, actor=CLAIRE)
    reconcile(company=company, on=MARCH, actor="cli")
    customers = set(Match.objects.filter(state="proposed").values_list("customer_id", flat=True))
    assert proposals[1].customer_id not in customers


def test_only_the_last_answer_and_only_ones_own(company, line, proposals):
    with pytest.raises(UnableToMatch, match="nothing_to_retract"):
        retract(company, line)
    accept(company, line, proposals)
    with pytest.raises(UnableToMatch, match="nothing_to_retract"):
        retract(company, line, PAUL)
    undo_match(company=company, match_id=proposals[1].pk, on=MARCH, actor=PAUL)
    with pytest.raises(UnableToMatch, match="nothing_to_retract"):
        retract(company, line)


def test_twice_is_once(company, line, proposals):
    accept(company, line, proposals)
    retract(company, line)
    before = standing(line)
    with pytest.raises(UnableToMatch, match="nothing_to_retract"):
        retract(company, line)
    assert standing(line) == before


def test_a_line_of_another_company_is_not_touched(company, other_company, line, proposals):
    accept(company, line, proposals)
    before = standing(line)
    with company_scope(other_company.pk):
        for asked in (company, other_company):
            with pytest.raises(UnableToMatch):
                retract(asked, line)
    assert standing(line) == before
