"""Bank lines with what explains them: the list, one line, and the lines a bank calls by a reference."""

from datetime import date
from typing import Any, Literal

from ninja import Field, Path, Query, Router, Schema

from encours.api.access import scoped, within_company
from encours.api.paging import next_cursor, place_of
from encours.api.problems import NOT_FOUND, language_of, refused
from encours.api.values import Cents, Cursor, Day, Limit, RowId, Text
from encours.queries.bank_lines import LineFilter, line_detail, lines_after, lines_of_reference

router = Router(tags=["Bank lines"])
router.add_decorator(within_company)


class Settled(Schema):
    """What a match takes of a document; negative for a credit note that is used up."""

    document_id: int
    number: str
    allocated_cents: int


class Adjustment(Schema):
    """What a match closes on a document without money."""

    document_id: int
    number: str
    kind: str = Field(description="discount, bank_fee, rounding_difference")
    amount_cents: int


class Explanation(Schema):
    """A match of a line, proposed or decided, with its reason in words."""

    match_id: int
    state: str = Field(
        description="proposed, applied, undone, rejected, superseded (another was accepted) or retracted (taken back at once)"
    )
    customer_id: int
    customer: str
    documents: list[Settled]
    adjustments: list[Adjustment]
    reason: str
    confidence: float
    decided_by: str


class BankLine(Schema):
    """A booked line of a bank account; money that came in is positive."""

    id: int
    bank_reference: str
    account_id: int
    account: str
    booked_date: date
    amount_cents: int
    currency: str
    counterparty: str
    remittance: str
    state: str = Field(description="new, proposed, matched, set_aside, removed")
    reason: str | None = Field(description="Why no match explains it, when it was looked at.")
    explanations: list[Explanation]


class BankLines(Schema):
    lines: list[BankLine]
    next_cursor: str | None


class ExplainedLines(Schema):
    lines: list[BankLine]


class LineQuery(Schema):
    """Which lines; what is left out means any. Amounts are without sign."""

    state: Literal["new", "proposed", "matched", "set_aside", "removed"] | None = None
    account_id: RowId | None = None
    direction: Literal["credit", "debit"] | None = None
    from_date: Day | None = None
    until_date: Day | None = None
    min_cents: Cents | None = None
    max_cents: Cents | None = None
    text: Text = Field("", description="In the text or the counterparty's name, or exactly a reference.")
    cursor: Cursor = ""
    limit: Limit = 100


class ReferenceQuery(Schema):
    bank_reference: Text = Field(description="The bank's own id of the line.")


@router.get("/bank-lines", response=BankLines, **scoped("receipts:read"))
def list_bank_lines(request: Any, wanted: Query[LineQuery]) -> dict[str, Any]:
    """Bank lines, newest first, each with the explanation that stands or is likeliest."""
    rows = lines_after(
        company=request.auth.company,
        wanted=LineFilter(
            state=wanted.state or "",
            account_id=wanted.account_id,
            text=wanted.text,
            direction=wanted.direction or "",
            from_date=wanted.from_date,
            until_date=wanted.until_date,
            min_cents=wanted.min_cents,
            max_cents=wanted.max_cents,
        ),
        after=place_of(wanted.cursor, date, int),
        limit=wanted.limit + 1,
    )
    language = language_of(request)
    return {
        "lines": [row.as_json(language) for row in rows[: wanted.limit]],
        "next_cursor": next_cursor(rows, wanted.limit, lambda row: (row.booked_date, row.id)),
    }


@router.get("/bank-lines/{line_id}", response=BankLine, **scoped("receipts:read"))
def get_bank_line(request: Any, line_id: Path[RowId]) -> dict[str, Any]:
    """One line with everything ever said about it: what stands first, then the newest."""
    return line_json(request, line_id)


@router.get("/explanations", response=ExplainedLines, **scoped("receipts:read"))
def explain(request: Any, wanted: Query[ReferenceQuery]) -> dict[str, Any]:
    """The lines a bank calls so, as `encours reconcile explain` tells them: one, unless two accounts use the reference."""
    found = lines_of_reference(company=request.auth.company, bank_reference=wanted.bank_reference)
    if not wanted.bank_reference or not found:
        raise refused(404, NOT_FOUND(), field="bank_reference")
    return {"lines": [detail.as_json(language_of(request)) for detail in found]}


def line_json(request: Any, line_id: int) -> dict[str, Any]:
    """A line as it is told; refused with 404 when the company has none of this id."""
    detail = line_detail(company=request.auth.company, line_id=line_id)
    if detail is None:
        raise refused(404, NOT_FOUND(), field="line_id")
    return detail.as_json(language_of(request))
