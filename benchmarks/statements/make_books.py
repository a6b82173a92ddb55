"""A company per seed in an empty data folder: its history imported, reconciled and corrected by people, then the month.

Run in a process of its own. Prints one JSON object: the verdict of each line of the month, and what it took.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.figures import Cost, measured
from benchmarks.statements.bank_files import write_bank_files
from benchmarks.statements.books_files import read_truth, write_customers, write_documents, write_truth
from benchmarks.statements.mix import Statements, make_statements
from benchmarks.statements.verdict import Verdict, answers_of, judged
from benchmarks.statements.world import ACCOUNTS, BOOKS_BEGIN, HISTORY_ENDS, MONTH_ENDS, Size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="+")
    for name, value in asdict(Size()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    parser.add_argument("--wrong", action="store_true", help="tell wrong automatic answers on stderr")
    parser.add_argument("--missed", action="store_true", help="and decidable lines left to people")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "encours.config.settings")
    import django

    django.setup()
    from encours.actions.migrate_store import migrate_store

    migrate_store()
    size = Size(**{name: getattr(options, name) for name in asdict(Size())})
    answers = []
    for seed in options.seeds:
        statements = make_statements(seed=seed, size=size)
        verdicts, costs = reconcile_seed(statements)
        answers.append(
            {
                "seed": seed,
                "verdicts": [asdict(verdict) for verdict in verdicts],
                "costs": {name: cost.as_json() for name, cost in costs.items()},
            }
        )
        wrong = [v for v in verdicts if options.wrong and v.is_automatic and not v.is_right]
        missed = [v for v in verdicts if options.missed and v.truth.decidable and not v.is_automatic]
        tell(statements, wrong + missed)
    json.dump(answers, sys.stdout)


def reconcile_seed(statements: Statements) -> tuple[list[Verdict], dict[str, Cost]]:
    """Imports and reconciles the history, tells the truth of it, then the month."""
    from benchmarks.statements.tell_truth import tell_truth
    from encours.actions.create_company import create_company
    from encours.actions.reconcile import reconcile
    from encours.store.tenancy import company_scope

    world = statements.world
    company = create_company(
        name=world.name, siren="732829320", slug=f"seed-{world.seed}", iban=ACCOUNTS["A"].iban, actor="bench"
    )
    costs: dict[str, Cost] = {}
    with company_scope(company.pk), tempfile.TemporaryDirectory(prefix="encours-bench-") as name:
        files = write_files(Path(name), statements)
        with measured() as costs["import of the history"]:
            for source in files["history"]:
                import_file(company, source)
        with measured() as costs["reconcile of the history"]:
            outcome = reconcile(company=company, on=HISTORY_ENDS, actor="bench")
        truths, months_truths = map(read_truth, files["truth"])
        verdicts = judged(truths, answers_of(outcome.as_json("en")))
        with measured() as costs["truth of the history"]:
            tell_truth(company=company, truths=truths, verdicts=verdicts, actor="accountant@bench.example")
        for source in files["month"]:
            import_file(company, source)
        with measured() as costs["reconcile of the month"]:
            outcome = reconcile(company=company, on=MONTH_ENDS, actor="bench")
    return judged(months_truths, answers_of(outcome.as_json("en"))), costs


def write_files(folder: Path, statements: Statements) -> dict[str, Sequence[Path]]:
    """In the order of their import: `history`, `month`; and the `truth` of both."""
    before, month = folder / "history", folder / "month"
    before.mkdir()
    month.mkdir()
    documents = statements.world.documents
    opening = {account.key: account.opening_cents for account in ACCOUNTS.values()}
    first, closing = write_bank_files(before, statements.history, opening_cents=opening, opened=BOOKS_BEGIN)
    second, _ = write_bank_files(month, statements.month, opening_cents=closing, opened=HISTORY_ENDS)
    return {
        "history": [
            write_customers(before / "clients.csv", statements.world.customers),
            write_documents(before / "factures.csv", (d for d in documents if d.issue_date <= HISTORY_ENDS)),
            *first,
        ],
        "month": [
            write_documents(month / "factures.csv", (d for d in documents if d.issue_date > HISTORY_ENDS)),
            *second,
        ],
        "truth": [
            write_truth(before / "truth.csv", statements.history),
            write_truth(month / "truth.csv", statements.month),
        ],
    }


def import_file(company: Any, source: Path) -> Any:
    from encours.actions.import_file import receive_file, run_import

    batch = receive_file(company=company, source=source, actor="bench")
    outcome = run_import(company=company, batch_id=batch.pk)
    assert outcome.created, (source.name, outcome)
    assert outcome.refused == 0, (source.name, outcome)
    return outcome


def tell(statements: Statements, verdicts: Sequence[Verdict]) -> None:
    """Lines as the bank told them, what they are, and what was answered."""
    lines = {told.line.bank_reference: told.line for told in statements.month}
    for verdict in verdicts:
        line, truth = lines[verdict.bank_reference], verdict.truth
        said = [
            f"seed {statements.world.seed} {line.bank_reference} {truth.case}{'' if truth.decidable else ' (undecidable)'}:"
            f" {line.booked_date} {line.amount_cents} {line.label!r} {line.name!r} {line.text!r}",
            f"   true: {dict(truth.documents)} {dict(truth.adjustments) or ''}",
            *(
                f"   {verdict.answer.outcome}: {dict(each.documents)} less {each.adjusted_cents},"
                f" {each.probability:.4f}: {each.reason}"
                for each in verdict.answer.candidates
            ),
        ]
        if not verdict.answer.candidates:
            said.append(f"   {verdict.answer.outcome}")
        print("\n".join(said), file=sys.stderr)


if __name__ == "__main__":
    main()
