"""Bank lines for the Encaissements page: the list, one line with what explains it, what it could pay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Abs

from encours.core.matching import reasons  # noqa: F401 (stored reasons can be said once these are known)
from encours.core.references import normalised_number
from encours.core.statements import Transaction as Words
from encours.core.tellings import PAYMENT_WORDS, TELLINGS, says_otherwise, telling_from_json
from encours.core.wording import Sentence
from encours.queries.paging import Page, page_of
from encours.store.models import BankAccount, BulkAcceptance, Company, Document, Match, Transaction

STATES = tuple(str(state) for state in Transaction.State.values)
# proposals of a line told beside it: a person chooses at a glance among these
CANDIDATES = 3
LIKELIEST = "likeliest"
# orders of a list; the likeliest proposal first is one of the lines that have a proposal
ORDERS = {
    LIKELIEST: ("-best__confidence", "-amount_cents", "pk"),
    "newest": ("-booked_date", "-pk"),
    "oldest": ("booked_date", "pk"),
    "largest": ("-amount_cents", "-pk"),
}


@dataclass(frozen=True)
class LineFilter:
    """Which lines; empty and None mean any. `direction` is `credit` or `debit`, amounts are without sign,
    `acceptance_id` names the lines of a bulk acceptance."""

    state: str = ""
    account_id: int | None = None
    text: str = ""
    direction: str = ""
    from_date: date | None = None
    until_date: date | None = None
    min_cents: int | None = None
    max_cents: int | None = None
    acceptance_id: int | None = None

    def lines(self, *, company: Company) -> QuerySet[Transaction]:
        """The lines it shows, in no order."""
        found = Transaction.objects.filter(company=company)
        if self.acceptance_id is not None:
            accepted = BulkAcceptance.objects.filter(company=company, pk=self.acceptance_id)
            found = found.filter(pk__in=accepted.values(line_id=Func("line_ids", function="unnest")))
        if self.state:
            found = found.filter(state=self.state)
        if self.account_id is not None:
            found = found.filter(account_id=self.account_id)
        if self.direction:
            found = (
                found.filter(amount_cents__gt=0)
                if self.direction == "credit"
                else found.filter(amount_cents__lt=0)
            )
        if self.from_date:
            found = found.filter(booked_date__gte=self.from_date)
        if self.until_date:
            found = found.filter(booked_date__lte=self.until_date)
        if self.min_cents is not None or self.max_cents is not None:
            found = found.annotate(size_cents=Abs("amount_cents"))
        if self.min_cents is not None:
            found = found.filter(size_cents__gte=self.min_cents)
        if self.max_cents is not None:
            found = found.filter(size_cents__lte=self.max_cents)
        if self.text.strip():
            text = self.text.strip()
            found = found.filter(
                Q(remittance__icontains=text)
                | Q(counterparty_name__icontains=text)
                | Q(bank_reference=text)
                | Q(end_to_end_id=text)
            )
        return found


@dataclass(frozen=True)
class SettledDocument:
    document_id: int
    number: str
    allocated_cents: int


@dataclass(frozen=True)
class ClosedAmount:
    """What a match closes on a document without money; `kind` is that of the movement (discount, bank_fee …)."""

    document_id: int
    number: str
    kind: str
    amount_cents: int


@dataclass(frozen=True)
class Explanation:
    """A match of a line: `Match.State`, with its reason in words."""

    match_id: int
    state: str
    customer_id: int
    customer_name: str
    documents: tuple[SettledDocument, ...]
    closed: tuple[ClosedAmount, ...]
    reason: Sentence
    confidence: float
    decided_by: str

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `explanations[]` as scripts read it."""
        return {
            "match_id": self.match_id,
            "state": self.state,
            "customer_id": self.customer_id,
            "customer": self.customer_name,
            "documents": [
                {
                    "document_id": one.document_id,
                    "number": one.number,
                    "allocated_cents": one.allocated_cents,
                }
                for one in self.documents
            ],
            "adjustments": [
                {
                    "document_id": one.document_id,
                    "number": one.number,
                    "kind": one.kind,
                    "amount_cents": one.amount_cents,
                }
                for one in self.closed
            ],
            "reason": self.reason.say(language),
            "confidence": self.confidence,
            "decided_by": self.decided_by,
        }


