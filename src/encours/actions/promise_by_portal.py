"""Takes a promise a customer makes by itself, within what the company lets it."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from encours.actions.record_promise import UnableToRecordPromise, record_promise
from encours.core.wording import Sentence, Wording
from encours.queries.portal_acts import PORTAL_SOURCE, last_promise_date
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Customer, Promise

NO_PROMISES = Wording(
    "portal.no_promises",
    fr="Une date ne se promet pas ici : appelez-nous.",
    en="A date cannot be promised here: call us.",
)
TOO_LATE = Wording(
    "portal.promise_too_late",
    fr="Ici, une date se promet jusqu’au {last}. Pour plus tard, demandez un échéancier ou appelez-nous.",
    en="Here a date is promised until {last}. For later, ask for a payment plan or call us.",
)


class UnableToPromiseByPortal(Exception):
    """Nothing was written; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def promise_by_portal(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int],
    promised_date: date,
    amount_cents: int | None = None,
    on: date,
    actor: str,
) -> Promise:
    """All that these documents owe, or an amount of it. Raises `UnableToPromiseByPortal`."""
    if not portal_settings(company=company).allows_promise:
        raise UnableToPromiseByPortal(NO_PROMISES())
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    last = last_promise_date(company=company, customer_id=customer_id, on=on)
    if promised_date > last:
        raise UnableToPromiseByPortal(TOO_LATE(last=last))
    try:
        return record_promise(
            company=company,
            customer_id=customer_id,
            document_ids=document_ids,
            promised_date=promised_date,
            amount_cents=amount_cents,
            source=PORTAL_SOURCE,
            on=on,
            actor=actor,
        )
    except UnableToRecordPromise as error:
        raise UnableToPromiseByPortal(error.sentence) from error
