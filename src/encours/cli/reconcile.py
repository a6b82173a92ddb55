"""`encours reconcile`: explains the bank lines that wait; `encours reconcile explain` says why one stands where it stands."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from encours.cli.help import french, help_text
from encours.cli.matching_rules import rules
from encours.cli.output import console, fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.money import Money
from encours.core.wording import Wording, format_date

if TYPE_CHECKING:
    from encours.actions.reconcile import Reconciliation

_STATES = {
    "new": Wording("reconcile.new", fr="à expliquer", en="to explain"),
    "proposed": Wording("reconcile.proposed", fr="proposé", en="proposed"),
    "matched": Wording("reconcile.matched", fr="rapprochée", en="matched"),
    "set_aside": Wording("reconcile.set_aside", fr="écartée", en="set aside"),
    "removed": Wording("reconcile.removed", fr="retirée", en="withdrawn"),
    "applied": Wording("reconcile.applied", fr="appliqué", en="applied"),
    "undone": Wording("reconcile.undone", fr="défait", en="undone"),
    "rejected": Wording("reconcile.rejected", fr="refusé", en="rejected"),
    "unmatched": Wording("reconcile.unmatched", fr="sans explication", en="unmatched"),
}

app = typer.Typer(invoke_without_command=True, add_completion=False)

NO_SUCH_LINE = Wording(
    "bank_reference_unknown",
    fr="Aucune ligne de banque ne porte la référence {reference}.",
    en="No bank line has reference {reference}.",
)

COUNTS = Wording(
    "reconcile.counts",
    fr="{matched} rapprochées, {proposed} proposées, {unmatched} sans explication, {set_aside} écartées",
    en="{matched} matched, {proposed} proposed, {unmatched} unmatched, {set_aside} set aside",
)


@app.callback()
@french("Rapprocher les lignes bancaires des documents : le certain est soldé, le probable est proposé.")
def reconcile(
    ctx: typer.Context,
    company_slug: CompanyOption = "",
    on: OnOption = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=help_text(
                "reconcile.dry_run",
                fr="Dire ce qui serait, ne rien écrire.",
                en="Say what would be, write nothing.",
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Match bank lines with documents: what is certain is settled, what is likely is proposed."""
    if ctx.invoked_subcommand:
        return
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.reconcile import reconcile as run

        today = day(on, as_json=as_json, company=chosen)
        with Progress(console=console, transient=True, disable=as_json) as progress:
            task = progress.add_task("", total=None)
            outcome = run(
                company=chosen,
                on=today,
                actor="cli",
                apply=not dry_run,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
        if not as_json:
            _show(outcome)
        finish({"dry_run": dry_run, **outcome.as_json(language())}, as_json=as_json)


app.command()(rules)


@app.command()
@french("Dire pourquoi une ligne bancaire a été soldée, proposée ou laissée, et tout ce qui en a été dit.")
def explain(
    bank_reference: Annotated[
        str,
        typer.Argument(
            help=help_text(
                "reconcile.bank_reference",
                fr="La référence que la banque donne à la ligne.",
                en="The bank's own id of the line.",
            )
        ),
    ],
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say why a bank line was settled, proposed or left, and everything ever said about it."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.queries.bank_lines import lines_of_reference

        found = lines_of_reference(company=chosen, bank_reference=bank_reference)
        if not found:
            fail(NO_SUCH_LINE(reference=bank_reference), as_json=as_json)
        lines = [detail.as_json(language()) for detail in found]
        if not as_json:
            _show_explained(lines)
        finish({"lines": lines}, as_json=as_json)


def _show_explained(lines: list[dict[str, Any]]) -> None:
    names = {state: word().say(language()) for state, word in _STATES.items()}
    for line in lines:
        amount = Money(line["amount_cents"], line["currency"]).format(language())
        day_of_line = format_date(date.fromisoformat(line["booked_date"]), language())
        out.print(f"[bold]{names[line['state']]}[/]  {day_of_line}  {amount}  {line['bank_reference']}")
        out.print(f"    {line['counterparty']} {line['remittance']}".rstrip(), markup=False)
        if line["reason"]:
            out.print(f"    {line['reason']}", markup=False)
        for each in line["explanations"]:
            out.print(f"  [bold]{names[each['state']]}[/]  {each['customer']}  {each['confidence']:.0%}")
            for one in each["documents"]:
                money = Money(one["allocated_cents"], line["currency"]).format(language())
                out.print(f"    {one['number']}  {money}", markup=False)
            out.print(f"    {each['reason']}", markup=False)


def _show(outcome: "Reconciliation") -> None:
    for name in ("matched", "proposed", "unmatched"):
        for answer in getattr(outcome, name):
            told = [
                format_date(answer.booked_date, language()),
                answer.amount.format(language()),
                answer.bank_reference,
                f"{answer.confidence:.0%}" if answer.confidence else "",
            ]
            out.print(
                f"[bold]{_STATES[name]().say(language())}[/]  " + "  ".join(each for each in told if each)
            )
            out.print(f"    {answer.reason.say(language())}", markup=False)
    counts = COUNTS(
        matched=len(outcome.matched),
        proposed=len(outcome.proposed),
        unmatched=len(outcome.unmatched),
        set_aside=len(outcome.set_aside),
    )
    out.print(counts.say(language()))
