"""Customers: the list with what each owes, one customer with all that concerns them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    FilteredRelation,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan

from encours.core.parties import bank_name
from encours.queries.paging import Page, page_of
from encours.store.models import (
    Company,
    Contact,
    Customer,
    CustomerBalance,
    Document,
    Hold,
    JournalEntry,
    Message,
    Payment,
    Receivable,
)

STATES = ("owing", "overdue", "credit", "held", "unreachable")
SORTS = {"name": ("name", "id"), "code": ("code", "id"), "owed": ("owed_cents", "balance__id", "id")}
EXPORT_ROWS_AT_ONCE = 1000
TIMELINE_LENGTH = 40
# what stands in the timeline already, as money, as a message, or beside the invoice it settles
_TOLD_OTHERWISE = frozenset({"payment.allocated", "match.applied", "message.sent"})


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers; empty means any. `overdue` and the amounts are in the company's currency."""

    text: str = ""
    state: str = ""
    segment: str = ""
    sort: str = ""

    @property
    def order(self) -> str:
        return self.sort if self.sort.lstrip("-") in SORTS else "-owed"


@dataclass(frozen=True)
class Sums:
    """What a customer's account says in one currency."""

    owed_cents: int
    credit_cents: int  # credit notes not used, negative
    unallocated_cents: int  # money not allocated, positive
    overdue_cents: int

    @property
    def balance_cents(self) -> int:
        """Owed, less credits and unallocated money."""
        return self.owed_cents + self.credit_cents - self.unallocated_cents

    @property
    def credit_total_cents(self) -> int:
        """What the customer may still use: credit notes and unallocated money, as a positive number."""
        return self.unallocated_cents - self.credit_cents


@dataclass(frozen=True)
class CustomerRow(Sums):
    """One line of the list; the sums are in the company's currency."""

    id: int
    code: str
    name: str
    city: str
    segment: str
    oldest_due_date: date | None
    late_count: int
    is_held: bool
    email: str


def customers_page(
    *, company: Company, wanted: CustomerFilter, on: date, number: int, size: int
) -> Page[CustomerRow]:
    """A page of customers in the order asked for. At most five queries."""
    found = _matching(company, wanted, on)
    page = None
    if wanted.order == "-owed" and not (wanted.text or wanted.state or wanted.segment):
        # as long as those who owe fill the page, nobody else is looked at
        owing = replace(wanted, state="owing")
        ordered = _ordered(_matching(company, owing, on), owing)
        page = page_of(ordered, number=number, size=size, counted=found)
    if page is None or not page.has_next:
        page = page_of(_ordered(found, wanted), number=number, size=size)
    return page.with_rows(_rows(company, page.rows, on))


def _ordered(found: QuerySet[Customer], wanted: CustomerFilter) -> QuerySet[Customer]:
    columns = SORTS[wanted.order.lstrip("-")]
    if wanted.state in ("owing", "overdue") and columns == SORTS["owed"]:
        # everybody listed owes something: the index of balances gives the order
        columns = ("balances__owed_cents", "balances__id")
    is_down = wanted.order.startswith("-")
    return found.order_by(*(F(c).desc() if is_down else F(c).asc() for c in columns))


def export_customers(
    *, company: Company, wanted: CustomerFilter, on: date, after_id: int = 0
) -> list[CustomerRow]:
    """The next rows of an export in the order of their ids, to be asked for until none comes."""
    found = _matching(company, wanted, on).filter(pk__gt=after_id).order_by("pk")
    return _rows(company, found[:EXPORT_ROWS_AT_ONCE], on)


def segments(*, company: Company) -> list[str]:
    """The segments in use."""
    used = Customer.objects.filter(company=company).exclude(segment="").order_by("segment")
    return list(used.values_list("segment", flat=True).distinct()[:100])


def customer_name(*, company: Company, customer_id: int) -> str:
    """Empty when the company has no such customer."""
    found = Customer.objects.filter(company=company, pk=customer_id).values_list("name", flat=True).first()
    return found or ""


def _matching(company: Company, wanted: CustomerFilter, on: date) -> QuerySet[Customer]:
    found = Customer.objects.filter(company=company).annotate(
        balance=FilteredRelation("balances", condition=Q(balances__currency=company.currency)),
        owed_cents=Coalesce(F("balance__owed_cents"), Value(0), output_field=BigIntegerField()),
        credit_cents=Coalesce(F("balance__credit_cents"), Value(0), output_field=BigIntegerField()),
        unallocated_cents=Coalesce(F("balance__unallocated_cents"), Value(0), output_field=BigIntegerField()),
    )
    if wanted.text:
        said = (
            Q(name__icontains=wanted.text)
            | Q(code__istartswith=wanted.text)
            | Q(city__istartswith=wanted.text)
        )
        searched = bank_name(wanted.text)
        if searched:
            said |= Q(search_name__contains=searched)
        digits = "".join(wanted.text.split())
        if digits.isdigit():
            said |= Q(siren=digits) | Q(siret=digits)
        found = found.filter(said)
    if wanted.segment:
        found = found.filter(segment=wanted.segment)
    owes = {
        "balances__company": company,
        "balances__currency": company.currency,
        "balances__owed_cents__gt": 0,
    }
    if wanted.state == "owing":
        found = found.filter(**owes)
    elif wanted.state == "overdue":
        found = found.filter(_is_late(company, on), **owes)
    elif wanted.state == "credit":
        found = found.filter(Q(balance__credit_cents__lt=0) | Q(balance__unallocated_cents__gt=0))
    elif wanted.state == "held":
        found = found.filter(pk__in=_active_holds(company, on).values("customer_id"))
    elif wanted.state == "unreachable":
        written_to = Contact.objects.filter(company=company, bounced_at=None).exclude(email="")
        found = found.exclude(pk__in=written_to.values("customer_id"))
    return found


