"""`encours watch`: looks into the drops all the time, for a machine without a worker or in a hurry."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from encours.cli.output import console
from encours.cli.session import CompanyOption, company

app = typer.Typer()


@app.command()
def watch(
    seconds: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2)] = 5.0,
    rounds: Annotated[int, typer.Option(help="How many looks; 0 looks until stopped.", min=0)] = 0,
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
                            console.print(
                                f"{outcome.file}: {outcome.kind or '?'} · {outcome.state}", markup=False
                            )
                    if synced.brought_something:
                        defer("reconcile", company_id=chosen.pk)
                looked += 1
                if looked == rounds:
                    return
                time.sleep(seconds)
        except KeyboardInterrupt:
            return
