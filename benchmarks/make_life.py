"""Gives the company of a million open invoices a past: settled invoices, a bank, reminders. Run in a process of its own.

Everything comes in through the actions of the product, but for the fifty thousand mails of the first day, which are
only said to have left.
"""

import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.figures import measured
from benchmarks.invoices import MILLION, write_invoices_csv

SETTLED, UNCLEAR = 200_000, 20_000  # invoices paid two by two; bank lines that name none
FIRST_DAY, SECOND_DAY = date(2026, 1, 5), date(2026, 1, 20)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.import_file import receive_file, run_import
    from encours.actions.reconcile import reconcile
    from encours.actions.run_dunning import run_dunning
    from encours.queries.companies import company_named
    from encours.store.statistics import refresh_statistics
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    costs = {}
    with company_scope(company.pk), tempfile.TemporaryDirectory(prefix="encours-bench-") as name:
        invoices, bank = Path(name, "factures-reglees.csv"), Path(name, "releve.csv")
        write_invoices_csv(invoices, invoices=SETTLED, before=MILLION)
        write_bank_csv(bank, invoices)
        for source, wanted in ((invoices, SETTLED), (bank, SETTLED // 2 + UNCLEAR)):
            with measured() as costs[source.stem]:
                batch = receive_file(company=company, source=source, actor="bench")
                outcome = run_import(company=company, batch_id=batch.pk)
            assert (outcome.created, outcome.refused) == (wanted, 0), (outcome, outcome.problems[:3])
        refresh_statistics()
        with measured() as costs["reconcile"]:
            done = reconcile(company=company, on=FIRST_DAY, actor="bench")
        assert len(done.matched) > 0.45 * SETTLED, len(done.matched)
        for on in (FIRST_DAY, SECOND_DAY):
            with measured() as costs[f"plan {on}"]:
                run_dunning(company=company, on=on, actor="bench")
            if on == FIRST_DAY:
                _as_sent(on)
        refresh_statistics()
    json.dump({name: cost.as_json() for name, cost in costs.items()}, sys.stdout)


def write_bank_csv(path: Path, invoices: Path, seed: int = 11) -> None:
    """A bank's export: each line pays two invoices of one customer and names them; some name nothing."""
    random = np.random.default_rng(seed)
    rows = pl.read_csv(invoices, separator=";", infer_schema=False).with_columns(
        cents=pl.col("Montant TTC").str.replace(",", "").cast(pl.Int64),
        pair=pl.int_range(pl.len()).over("Code client") // 2,
    )
    day = np.datetime64("2025-06-01")
    paid = (
        rows.group_by("Code client", "pair", maintain_order=True)
        .agg(pl.col("Client").first(), pl.col("cents").sum(), numbers=pl.col("N° facture").str.join(" "))
        .select("cents", label="VIR SEPA RECU " + pl.col("Client") + " " + pl.col("numbers"))
    )
    # a customer with an odd number of invoices has a line of its own for the last one: as many as are wanted
    paid = paid.head(SETTLED // 2)
    unclear = pl.DataFrame(
        {
            "cents": np.maximum(100, random.lognormal(10.5, 1.2, UNCLEAR).astype(np.int64)),
            "label": [f"VIR INST LOYER {i % 12 + 1:02d} REF {i:06d}" for i in range(UNCLEAR)],
        },
        schema_overrides={"cents": pl.Int64},
    )
    lines = pl.concat([paid, unclear]).sample(fraction=1, shuffle=True, seed=seed)
    booked = pl.Series(np.sort(day + random.integers(0, 215, lines.height))).cast(pl.Date)
    lines.select(
        booked.dt.strftime("%d/%m/%Y").alias("Date"),
        pl.col("label").alias("Libellé"),
        (
            (pl.col("cents") // 100).cast(pl.String)
            + ","
            + (pl.col("cents") % 100).cast(pl.String).str.zfill(2)
        ).alias("Montant"),
        pl.lit("EUR").alias("Devise"),
        pl.format("B{}", pl.int_range(pl.len())).alias("Référence bancaire"),
    ).write_csv(path, separator=";")


def _as_sent(on: date) -> None:
    """The messages of a day as if they had left in the evening: fifty thousand mails are another benchmark."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE store_message SET state = 'sent', sent_date = %s::date, sent_at = %s::date + interval '18 hours',
                      recipient = 'compta@client.example', language = 'fr', subject = 'Relance', text = 'Bonjour,',
                      html = '<p>Bonjour,</p>'""",
            [on.isoformat(), on.isoformat()],
        )


if __name__ == "__main__":
    main()
