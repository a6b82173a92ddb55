"""Customers and their invoices by the names people give them on the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from encours.cli.help import help_text
from encours.cli.output import finish
from encours.core.problems import Problem
from encours.core.wording import Wording

if TYPE_CHECKING:
    from encours.store.models import Company

NO_CUSTOMER = Wording(
    "named.no_customer",
    fr="Il n'y a pas de client de code {code}.",
    en="There is no customer with code {code}.",
)
NO_DOCUMENT = Wording(
    "named.no_document",
    fr="Le client {code} n'a pas de facture {number}.",
    en="Customer {code} has no invoice {number}.",
)

CustomerOption = Annotated[
    str,
    typer.Option(
        "--customer",
        help=help_text("named.customer", fr="Le client, par son code.", en="The customer, by code."),
        metavar="CODE",
    ),
]


def found_customer(*, company: "Company", code: str, as_json: bool) -> int:
    """The customer's id; without one the command ends and says so."""
    from encours.queries.named import customer_id_of

    found = customer_id_of(company=company, code=code)
    if found is None:
        finish({}, problems=[Problem(NO_CUSTOMER(code=code), field="customer")], as_json=as_json)
    return found


def found_documents(
    *, company: "Company", customer_id: int, code: str, numbers: list[str], as_json: bool
) -> list[int]:
    """The documents' ids; when one is not the customer's the command ends and says so."""
    from encours.queries.named import document_ids_of

    found = document_ids_of(company=company, customer_id=customer_id, numbers=numbers)
    missing = [number for number in numbers if number not in found]
    if missing:
        problems = [Problem(NO_DOCUMENT(code=code, number=number), field="invoice") for number in missing]
        finish({}, problems=problems, as_json=as_json)
    return [found[number] for number in numbers]
