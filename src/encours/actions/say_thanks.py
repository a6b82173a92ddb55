"""Thanks a customer who was reminded and has paid all that was late: one message at most per cycle, where the company
wants it. It goes through the outbox like any other, and is looked at once more before it leaves."""

from datetime import date, timedelta

import polars as pl
from django.db import connection

from encours.actions.journal import record
from encours.core.dunning import Checked, Situation
from encours.core.dunning.checking import BY_POLICY
from encours.core.dunning.policy import TEMPLATES
from encours.core.letter_templates.library import THANK_YOU
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.queries.letter_settings import letter_settings
from encours.store.models import Company, Message, Receivable

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
                    AND (m.state IN ('waiting', 'approved', 'claimed', 'unknown') OR (m.template = %s AND m.id > l.id)))
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
            [own, since, str(on), list(TEMPLATES[1:]), own, max(1, settings.thanks_min_cents), own, str(on), own, THANK_YOU],
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


def check_thanks(*, company: Company, message: Message, situation: Situation, on: date) -> Checked:
    """Whether thanks are still in place; they ask for nothing."""
    nothing = pl.DataFrame(
        schema={
            "document_id": pl.Int64, "position": pl.Int64, "due_date": pl.Date, "step_code": pl.String,
            "open_cents": pl.Int64, "remaining_cents": pl.Int64,
        }
    )  # fmt: skip
    return Checked(lines=nothing, dropped=nothing, cancelled=_why_not(company, message, situation, on))


def _why_not(company: Company, message: Message, situation: Situation, on: date) -> Sentence | None:
    late = Receivable.objects.filter(
        company_id=company.pk,
        customer_id=message.customer_id,
        currency=message.currency,
        open_cents__gt=0,
        due_date__lt=on,
    )
    if late.exists():
        return LATE_AGAIN()
    reached = situation.customers.row(0, named=True)
    return None if reached["email"] and not reached["bounced"] else NO_ADDRESS()
