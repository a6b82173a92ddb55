"""`encours doctor`: proves that everything kept agrees with what it is kept from."""

import typer

from encours.cli.help import french
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, company, open_store
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
HOLDS = Wording("doctor.verdict_yes", fr="oui", en="ok")
IS_BROKEN = Wording("doctor.verdict_no", fr="non", en="no")


@app.command()
@french("Vérifier tous les invariants de toutes les sociétés (ou d'une). Ne change rien.")
def doctor(company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """Check every invariant of every company (or of one). Changes nothing."""
    open_store(as_json=as_json)
    from encours.queries.companies import companies
    from encours.queries.doctor import examine, examine_database

    found = examine_database()
    slugs = [company_slug] if company_slug else [each.slug for each in companies()]
    for slug in slugs:
        with company(slug, as_json=as_json) as chosen:
            found.extend(examine(company=chosen))
    if not as_json:
        for check in found:
            place = f" [dim]{check.company}[/]" if len(slugs) > 1 and check.company else ""
            verdict = (
                f"[green]{HOLDS().say(language())}[/]"
                if check.ok
                else f"[red]{IS_BROKEN().say(language())}[/]"
            )
            out.print(f"{verdict}  {check.name}{place}  {check.detail.say(language())}")
            for row in check.rows:
                out.print(
                    "      " + ", ".join(f"{name} {value}" for name, value in row.items()), markup=False
                )
    finish(
        {"ok": all(check.ok for check in found), "checks": [check.as_json(language()) for check in found]},
        as_json=as_json,
    )
