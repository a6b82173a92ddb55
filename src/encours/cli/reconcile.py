"""`encours reconcile`: explains the bank lines that wait."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from encours.cli.output import console, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.wording import format_date

if TYPE_CHECKING:
    from encours.actions.reconcile import Reconciliation

app = typer.Typer()

_COUNTS = {
    "fr": ("rapprochées", "proposées", "sans explication", "écartées"),
    "en": ("matched", "proposed", "unmatched", "set aside"),
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
            _show(outcome)
        finish({"dry_run": dry_run, **outcome.as_json(language())}, as_json=as_json)


def _show(outcome: "Reconciliation") -> None:
    words = _WORDS[language()]
    for name in ("matched", "proposed", "unmatched"):
        for answer in getattr(outcome, name):
            told = [
                format_date(answer.booked_date, language()),
                answer.amount.format(language()),
                answer.bank_reference,
                f"{answer.confidence:.0%}" if answer.confidence else "",
            ]
            out.print(f"[bold]{words[name]}[/]  " + "  ".join(each for each in told if each))
            out.print(f"    {answer.reason.say(language())}", markup=False)
    counts = (len(outcome.matched), len(outcome.proposed), len(outcome.unmatched), len(outcome.set_aside))
    names = _COUNTS[language()]
    out.print(", ".join(f"{count} {name}" for count, name in zip(counts, names, strict=True)))