def _is_late(company: Company, on: date) -> Q:
    """Owes a document, or an instalment of one, that is past its date: one index probe per customer looked at.

    The earliest date rather than EXISTS, which PostgreSQL turns into a join that reads all their documents.
    """
    whole = _owed_whole(company).filter(customer=OuterRef("pk")).order_by("due_date")
    earliest = LessThan(Subquery(whole.values("due_date")[:1]), Value(on))
    return Q(earliest) | Q(pk__in=_late_instalments(company, on).values("customer_id"))


def _owed_whole(company: Company) -> QuerySet[Document]:
    """Documents still owed that have one due date. Read from the index `document_open_customer` alone."""
    return Document.objects.filter(~Q(open_cents=0), company=company, open_cents__gt=0, instalment_count=0)


def _late_instalments(company: Company, on: date) -> QuerySet[Receivable]:
    return Receivable.objects.filter(company_id=company.pk, position__gt=0, open_cents__gt=0, due_date__lt=on)


def _active_holds(company: Company, on: date) -> QuerySet[Hold]:
    return Hold.objects.filter(
        Q(until_date=None) | Q(until_date__gte=on), company=company, released_at=None, from_date__lte=on
    )


def _rows(company: Company, customers: Any, on: date) -> list[CustomerRow]:
    shown = list(customers)
    ids = [customer.pk for customer in shown]
    late = _late_of(company, ids, on)
    held = set(_active_holds(company, on).filter(customer_id__in=ids).values_list("customer_id", flat=True))
    emails = dict(
        Contact.objects.filter(company=company, customer_id__in=ids, is_primary=True).values_list(
            "customer_id", "email"
        )
    )
    return [
        CustomerRow(
            id=c.pk,
            code=c.code,
            name=c.name,
            city=c.city,
            segment=c.segment,
            owed_cents=c.owed_cents,
            credit_cents=c.credit_cents,
            unallocated_cents=c.unallocated_cents,
            overdue_cents=sum(part.cents for part in late.get(c.pk, ())),
            oldest_due_date=min((part.oldest for part in late.get(c.pk, ())), default=None),
            late_count=sum(part.count for part in late.get(c.pk, ())),
            is_held=c.pk in held,
            email=emails.get(c.pk, ""),
        )
        for c in shown
    ]


class _Late(NamedTuple):
    customer_id: int
    cents: int
    oldest: date
    count: int


def _late_of(company: Company, customer_ids: list[int], on: date) -> dict[int, list[_Late]]:
    """What is overdue in the company's currency: of whole documents, and of those with instalments.

    Apart because the first is most of it, and needs nothing but an index; through the view each document is read.
    """
    wanted = {"customer_id__in": customer_ids, "currency": company.currency, "due_date__lt": on}
    columns = ("customer_id", "cents", "oldest", "count")
    whole = _owed_whole(company).filter(**wanted).values("customer_id")
    split = _late_instalments(company, on).filter(**wanted).values("customer_id")
    rows = (
        whole.annotate(cents=Sum("open_cents"), oldest=Min("due_date"), count=Count("*"))
        .values_list(*columns)
        .union(
            split.annotate(
                cents=Sum("open_cents"), oldest=Min("due_date"), count=Count("document_id", distinct=True)
            ).values_list(*columns),
            all=True,
        )
    )
    late: dict[int, list[_Late]] = {}
    for row in rows:
        late.setdefault(row[0], []).append(_Late(*row))
    return late


@dataclass(frozen=True)
class Account(Sums):
    """What a customer owes in `currency`."""

    currency: str


@dataclass(frozen=True)
class Event:
    """One line of a customer's timeline. `kind` says which of the other fields are filled.

    `subject_id` is the document, the bank line a receipt came by (None without one), the message or the journal entry.
    `count` is how many times the same thing was written into the journal on that day.
    """

    at: date | datetime
    kind: str  # issued, received, message, journal
    subject_id: int | None = None
    text: str = ""
    amount_cents: int | None = None
    currency: str = ""
    state: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    count: int = 1

    @property
    def day(self) -> date:
        return self.at.date() if isinstance(self.at, datetime) else self.at


