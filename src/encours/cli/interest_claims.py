"""`encours interest claims`: late interest that was claimed, and the act of waiving it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from encours.cli.help import french, help_text
from encours.cli.named import CustomerOption, found_customer, found_documents
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.wording import Wording, format_date

if TYPE_CHECKING:
    from encours.queries.interest import ClaimRow

app = typer.Typer(
    add_completion=False,
    help=help_text(
        "interest.claims",
        fr="Pénalités réclamées ou abandonnées : lister, abandonner.",
        en="Interest claimed or waived: list, waive.",
    ),
    no_args_is_help=True,
)
WAIVED = Wording("interest.waived", fr="Abandonné : {amount}", en="Waived: {amount}")
_COLUMNS = (
    Wording("interest.claims_customer", fr="client", en="customer"),
    Wording("interest.claims_number", fr="pièce", en="document"),
    Wording("interest.claims_from", fr="du", en="from"),
    Wording("interest.claims_to", fr="au", en="to"),
    Wording("interest.claims_interest", fr="pénalités", en="interest"),
    Wording("interest.claims_indemnity", fr="indemnité", en="indemnity"),
    Wording("interest.claims_state", fr="état", en="state"),
)
STATES = {
    "accrued": Wording("interest.state_accrued", fr="courues", en="accrued"),
    "claimed": Wording("interest.state_claimed", fr="réclamées", en="claimed"),
    "waived": Wording("interest.state_waived", fr="abandonnées", en="waived"),
}


@app.command("list")
@french("Ce qui a été réclamé ou abandonné, le plus récent d'abord.")
def list_(
    customer: CustomerOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False
) -> None:
    """What was claimed or waived, the newest first."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.interest import claim_rows

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json) if customer else None
        rows = claim_rows(company=chosen, customer_id=customer_id)
    if not as_json and rows:
        out.print(_table(rows))
    finish({"claims": [_told(row) for row in rows]}, as_json=as_json)


@app.command()
@french("Abandonner ce qui a couru et ce qui a été réclamé, avec une raison.")
def waive(
    customer: CustomerOption,
    reason: Annotated[
        str,
        typer.Option(
            "--reason",
            help=help_text(
                "interest.waive_reason", fr="Pourquoi ; le journal le garde.", en="Why; the journal keeps it."
            ),
        ),
    ],
    invoice: Annotated[
        str,
        typer.Option(
            "--invoice",
            help=help_text(
                "interest.waive_invoice",
                fr="Une facture seulement, par son numéro.",
                en="One invoice only, by number.",
            ),
        ),
    ] = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Waive what accrued and what was claimed, with a reason."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.waive_interest import UnableToWaive, waive_interest

        customer_id = found_customer(company=chosen, code=customer, as_json=as_json)
        documents = None
        if invoice:
            documents = found_documents(
                company=chosen, customer_id=customer_id, code=customer, numbers=[invoice], as_json=as_json
            )
        try:
            cents = waive_interest(
                company=chosen, customer_id=customer_id, document_ids=documents, reason=reason,
                on=day(on, as_json=as_json, company=chosen), actor="cli",
            )  # fmt: skip
        except UnableToWaive as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    if not as_json:
        out.print(WAIVED(amount=Money(cents)).say(language()), markup=False)
    finish({"customer": customer, "waived_cents": cents}, as_json=as_json)


def _table(rows: "list[ClaimRow]") -> Table:
    table = Table(*(column().say(language()) for column in _COLUMNS), box=None)
    for row in rows:
        table.add_row(
            row.customer_name,
            row.number,
            format_date(row.from_date, language()),
            format_date(row.to_date, language()),
            Money(row.interest_cents).format(language()),
            Money(row.indemnity_cents).format(language()) if row.indemnity_cents else "",
            STATES[row.state]().say(language()),
        )
    return table


def _told(row: "ClaimRow") -> dict[str, Any]:
    return {
        "customer": row.customer_name, "document": row.number, "instalment": row.position,
        "from": row.from_date.isoformat(), "to": row.to_date.isoformat(), "pieces": row.pieces,
        "interest_cents": row.interest_cents, "indemnity_cents": row.indemnity_cents, "state": row.state,
        "decided": row.decided_date.isoformat() if row.decided_date else None, "by": row.decided_by,
        "reason": row.reason, "message": row.message_id,
    }  # fmt: skip
