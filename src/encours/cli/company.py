"""`encours company`: the creditors whose receivables are kept."""

from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, day, open_store
from encours.cli.session import company as chosen_company
from encours.cli.test_mode import told_in_json, told_to_people

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
    test_mode: Annotated[
        bool,
        typer.Option(
            "--test-mode",
            help=help_text(
                "company.test_mode",
                fr="En mode test : tout se prépare et rien ne part, jusqu'à `encours company live`.",
                en="In test mode: everything is prepared and nothing leaves, until `encours company live`.",
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add a company."""
    open_store(as_json=as_json)
    from encours.actions.create_company import UnableToCreateCompany, create_company

    try:
        company = create_company(name=name, siren=siren, slug=slug, actor="cli", is_test_mode=test_mode)
    except UnableToCreateCompany as error:
        fail(error.sentence, as_json=as_json)
    if not as_json:
        out.print(f"{company.name}: --company {company.slug}")
    told = {
        "slug": company.slug,
        "name": company.name,
        "siren": company.siren,
        "test_mode": company.is_test_mode,
    }
    finish({"company": told}, as_json=as_json)


@app.command(name="list")
@french("Les sociétés par nom.")
def list_(as_json: JsonOption = False) -> None:
    """Companies by name."""
    open_store(as_json=as_json)
    from encours.queries.companies import companies

    found = [
        {"slug": c.slug, "name": c.name, "siren": c.siren, "test_mode": c.is_test_mode} for c in companies()
    ]
    if not as_json:
        for company in found:
            out.print(f"{company['slug']}\t{company['name']}\t{company['siren']}")
    finish({"companies": found}, as_json=as_json)


@app.command(name="test")
@french("Passer en mode test : tout se prépare, rien ne part vers les clients.")
def enter_test(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Enter test mode: everything is prepared, nothing leaves to customers."""
    with chosen_company(company_slug, as_json=as_json) as company:
        from encours.actions.switch_test_mode import enter_test_mode

        enter_test_mode(company=company, actor="cli")
    finish({"company": {"slug": company.slug, "test_mode": True}}, as_json=as_json)


@app.command()
@french("Passer en réel : dit ce qui partirait d'abord, et ne le fait qu'avec --yes.")
def live(
    yes: Annotated[
        bool,
        typer.Option(
            "--yes", help=help_text("company.live_yes", fr="Passer en réel maintenant.", en="Go live now.")
        ),
    ] = False,
    afresh: Annotated[
        bool,
        typer.Option(
            "--afresh",
            help=help_text(
                "company.live_afresh",
                fr="Annuler ce qui a été préparé pendant l'essai : le prochain plan décide.",
                en="Cancel what was prepared during the trial: the next plan decides.",
            ),
        ),
    ] = False,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Go live: says what would leave first, and does it only with --yes."""
    with chosen_company(company_slug, as_json=as_json) as company:
        from encours.actions.switch_test_mode import go_live
        from encours.queries.test_mode import would_leave

        today = day(on, as_json=as_json, company=company)
        if yes:
            switched = go_live(company=company, on=today, actor="cli", starts_afresh=afresh)
            leaving, set_aside = switched.leaving, switched.set_aside
        else:
            leaving, set_aside = would_leave(company=company, on=today), 0
    if not as_json:
        told_to_people(leaving)
    answer = {"company": {"slug": company.slug, "test_mode": company.is_test_mode}, "set_aside": set_aside}
    finish(answer | {"would_leave": told_in_json(leaving)}, as_json=as_json)
