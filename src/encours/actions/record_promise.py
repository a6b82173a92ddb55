"""Writes down what a customer promised to pay by a day: the documents of the promise are not reminded before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction

from encours.actions.choose_documents import Refusals, choose_documents, promises_ended
from encours.actions.journal import record
from encours.actions.withdraw_promise import end_promise
from encours.core.cases.promises import spread
from encours.core.money import Money
from encours.core.wording import Sentence, Wording
from encours.queries.free_amounts import FreeDocument, free_documents
from encours.store.models import Company, Customer, Promise, PromiseDocument

# Further away than this nobody waits: it is a payment plan, or no promise.
LONGEST_DAYS = 366

PAST_DATE = Wording(
    "promise_in_the_past",
    fr="On ne promet pas pour le {promised}, qui est passé.",
    en="A promise is not for {promised}, which has passed.",
)
FAR_DATE = Wording(
    "promise_too_far",
    fr="Une promesse est pour un jour d'ici à un an, pas pour le {promised}.",
    en="A promise is for a day within a year, not for {promised}.",
)
NOT_POSITIVE = Wording(
    "promise_not_positive",
    fr="Le montant promis est supérieur à zéro.",
    en="The promised amount is more than zero.",
)
UNKNOWN_DOCUMENT = Wording(
    "promise_unknown_document",
    fr="Un des documents n'est pas une pièce ouverte de ce client.",
    en="One of the documents is no open document of this customer.",
)
NOTHING_OWED = Wording(
    "promise_nothing_owed",
    fr="Ce client ne doit rien qui puisse être promis : rien d'échu d'ici là qui ne soit en litige ou dans un échéancier.",
    en="This customer owes nothing that could be promised: nothing due by then that is not in dispute or in a payment plan.",
)
TOO_MUCH = Wording(
    "promise_exceeds_open",
    fr="{asked} sont promis, {open} peuvent l'être sur ces documents.",
    en="{asked} is promised, {open} could be on these documents.",
)
SEVERAL_CURRENCIES = Wording(
    "promise_several_currencies",
    fr="Ces documents sont en plusieurs devises : une promesse par devise.",
    en="These documents are in several currencies: one promise for each.",
)
IN_PLAN = Wording(
    "promise_in_plan",
    fr="Le document {number} est dans un échéancier en cours : c'est lui qui dit quand il se paie.",
    en="Document {number} is in a payment plan: the plan says when it is paid.",
)
IN_DISPUTE = Wording(
    "promise_in_dispute",
    fr="Le document {number} est en litige : résolvez-le d'abord.",
    en="Document {number} is in dispute: resolve that first.",
)
PROMISED_WITH_OTHERS = Wording(
    "promise_with_others",
    fr="Le document {number} est déjà promis avec d'autres pour le {promised} : retirez d'abord cette promesse.",
    en="Document {number} is promised already, with others, for {promised}: withdraw that promise first.",
)


class UnableToRecordPromise(Exception):
    """Nothing was written. `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


_REFUSALS = Refusals(
    error=UnableToRecordPromise,
    unknown=UNKNOWN_DOCUMENT,
    several_currencies=SEVERAL_CURRENCIES,
    in_plan=IN_PLAN,
    in_dispute=IN_DISPUTE,
    promised_with_others=PROMISED_WITH_OTHERS,
)


@transaction.atomic
def record_promise(
    *,
    company: Company,
    customer_id: int,
    document_ids: Collection[int] | None = None,
    promised_date: date,
    amount_cents: int | None = None,
    note: str = "",
    source: str = "",
    message_id: int | None = None,
    on: date,
    actor: str,
) -> Promise:
    """A promise to pay documents, or without them all that is overdue (nothing is: what falls due by the promised day);
    the whole of what these owe, or an amount of it.

    It holds its documents whole, also where the amount is less than they owe: a customer that is asked for the rest in
    the same week hears that nobody listened. What is in dispute or in a plan is not promised with "all". A promise
    for another day of the same money takes the place of the one before; one for other money stands beside it.
    `source` is who said it and how, `message_id` the reply that did. Raises `UnableToRecordPromise`.
    """
    Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    _check_date(promised_date, on)
    if amount_cents is not None and amount_cents <= 0:
        raise UnableToRecordPromise(NOT_POSITIVE())
    found = free_documents(company=company, customer_id=customer_id)
    if document_ids is None:
        chosen = _unnamed(company, found, promised_date, amount_cents, on)
    else:
        chosen = choose_documents(found=found, document_ids=document_ids, refusals=_REFUSALS)
    replaced = _replaced(company, chosen, amount_cents)
    free = _free_cents(chosen, replaced)
    wanted_cents = sum(free.values()) if amount_cents is None else amount_cents
    parts = spread(amount_cents=wanted_cents, free_cents=free, is_named=document_ids is not None)
    currency = chosen[0].currency
    if not sum(parts.values()):
        raise UnableToRecordPromise(NOTHING_OWED())
    if sum(parts.values()) < wanted_cents:
        raise UnableToRecordPromise(
            TOO_MUCH(asked=Money(wanted_cents, currency), open=Money(sum(free.values()), currency))
        )
    promise = Promise.objects.create(
        company=company,
        customer_id=customer_id,
        currency=currency,
        amount_cents=wanted_cents,
        promised_date=promised_date,
        grace_days=company.promise_grace_days,
        recorded_date=on,
        recorded_by=actor,
        source=source.strip(),
        message_id=message_id,
        note=note.strip(),
    )
    for each in replaced:
        end_promise(promise=each, on=on, replaced_by=promise)
    _store_documents(promise, {each.id: each.open_cents for each in chosen}, parts)
    record(
        company=company,
        actor=actor,
        action="promise.recorded",
        subject_type="customer",
        subject_id=customer_id,
        customer_id=customer_id,
        data={
            "promise": promise.pk,
            "amount_cents": wanted_cents,
            "promised_date": promised_date.isoformat(),
            "documents": [
                {"number": each.number, "promised_cents": parts[each.id]}
                for each in chosen
                if each.id in parts
            ],
            "replaces": [each.pk for each in replaced],
            "source": promise.source,
        },
    )
    return promise


def _check_date(promised_date: date, on: date) -> None:
    if promised_date < on:
        raise UnableToRecordPromise(PAST_DATE(promised=promised_date))
    if promised_date > on + timedelta(days=LONGEST_DAYS):
        raise UnableToRecordPromise(FAR_DATE(promised=promised_date))


def _unnamed(
    company: Company, found: Sequence[FreeDocument], promised_date: date, amount_cents: int | None, on: date
) -> list[FreeDocument]:
    """All that is overdue, in the company's currency where some of it is; with an amount that is more, what falls due
    later too."""
    able = [each for each in found if each.uncontested_cents > 0]
    overdue = [each for each in able if each.due_date < on]
    first = overdue or [each for each in able if each.due_date <= promised_date]
    if amount_cents is not None:
        first = first or able
    if not first:
        raise UnableToRecordPromise(NOTHING_OWED())
    currencies = [each.currency for each in first]
    currency = company.currency if company.currency in currencies else currencies[0]
    chosen = [each for each in first if each.currency == currency]
    if amount_cents is not None and sum(each.uncontested_cents for each in chosen) < amount_cents:
        chosen = [each for each in able if each.currency == currency]
    return chosen


def _replaced(company: Company, chosen: Sequence[FreeDocument], amount_cents: int | None) -> list[Promise]:
    """Open promises of the same money, which a new one takes the place of: all of theirs is among the documents chosen,
    and beside them there is not as much left as is promised now."""
    if amount_cents is not None and amount_cents <= sum(each.free_cents for each in chosen):
        return []
    return promises_ended(company=company, chosen=chosen, refusals=_REFUSALS)


def _free_cents(chosen: Sequence[FreeDocument], replaced: Sequence[Promise]) -> Mapping[int, int]:
    """What may be promised of each document once the replaced promises are gone."""
    freed: dict[int, int] = {}
    for promise in replaced:
        for each in promise.documents.all():
            freed[each.document_id] = freed.get(each.document_id, 0) + each.promised_cents
    return {each.id: min(each.free_cents + freed.get(each.id, 0), each.uncontested_cents) for each in chosen}


def _store_documents(promise: Promise, open_cents: Mapping[int, int], parts: Mapping[int, int]) -> None:
    """What may stay open when the promise is kept leaves out what others promised for before; theirs that come
    after leave this one out."""
    beside = PromiseDocument.objects.filter(
        company=promise.company, promise__state=Promise.State.OPEN, document__in=parts
    ).exclude(promise=promise)
    due = {"promise__promised_date__lte": promise.promised_date}
    before: dict[int, int] = {}
    for each in beside.filter(**due):
        before[each.document_id] = before.get(each.document_id, 0) + each.promised_cents
    PromiseDocument.objects.bulk_create(
        PromiseDocument(
            company=promise.company,
            promise=promise,
            document_id=document_id,
            promised_cents=cents,
            rest_cents=max(open_cents[document_id] - cents - before.get(document_id, 0), 0),
        )
        for document_id, cents in parts.items()
    )
    for each in beside.exclude(**due).filter(rest_cents__gt=0):
        each.rest_cents = max(each.rest_cents - parts[each.document_id], 0)
        each.save(update_fields=["rest_cents"])
