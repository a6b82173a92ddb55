"""Thanks for money: who paid in the portal gets a receipt of that payment, once; who was reminded and has paid all that was
late by other means, one thank-you at most per cycle. Both where the company wants it, never both for the same money. They
go through the outbox like any other message, and are looked at once more before they leave."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
from django.conf import settings as django_settings
from django.db import connection

from encours.actions.defer_job import defer
from encours.actions.journal import record
from encours.actions.open_task import open_task
from encours.core.dunning import Checked, Situation
from encours.core.dunning.checking import BY_POLICY
from encours.core.dunning.policy import TEMPLATES
from encours.core.letter_templates.library import INVITATION, RECEIPT, THANK_YOU
from encours.core.money import Money
from encours.core.payments.charges import RETURNED, SUCCEEDED
from encours.core.wording import Sentence, Wording
from encours.queries.letter_settings import letter_settings
from encours.queries.portal_settings import portal_settings
from encours.store.models import Charge, Company, Message, Receivable

# Money that comes later than this was not brought by the reminder.
REMINDED_WITHIN_DAYS = 60

PAID = Wording(
    "thanks.paid",
    fr="{amount} reçus : plus rien n’est en retard",
    en="{amount} received: nothing is late any more",
)
LATE_AGAIN = Wording(
    "thanks.late_again",
    fr="Quelque chose est de nouveau en retard : pas de remerciement",
    en="Something is late again: no thanks are said",
)
NO_ADDRESS = Wording(
    "thanks.no_address",
    fr="Aucune adresse e-mail ne joint ce client",
    en="No e-mail address reaches this customer",
)
PAID_ONLINE = Wording(
    "receipt.planned",
    fr="{amount} payés en ligne : le reçu part au client",
    en="{amount} paid online: the receipt goes to the customer",
)
MONEY_WENT_BACK = Wording(
    "receipt.money_went_back",
    fr="L’argent est reparti entre-temps : pas de reçu",
    en="The money has gone back meanwhile: no receipt",
)
EXPLAIN = Wording(
    "receipt.explain",
    fr="Paiement reparti après son reçu : l’expliquer au client",
    en="A payment went back after its receipt: explain it to the customer",
)
EXPLAIN_NOTE = Wording(
    "receipt.explain_note",
    fr="{amount} (référence {reference}) étaient reçus le {day}, et le client en a le reçu. L’argent est reparti : {failure} Ses "
    "factures sont de nouveau ouvertes. Écrivez-lui ou appelez-le avant toute relance.",
    en="{amount} (reference {reference}) were received on {day}, and the customer has the receipt. The money has gone back: "
    "{failure} Its invoices are open again. Write or call before any reminder.",
)
PORTAL_CLOSED = Wording("invitation.portal_closed", fr="L’espace client est fermé", en="The portal is closed")
NO_REASON = Wording("receipt.no_reason", fr="sans motif donné.", en="no reason given.")

# The last reminder of each customer and currency, if all that is late has been paid since, and by money: a credit note or a
# write-off is nothing to thank for.
_PAID_UP = """
SELECT l.customer_id, l.currency, paid.cents FROM (
  SELECT DISTINCT ON (customer_id, currency) id, customer_id, currency, sent_date FROM store_message
  WHERE company_id = %s AND state = 'sent' AND sent_date BETWEEN %s AND %s AND template = ANY(%s)
  ORDER BY customer_id, currency, sent_date DESC, id DESC) l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(a.amount_cents), 0)::bigint AS cents FROM store_allocation a
  JOIN store_payment p ON p.id = a.payment_id AND p.company_id = a.company_id
  WHERE a.company_id = %s AND a.undone_at IS NULL AND p.received_date >= l.sent_date
    AND a.document_id IN (SELECT document_id FROM store_reminder r WHERE r.company_id = a.company_id AND r.message_id = l.id AND r.counts)) paid
WHERE paid.cents >= %s
  AND NOT EXISTS (SELECT FROM store_receivable o WHERE o.company_id = %s AND o.customer_id = l.customer_id
                    AND o.currency = l.currency AND o.open_cents > 0 AND o.due_date < %s)
  AND NOT EXISTS (SELECT FROM store_message m WHERE m.company_id = %s AND m.customer_id = l.customer_id AND m.currency = l.currency
                    AND (m.state IN ('waiting', 'approved', 'claimed', 'unknown') OR (m.template = ANY(%s) AND m.id > l.id)))
