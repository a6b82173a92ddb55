"""A person says what a bank line pays: documents of a customer with amounts, or the customer's account."""

from collections.abc import Sequence

from django.db import transaction

from encours.actions.apply_matches import Line, apply_matches
from encours.actions.supersede_proposals import supersede_proposals
from encours.actions.unable_to_match import DOCUMENTS_MOVED, UnableToMatch
from encours.core.invoices import balance_sign
from encours.core.ledger import Portion
from encours.core.matching.decide import Decision, Settled
from encours.core.matching.reasons import BY_HAND, ON_ACCOUNT
from encours.core.wording import Wording
from encours.store.models import Company, Customer, Document, Match, Transaction

RULE = "by_hand"
NO_LINE = Wording(
    "match.no_line",
    fr="Cette ligne de banque n'attend pas de rapprochement : elle est déjà rapprochée, écartée, ou c'est un débit.",
    en="This bank line does not wait for a match: it is matched, set aside, or a debit.",
)
WRONG_DOCUMENTS = Wording(
    "match.wrong_documents",
    fr="Choisissez des documents ouverts du même client, avec des montants positifs qui ne dépassent pas la ligne.",
    en="Choose open documents of one customer, with positive amounts that do not exceed the line.",
)


@transaction.atomic
def match_by_hand(
    *, company: Company, transaction_id: int, customer_id: int, portions: Sequence[Portion], actor: str
) -> int:
    """Id of the applied match. What no document takes stays the customer's credit; no portion: all of it.

    A portion of a credit note uses it up along with the line: it adds to what the invoices can take. The same
    request again answers with the same match. Raises `UnableToMatch`.
    """
    line = Transaction.objects.select_for_update().filter(company=company, pk=transaction_id).first()
    if line is None or not Customer.objects.filter(company=company, pk=customer_id).exists():
        raise UnableToMatch(NO_LINE())
    settled = _settled(company, customer_id, portions)
    known = Match.objects.filter(company=company, transaction=line, state=Match.State.APPLIED).first()
    if known is not None:
        if known.customer_id == customer_id and {Settled(**each) for each in known.lines} == set(settled):
            return known.pk
        raise UnableToMatch(NO_LINE())
    if line.state not in (Transaction.State.NEW, Transaction.State.PROPOSED) or line.amount_cents <= 0:
        raise UnableToMatch(NO_LINE())
    if sum(each.allocated_cents for each in settled) > line.amount_cents:
        raise UnableToMatch(WRONG_DOCUMENTS())
    numbers = ", ".join(each.number for each in settled)
    decision = Decision(
        line_id=line.pk,
        outcome="automatic",
        reason=BY_HAND(numbers=numbers) if settled else ON_ACCOUNT(),
        rule=RULE,
        confidence=1.0,
        customer_id=customer_id,
        lines=settled,
    )
    supersede_proposals(company=company, line_ids=[line.pk])
    applied = apply_matches(
        company=company,
        decisions=[decision],
        lines={line.pk: Line(line.pk, line.amount_cents, line.currency, line.booked_date)},
        actor=actor,
    )
    if not applied:
        raise UnableToMatch(DOCUMENTS_MOVED())
    return Match.objects.get(company=company, transaction=line, state=Match.State.APPLIED).pk


def _settled(company: Company, customer_id: int, portions: Sequence[Portion]) -> tuple[Settled, ...]:
    wanted = {portion.document_id: portion.amount_cents for portion in portions}
    documents = Document.objects.filter(company=company, customer_id=customer_id, pk__in=wanted)
    found = {document.pk: document for document in documents}
    if len(wanted) != len(portions) or found.keys() != wanted.keys() or any(v <= 0 for v in wanted.values()):
        raise UnableToMatch(WRONG_DOCUMENTS())
    return tuple(
        Settled(key, found[key].number, cents if _adds(found[key]) else -cents)
        for key, cents in wanted.items()
    )


def _adds(document: Document) -> bool:
    """Whether the document adds to what the customer owes, used up or not."""
    return balance_sign(document.type) * document.payable_cents > 0
