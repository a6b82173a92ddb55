"""One million invoices of 50,000 customers from CSV, through the front door into a fresh embedded database."""

import json
import tempfile
from pathlib import Path

from benchmarks.data import make_million, million_csv
from benchmarks.figures import Figure
from benchmarks.invoices import MILLION


def run() -> list[Figure]:
    source = million_csv()
    # below the system's folder for temporary files: the embedded server runs as another user under root
    with tempfile.TemporaryDirectory(prefix="encours-bench-", ignore_cleanup_errors=True) as home:
        answer = json.loads(make_million("--again", home=Path(home)))
    assert (answer["created"], answer["refused"]) == (MILLION, 0), answer
    cost, again = answer["cost"], answer["again"]
    return [
        Figure("import of 1,000,000 invoices", cost["wall_s"], "s", 60),
        Figure("peak memory of the importing process", cost["peak_mb"], "MB", 1536),
        Figure("CPU of the importing process", cost["cpu_s"], "s"),
        Figure("CPU of PostgreSQL", cost["postgres_cpu_s"], "s"),
        Figure("private memory of PostgreSQL", cost["postgres_peak_mb"], "MB"),
        Figure(
            "the same file again, nothing changes",
            again["wall_s"],
            "s",
            60,
            note=f"CPU {again['cpu_s']:.0f} + {again['postgres_cpu_s']:.0f} s",
        ),
        Figure("peak memory after both", again["peak_mb"], "MB", 1536),
        Figure("size of the file", source.stat().st_size / (1 << 20), "MB"),
    ]