@dataclass(frozen=True)
class CustomerDetail:
    """A customer and all that concerns them, ready to show."""

    customer: Customer
    accounts: list[Account]  # the company's currency first
    contacts: list[Contact]
    open_documents: Sequence[Document]
    open_is_capped: bool
    payments: list[Payment]
    messages: list[Message]
    holds: list[Hold]
    events: list[Event]


OPEN_SHOWN = 50


def customer_of(*, company: Company, customer_id: int) -> Customer | None:
    """The customer alone; None when the company has no such customer."""
    return Customer.objects.filter(company=company, pk=customer_id).select_related("policy").first()


def customer_detail(*, company: Company, customer_id: int, on: date) -> CustomerDetail | None:
    """None when the company has no such customer."""
    customer = customer_of(company=company, customer_id=customer_id)
    if customer is None:
        return None
    own: dict[str, Any] = {"company": company, "customer": customer}
    open_documents = list(
        Document.objects.filter(~Q(open_cents=0), **own).order_by("due_date", "pk")[: OPEN_SHOWN + 1]
    )
    payments = list(
        Payment.objects.filter(**own).select_related("transaction").order_by("-received_date", "-pk")[:20]
    )
    messages = list(Message.objects.filter(**own).order_by("-planned_date", "-pk")[:20])
    return CustomerDetail(
        customer=customer,
        accounts=_accounts(company, customer, on),
        contacts=list(Contact.objects.filter(**own).order_by("-is_primary", "name", "pk")),
        open_documents=open_documents[:OPEN_SHOWN],
        open_is_capped=len(open_documents) > OPEN_SHOWN,
        payments=payments,
        messages=messages,
        holds=list(
            Hold.objects.filter(released_at=None, **own)
            .select_related("document")
            .order_by("-from_date", "pk")
        ),
        events=_events(own, payments, messages),
    )


def contact_of(*, company: Company, customer_id: int, contact_id: int) -> Contact | None:
    return (
        Contact.objects.filter(company=company, customer_id=customer_id, pk=contact_id)
        .select_related("customer")
        .first()
    )


def _accounts(company: Company, customer: Customer, on: date) -> list[Account]:
    overdue = dict(
        Receivable.objects.filter(
            company_id=company.pk, customer_id=customer.pk, open_cents__gt=0, due_date__lt=on
        )
        .values_list("currency")
        .annotate(cents=Sum("open_cents"))
    )
    found = [
        Account(
            currency=balance.currency,
            owed_cents=balance.owed_cents,
            credit_cents=balance.credit_cents,
            unallocated_cents=balance.unallocated_cents,
            overdue_cents=overdue.get(balance.currency, 0),
        )
        for balance in CustomerBalance.objects.filter(company=company, customer=customer)
    ]
    if not any(account.currency == company.currency for account in found):
        found.append(
            Account(
                currency=company.currency,
                owed_cents=0,
                credit_cents=0,
                unallocated_cents=0,
                overdue_cents=0,
            )
        )
    return sorted(found, key=lambda account: (account.currency != company.currency, account.currency))


def _events(own: dict[str, Any], payments: list[Payment], messages: list[Message]) -> list[Event]:
    """What happened lately, newest first: documents, money, messages, and what the journal says besides."""
    issued = Document.objects.filter(**own).order_by("-issue_date", "-pk")[:20]
    told = JournalEntry.objects.filter(company=own["company"], customer_id=own["customer"].pk).order_by(
        "-sequence"
    )
    events = [
        Event(
            at=d.issue_date, kind="issued", subject_id=d.pk, text=d.number, amount_cents=d.payable_cents,
            currency=d.currency, state=d.type,
        )
        for d in issued
    ]  # fmt: skip
    events += [
        Event(
            at=p.received_date, kind="received", subject_id=p.transaction_id, text=p.label, amount_cents=p.amount_cents,
            currency=p.currency, state="reversed" if p.reversed_at else "",
        )
        for p in payments
    ]  # fmt: skip
    events += [
        Event(
            at=m.sent_date or m.planned_date, kind="message", subject_id=m.pk, text=m.subject,
            amount_cents=m.amount_cents, currency=m.currency, state=m.state,
            data={"step_code": m.step_code, "recipient": m.recipient},
        )
        for m in messages
    ]  # fmt: skip
    events += [
        Event(at=e.created_at, kind="journal", subject_id=e.pk, text=e.action, state=e.actor, data=e.data)
        for e in told[:100]
        if e.action not in _TOLD_OTHERWISE
    ]
    return _told_once(sorted(events, key=lambda event: event.day, reverse=True))[:TIMELINE_LENGTH]


def _told_once(events: list[Event]) -> list[Event]:
    """What the journal says several times of one day, by the same actor, stands there once with its count."""
    lines: dict[tuple[Any, ...], Event] = {}
    for place, event in enumerate(events):
        key = (event.day, event.text, event.state) if event.kind == "journal" else (place,)
        lines[key] = replace(lines[key], count=lines[key].count + 1) if key in lines else event
    return list(lines.values())
