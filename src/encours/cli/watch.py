"""`encours watch`: looks into the drops all the time, for a machine without a worker or in a hurry."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from encours.cli.help import french, help_text
from encours.cli.output import console, language
from encours.cli.session import CompanyOption, company
from encours.core.wording import Wording

app = typer.Typer(add_completion=False)
_STATES = {
    "done": Wording("watch.done", fr="importé", en="imported"),
    "refused": Wording("watch.refused", fr="refusé", en="refused"),
    "failed": Wording("watch.failed", fr="en échec", en="failed"),
}


@app.command()
@french(
    "Prendre les fichiers dès qu'ils sont complets. Ctrl-C s'arrête entre deux fichiers ; un worker peut tourner à côté."
)
def watch(
    seconds: Annotated[
        float,
        typer.Option(
            help=help_text(
                "watch.seconds", fr="Secondes entre deux passages.", en="Seconds between two looks."
            ),
            min=0.2,
        ),
    ] = 5.0,
    rounds: Annotated[
        int,
        typer.Option(
            help=help_text(
                "watch.rounds",
                fr="Nombre de passages ; 0 : jusqu'à l'arrêt.",
                en="How many looks; 0 looks until stopped.",
            ),
            min=0,
        ),
    ] = 0,
    company_slug: CompanyOption = "",
) -> None:
    """Take files in as soon as they are complete. Ctrl-C stops between two files; a worker may run beside it."""
    with company(company_slug, as_json=False) as chosen:
        from encours.actions.defer_job import defer
        from encours.actions.sync_bank import sync_bank
        from encours.queries.bank_connections import drop_connections

        looked = 0
        try:
            while True:
                for connection_id in drop_connections(company=chosen):
                    synced = sync_bank(
                        company=chosen, connection_id=connection_id, now=datetime.now(UTC), actor="cli"
                    )  # fmt: skip
                    if synced.drop:
                        for outcome in synced.drop.outcomes:
                            state = _STATES[outcome.state]().say(language())
                            console.print(f"{outcome.file}: {outcome.kind or '?'} · {state}", markup=False)
                    if synced.brought_something:
                        defer("reconcile", company_id=chosen.pk)
                looked += 1
                if looked == rounds:
                    return
                time.sleep(seconds)
        except KeyboardInterrupt:
            return
