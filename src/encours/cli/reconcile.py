"""`encours reconcile`: explains the bank lines that wait."""

from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from encours.cli.output import console, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.wording import format_date

app = typer.Typer()

_HEADINGS = {
    "fr": ("", "date", "montant", "référence", "documents", "", "motif"),
    "en": ("", "date", "amount", "reference", "documents", "", "reason"),
}
_WORDS = {
    "fr": {"matched": "rapprochée", "proposed": "proposée", "unmatched": "sans explication"},
    "en": {"matched": "matched", "proposed": "proposed", "unmatched": "unmatched"},
}


@app.command()
def reconcile(
    company_slug: CompanyOption = "",
    on: OnOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be, write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Match bank lines with documents: what is certain is settled, what is likely is proposed."""
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
            table = Table(*_HEADINGS[language()])
            for column in table.columns[:-1]:
                column.no_wrap = True
            for name in ("matched", "proposed", "unmatched"):
                for answer in getattr(outcome, name):
                    numbers = ", ".join(number for number, _ in answer.documents)
                    table.add_row(
                        _WORDS[language()][name],
                        format_date(answer.booked_date, language()),
                        answer.amount.format(language()),
                        answer.bank_reference,
                        numbers,
                        f"{answer.confidence:.0%}" if answer.confidence else "",
                        answer.reason.say(language()),
                    )
            if table.row_count:
                out.print(table)
            out.print(
                f"{len(outcome.matched)} matched, {len(outcome.proposed)} proposed,"
                f" {len(outcome.unmatched)} unmatched, {outcome.set_aside_count} set aside"
                if language() == "en"
                else f"{len(outcome.matched)} rapprochées, {len(outcome.proposed)} proposées,"
                f" {len(outcome.unmatched)} sans explication, {outcome.set_aside_count} écartées"
            )
        finish({"dry_run": dry_run, **outcome.as_json(language())}, as_json=as_json)