ORDER BY l.customer_id, l.currency
"""


def say_thanks(*, company: Company, on: date, actor: str) -> int:
    """Puts a thank-you into the outbox for each customer who has paid up; how many. None unless the company wants it, and
    none below its least amount. Call it in a transaction."""
    settings = letter_settings(company=company)
    if not settings.says_thanks:
        return 0
    own = company.pk
    since = str(on - timedelta(days=REMINDED_WITHIN_DAYS))
    with connection.cursor() as cursor:
        cursor.execute(
            _PAID_UP,
            [own, since, str(on), list(TEMPLATES[1:]), own, max(1, settings.thanks_min_cents), own, str(on), own, [THANK_YOU, RECEIPT]],
        )  # fmt: skip
        paid_up = cursor.fetchall()
    made = Message.objects.bulk_create(
        Message(
            company=company,
            customer_id=customer_id,
            channel="email",
            template=THANK_YOU,
            step_code="",
            currency=currency,
            amount_cents=cents,
            planned_date=on,
            state=Message.State.APPROVED,
            reason=PAID(amount=Money(cents, currency)).as_json(),
            approval="automatic",
            approved_by=BY_POLICY,
        )
        for customer_id, currency, cents in paid_up
    )
    if made:
        record(
            company=company, actor=actor, action="thanks.planned", subject_type="company", subject_id=company.pk,
            data={"on": on.isoformat(), "messages": len(made)},
        )  # fmt: skip
    return len(made)


def receipt_charges(*, company: Company, charges: Sequence[Charge], on: date, actor: str) -> int:
    """Puts a receipt into the outbox for each of these charges that a customer paid in the portal and that has none yet;
    how many. None in test mode, ours or the service's. Call it in the transaction that books the charges, which are
    locked."""
    wanted = [
        charge
        for charge in charges
        if charge.origin == Charge.Origin.CUSTOMER
        and charge.state == SUCCEEDED
        and charge.payment_id is not None
        and charge.receipt_message_id is None
        and not (charge.connection.settings.get("merchant") or {}).get("is_test")
    ]
    if not wanted or company.is_test_mode or not portal_settings(company=company).sends_receipts:
        return 0
    for charge in wanted:
        amount = Money(charge.received_cents, charge.currency)
        message = Message.objects.create(
            company=company,
            customer_id=charge.customer_id,
            channel="email",
            template=RECEIPT,
            step_code="",
            currency=charge.currency,
            amount_cents=charge.received_cents,
            planned_date=on,
            state=Message.State.APPROVED,
            reason=PAID_ONLINE(amount=amount).as_json(),
            approval="automatic",
            approved_by=BY_POLICY,
        )
        charge.receipt_message = message
        record(
            company=company, actor=actor, action="receipt.planned", subject_type="message",
            subject_id=message.pk, customer_id=charge.customer_id, data={"reference": charge.reference},
        )  # fmt: skip
    Charge.objects.bulk_update(wanted, ["receipt_message"])
    defer("send_messages", company_id=company.pk)
    return len(wanted)


def explain_returns(*, company: Company, charges: Sequence[Charge], on: date, actor: str) -> int:
    """Asks a person to explain each of these payments that came back after its receipt had left; how many. A receipt that has
    not left is stopped by its last look. Call it in the transaction that books what went back."""
    receipts = Message.objects.in_bulk(
        [each.receipt_message_id for each in charges if each.state == RETURNED and each.receipt_message_id]
    )
    told = [
        charge
        for charge in charges
        if charge.receipt_message_id in receipts
        and receipts[charge.receipt_message_id].state in (Message.State.SENT, Message.State.UNKNOWN)
    ]
    for charge in told:
        failure = Sentence.from_json(charge.failure) if charge.failure else NO_REASON()
        assert charge.payment is not None, "what was receipted was booked"
        note = EXPLAIN_NOTE(
            amount=Money(charge.received_cents, charge.currency), reference=charge.reference,
            day=charge.payment.received_date, failure=failure,
        )  # fmt: skip
        open_task(
            company=company, customer_id=charge.customer_id, title=EXPLAIN().say(company.language),
            note=note.say(company.language), due_date=on, message_id=charge.receipt_message_id, actor=actor,
        )  # fmt: skip
    return len(told)


def check_thanks(*, company: Company, message: Message, situation: Situation, on: date) -> Checked:
    """Whether thanks, a receipt or an invitation are still in place; they ask for nothing."""
    nothing = pl.DataFrame(
        schema={
            "document_id": pl.Int64, "position": pl.Int64, "due_date": pl.Date, "step_code": pl.String,
            "open_cents": pl.Int64, "remaining_cents": pl.Int64,
        }
    )  # fmt: skip
    return Checked(lines=nothing, dropped=nothing, cancelled=_why_not(company, message, situation, on))


def _why_not(company: Company, message: Message, situation: Situation, on: date) -> Sentence | None:
    if message.template == RECEIPT:
        charge = Charge.objects.filter(company=company, receipt_message=message).first()
        if charge is None or charge.state != SUCCEEDED:
            return MONEY_WENT_BACK()
        return None if _is_reached(situation) else NO_ADDRESS()
    if message.template == INVITATION:
        if not django_settings.PORTAL_URL or not portal_settings(company=company).is_open:
            return PORTAL_CLOSED()
        return None if _is_reached(situation) else NO_ADDRESS()
    late = Receivable.objects.filter(
        company_id=company.pk,
        customer_id=message.customer_id,
        currency=message.currency,
        open_cents__gt=0,
        due_date__lt=on,
    )
    if late.exists():
        return LATE_AGAIN()
    return None if _is_reached(situation) else NO_ADDRESS()


def _is_reached(situation: Situation) -> bool:
    reached = situation.customers.row(0, named=True)
    return bool(reached["email"]) and not reached["bounced"]
