"""`encours company`: the creditors whose receivables are kept."""

from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, out
from encours.cli.session import JsonOption, open_store

app = typer.Typer(
    add_completion=False,
    help=help_text("company", fr="Sociétés : créer, lister.", en="Companies: create, list."),
    no_args_is_help=True,
)


@app.command()
@french("Ajouter une société.")
def create(
    name: Annotated[
        str,
        typer.Option(
            help=help_text(
                "company.name", fr="Nom tel qu'imprimé sur les factures.", en="Name as printed on invoices."
            )
        ),
    ],
    siren: Annotated[
        str, typer.Option(help=help_text("company.siren", fr="Neuf chiffres.", en="Nine digits."))
    ] = "",
    slug: Annotated[
        str,
        typer.Option(
            help=help_text(
                "company.slug",
                fr="Nom court pour --company ; tiré du nom à défaut.",
                en="Short name for --company; made from the name when absent.",
            )
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a company."""
    open_store(as_json=as_json)
    from encours.actions.create_company import UnableToCreateCompany, create_company

    try:
        company = create_company(name=name, siren=siren, slug=slug, actor="cli")
    except UnableToCreateCompany as error:
        fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(f"{company.name}: --company {company.slug}")
    finish({"company": {"slug": company.slug, "name": company.name, "siren": company.siren}}, as_json=as_json)


@app.command(name="list")
@french("Les sociétés par nom.")
def list_(as_json: JsonOption = False) -> None:
    """Companies by name."""
    open_store(as_json=as_json)
    from encours.queries.companies import companies

    found = [{"slug": c.slug, "name": c.name, "siren": c.siren} for c in companies()]
    if not as_json:
        for company in found:
            out.print(f"{company['slug']}\t{company['name']}\t{company['siren']}")
    finish({"companies": found}, as_json=as_json)
