"""Bank lines against all the open invoices of a large company, from the database and back.

100,000 lines against 1,000,000 invoices of 50,000 customers, and a tenth of that. What is read and written is the
company's whole truth: the run happens on a copy of the data folder.
"""

import csv
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.data import WAITING, Waiting, in_own_process, waiting_database
from benchmarks.figures import Figure, measured
from benchmarks.make_waiting import MONTH

MEMORY_MB = 4096
_SECONDS = {"small": 5, "large": 60}


def run() -> list[Figure]:
    return [figure for waiting in WAITING for figure in _measured(waiting)]


def _measured(waiting: Waiting) -> list[Figure]:
    with waiting_database(waiting) as home:
        done = json.loads(in_own_process("benchmarks.bench_reconcile", home=home))
    cost, what = done["cost"], f"{waiting.lines:,} lines, {waiting.invoices:,} invoices"
    memory = cost["peak_mb"] + cost["postgres_peak_mb"]
    return [
        Figure(f"{what}", cost["wall_s"], "s", _SECONDS[waiting.name]),
        Figure(
            "  CPU of both", cost["cpu_s"] + cost["postgres_cpu_s"], "s",
            note=f"{cost['cpu_s']:.1f} s and {cost['postgres_cpu_s']:.1f} s of PostgreSQL",
        ),
        Figure(
            "  memory of both", memory, "MB", MEMORY_MB,
            note=f"{cost['peak_mb']:.0f} and {cost['postgres_peak_mb']:.0f} of PostgreSQL",
        ),
        Figure("  as often as a plain read of both frames", cost["wall_s"] / done["read_s"], "x",
               note=f"{done['read_s']:.2f} s"),
        Figure("  settled by themselves", 100 * done["automatic"] / done["receipts"], "% of receipts",
               details={"proposed": done["proposed"], "unmatched": done["unmatched"], "set aside": done["set_aside"]}),
        Figure("  right of these", 100 * done["right"] / max(1, done["automatic"]), "%",
               note=f"{done['automatic'] - done['right']} wrong"),
        Figure("the same again, nothing to add", done["again"]["wall_s"], "s"),
    ]  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.reconcile import reconcile
    from encours.queries.companies import company_named
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    with company_scope(company.pk):
        _plain_read(company)  # the files come into the system's cache
        read_s = _plain_read(company)
        with measured() as cost:
            outcome = reconcile(company=company, on=MONTH, actor="bench")
        with measured() as again:
            reconcile(company=company, on=MONTH, actor="bench")
    truth = _truth(Path(os.environ["ENCOURS_HOME"], "truth.csv"))
    answers = outcome.as_json("en")
    matched = [entry for entry in answers["matched"] if entry["bank_reference"] in truth]
    json.dump(
        {
            "cost": cost.as_json(),
            "again": again.as_json(),
            "read_s": read_s,
            "receipts": sum(bool(documents) for documents in truth.values()),
            "automatic": len(matched),
            "right": sum(
                truth[entry["bank_reference"]]
                == {settled["number"]: settled["allocated_cents"] for settled in entry["documents"]}
                for entry in matched
            ),
            "proposed": len(answers["proposed"]),
            "unmatched": len(answers["unmatched"]),
            "set_aside": answers["set_aside_count"],
        },
        sys.stdout,
    )


def _plain_read(company: Any) -> float:
    """Seconds to bring the open documents and the waiting lines into frames, as they lie."""
    from encours.store.frames import read_frame

    started = time.perf_counter()
    read_frame(
        "SELECT id, customer_id, number, search_number, due_date, open_cents FROM store_document"
        " WHERE company_id = %s AND open_cents <> 0",
        [company.pk],
        {
            "id": pl.Int64, "customer_id": pl.Int64, "number": pl.String, "search_number": pl.String,
            "due_date": pl.Date, "open_cents": pl.Int64,
        },
    )  # fmt: skip
    read_frame(
        "SELECT id, booked_date, amount_cents, remittance, counterparty_name, counterparty_iban FROM store_transaction"
        " WHERE company_id = %s AND state IN ('new', 'proposed')",
        [company.pk],
        {
            "id": pl.Int64, "booked_date": pl.Date, "amount_cents": pl.Int64, "remittance": pl.String,
            "counterparty_name": pl.String, "counterparty_iban": pl.String,
        },
    )  # fmt: skip
    return time.perf_counter() - started


def _truth(path: Path) -> dict[str, dict[str, int]]:
    with path.open(newline="") as file:
        return {
            row["bank_reference"]: {
                number: int(cents)
                for number, _, cents in (part.rpartition("=") for part in row["documents"].split(";") if part)
            }
            for row in csv.DictReader(file)
        }


if __name__ == "__main__":
    main()
