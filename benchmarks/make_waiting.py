"""Gives the company of many open invoices bank lines: some of months ago, reconciled, and those that wait.

Run in a process of its own: `make_waiting LIST_OF_INVOICES LINES HISTORY_LINES`. The truth of what waits stays in the
data folder.
"""

import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.bank_lines import write_lines

HISTORY, MONTH = date(2025, 12, 1), date(2026, 1, 5)


def main(invoices: Path, lines: int, history_lines: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.import_file import receive_file, run_import
    from encours.actions.reconcile import reconcile
    from encours.queries.companies import company_named
    from encours.store.statistics import refresh_statistics
    from encours.store.tenancy import company_scope

    company = company_named(slug="bench")
    with company_scope(company.pk), tempfile.TemporaryDirectory(prefix="encours-bench-") as name:
        for first, count, skip in ((HISTORY, history_lines, 0), (MONTH, lines, history_lines)):
            files, truth = write_lines(
                Path(name), invoices, lines=count, first=first, days=25, issued_before=HISTORY, skip=skip
            )
            for source in files:
                batch = receive_file(company=company, source=source, actor="bench")
                outcome = run_import(company=company, batch_id=batch.pk)
                assert outcome.created, outcome
                assert not outcome.refused, outcome.problems[:3]
            refresh_statistics()
            if first == HISTORY:
                reconcile(company=company, on=HISTORY, actor="bench")
            else:
                Path(os.environ["ENCOURS_HOME"], "truth.csv").write_bytes(truth.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