@dataclass(frozen=True)
class LineRow:
    """One bank line. `explanation` is its applied or likeliest proposed match, `alternatives` are the next likely
    proposals; `reason` says why there is none."""

    id: int
    account_id: int
    account: str
    booked_date: date
    value_date: date | None
    amount_cents: int
    currency: str
    bank_reference: str
    counterparty_name: str
    remittance: str
    state: str
    explanation: Explanation | None
    alternatives: tuple[Explanation, ...]
    reason: Sentence | None

    @property
    def is_unsettled(self) -> bool:
        """Neither matched nor set aside: somebody, or the next run, has to say what it is."""
        return self.state in (Transaction.State.NEW, Transaction.State.PROPOSED)

    @property
    def may_be_matched(self) -> bool:
        """Only money that came in pays documents."""
        return self.is_unsettled and self.amount_cents > 0

    def as_json(self, language: str) -> dict[str, Any]:
        """One entry of `lines[]` as scripts read it, with the explanation that stands or is likeliest."""
        return {
            "id": self.id,
            "bank_reference": self.bank_reference,
            "account_id": self.account_id,
            "account": self.account,
            "booked_date": self.booked_date.isoformat(),
            "amount_cents": self.amount_cents,
            "currency": self.currency,
            "counterparty": self.counterparty_name,
            "remittance": self.remittance,
            "state": self.state,
            "reason": self.reason.say(language) if self.reason else None,
            "explanations": [self.explanation.as_json(language)] if self.explanation else [],
        }


@dataclass(frozen=True)
class LineDetail:
    """A line with everything ever said about it, newest first, and all that its bank said.

    `alternatives` are further proposals, less likely each; `told_otherwise` is what sources said that the line does not say.
    """

    row: LineRow
    alternatives: tuple[Explanation, ...]
    end_to_end_id: str
    structured_reference: str
    counterparty_iban: str
    operation_code: str
    return_reason: str
    told_otherwise: tuple[Words, ...]
    statement_id: int
    history: tuple[Explanation, ...]
    unallocated_cents: int

    def as_json(self, language: str) -> dict[str, Any]:
        """The line as scripts read it, with everything ever said about it: what stands first, then the newest."""
        told = self.row.as_json(language)
        others = [each for each in self.history if each != self.row.explanation]
        told["explanations"] += [each.as_json(language) for each in others]
        return told


@dataclass(frozen=True)
class CandidateDocument:
    """An open document a line could pay."""

    id: int
    number: str
    type: str
    customer_id: int
    customer_name: str
    issue_date: date
    due_date: date
    currency: str
    open_cents: int


def lines_page(
    *, company: Company, wanted: LineFilter, number: int, size: int, order: str = "newest"
) -> Page[LineRow]:
    """A page of lines in one of the `ORDERS`; those without a proposal are in no order of likelihood, but the newest
    first. At most four queries."""
    lines = wanted.lines(company=company)
    if order == LIKELIEST and wanted.state == Transaction.State.PROPOSED:
        ordered = _with_best(company, lines)
    else:
        order, ordered = "newest" if order == LIKELIEST else order, lines
    page = page_of(
        ordered.order_by(*ORDERS[order]),
        number=number,
        size=size,
        counted=lines,
        # sorted by their keys: the texts of lines are wide
        read=lambda keys: _in_order(company, [key["pk"] for key in keys]),
    )
    return page.with_rows(_rows(company, page.rows))


def lines_after(
    *, company: Company, wanted: LineFilter, after: tuple[date, int] | None, limit: int
) -> list[LineRow]:
    """The next lines, newest first, after the one given by its booked date and id. Two queries, however far down."""
    found = wanted.lines(company=company).select_related("account").order_by("-booked_date", "-pk")
    if after is not None:
        day, line_id = after
        # the first half alone bounds the index; the second leaves out what that day brought before
        found = found.filter(booked_date__lte=day).exclude(booked_date=day, pk__gte=line_id)
    return _rows(company, found[:limit])


def lines_of_ids(*, company: Company, line_ids: Sequence[int]) -> list[LineRow]:
    """These lines in this order. Two queries."""
    return _rows(company, _in_order(company, line_ids))


def bank_accounts(*, company: Company) -> list[BankAccount]:
    """The accounts lines may be filtered by."""
    return list(BankAccount.objects.filter(company=company).order_by("name", "identifier", "currency"))


def line_detail(*, company: Company, line_id: int) -> LineDetail | None:
    """One line, None when the company has none of this id. Four queries at most."""
    line = Transaction.objects.filter(company=company, pk=line_id).select_related("account").first()
    if line is None:
        return None
    matches = Match.objects.filter(company=company, transaction=line).select_related("customer")
    history = tuple(_explanation(match) for match in matches.order_by("-pk"))
    proposed = sorted(
        (each for each in history if each.state == "proposed"),
        key=lambda each: (-each.confidence, each.match_id),
    )
    applied = [each for each in history if each.state == "applied"]
    current = next(iter([*applied, *proposed]), None)
    payments = line.payments.filter(reversed_at=None)
    alternatives = tuple(each for each in proposed if each is not current)
    return LineDetail(
        row=_row(line, [current, *alternatives] if current else []),
        alternatives=alternatives,
        end_to_end_id=line.end_to_end_id,
        structured_reference=line.structured_reference,
        counterparty_iban=line.counterparty_iban,
        operation_code=line.operation_code,
        return_reason=line.return_reason,
        told_otherwise=_told_otherwise(line),
        statement_id=line.statement_id,
        history=history,
        unallocated_cents=sum(payments.values_list("unallocated_cents", flat=True)),
    )


def _told_otherwise(line: Transaction) -> tuple[Words, ...]:
    said = Words(
        booked_date=line.booked_date,
        amount_cents=line.amount_cents,
        currency=line.currency,
        **{name: getattr(line, name) for name in PAYMENT_WORDS},
    )
    tellings = map(telling_from_json, line.extra.get(TELLINGS, []))
    return tuple(each.words for each in tellings if says_otherwise(each.words, said))


def lines_of_reference(*, company: Company, bank_reference: str) -> list[LineDetail]:
    """The lines the bank calls so, oldest first: one, unless two accounts use the same reference."""
    found = Transaction.objects.filter(company=company, bank_reference=bank_reference)
    ids = found.order_by("booked_date", "pk").values_list("pk", flat=True)[:20]
    details = (line_detail(company=company, line_id=line_id) for line_id in ids)
    return [detail for detail in details if detail is not None]


def line_of_match(*, company: Company, match_id: int) -> int | None:
    """Id of the line a match explains, None when the company has no match of this id. One query."""
    found = Match.objects.filter(company=company, pk=match_id)
    return found.values_list("transaction_id", flat=True).first()


def candidate_documents(
    *, company: Company, line_id: int, text: str = "", customer_id: int | None = None, limit: int = 20
) -> list[CandidateDocument]:
    """Open documents in the line's currency that it could pay: its very amount first, then the longest due.

    `text` is a number's beginning or part of a customer's name. Two queries.
    """
    line = Transaction.objects.filter(company=company, pk=line_id).first()
    if line is None:
        return []
    found = Document.objects.filter(company=company, currency=line.currency).exclude(open_cents=0)
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    if text.strip():
        says = Q(customer__name__icontains=text.strip()) | Q(customer__code__iexact=text.strip())
        prefix = normalised_number(text)
        if prefix:
            says |= Q(search_number__gte=prefix, search_number__lt=f"{prefix}\uffff")
        found = found.filter(says)
    exact = Case(
        When(open_cents=line.amount_cents, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = found.annotate(rank=exact, customer_name=F("customer__name")).order_by("rank", "due_date", "pk")
    names = list(CandidateDocument.__dataclass_fields__)
    return [CandidateDocument(**row) for row in rows.values(*names)[:limit]]


def _with_best(company: Company, lines: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """With the likeliest proposal of each, as `best`."""
    proposed = Match.objects.filter(company=company, state=Match.State.PROPOSED)
    better = proposed.filter(
        Q(confidence__gt=OuterRef("best__confidence"))
        | Q(confidence=OuterRef("best__confidence"), pk__lt=OuterRef("best__pk")),
        transaction=OuterRef("pk"),
    )
    condition = Q(matches__company=company, matches__state=Match.State.PROPOSED)
    return lines.alias(best=FilteredRelation("matches", condition=condition)).filter(
        ~Exists(better), best__isnull=False
    )


def _in_order(company: Company, keys: Sequence[int]) -> list[Transaction]:
    found = Transaction.objects.filter(company=company).select_related("account").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _rows(company: Company, lines: Iterable[Transaction]) -> list[LineRow]:
    shown = list(lines)
    matches = Match.objects.filter(
        company=company, transaction__in=[line.pk for line in shown], state__in=["applied", "proposed"]
    ).select_related("customer")
    explained: dict[int, list[Explanation]] = {}
    if shown:
        for match in matches.order_by("state", "-confidence", "pk"):  # an applied one before proposals
            explained.setdefault(match.transaction_id, []).append(_explanation(match))
    return [_row(line, explained.get(line.pk, [])) for line in shown]


def _row(line: Transaction, explanations: Sequence[Explanation]) -> LineRow:
    """`explanations` from the one that counts to the least likely."""
    return LineRow(
        id=line.pk,
        account_id=line.account_id,
        account=line.account.name or line.account.identifier,
        booked_date=line.booked_date,
        value_date=line.value_date,
        amount_cents=line.amount_cents,
        currency=line.currency,
        bank_reference=line.bank_reference,
        counterparty_name=line.counterparty_name,
        remittance=line.remittance,
        state=line.state,
        explanation=explanations[0] if explanations else None,
        alternatives=tuple(explanations[1:CANDIDATES]),
        reason=Sentence.from_json(line.reason) if line.reason else None,
    )


def _explanation(match: Match) -> Explanation:
    return Explanation(
        match_id=match.pk,
        state=match.state,
        customer_id=match.customer_id,
        customer_name=match.customer.name,
        documents=tuple(SettledDocument(**line) for line in match.lines),
        closed=tuple(ClosedAmount(**adjustment) for adjustment in match.adjustments),
        reason=Sentence.from_json(match.reason),
        confidence=match.confidence,
        decided_by=match.decided_by,
    )
