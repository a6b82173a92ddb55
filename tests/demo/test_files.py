"""Every file the demo writes is read by the product's own readers, without a problem, and adds up."""

from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from encours.core.statements import Statement, check_balance
from encours.ports.files import ImportFile, ReadContext
from encours.ports.registry import bank_feeds, invoice_sources, order_sources
from tests.demo.conftest import settlements

HEAD = 64 << 10


def _reader(path: Path):
    content = path.read_bytes()
    file = ImportFile(path=path, name=path.name, size=len(content), head=content[:HEAD])
    for reader in (*bank_feeds().values(), *invoice_sources().values(), *order_sources().values()):
        kind = reader.identify(file)
        if kind:
            return file, kind, reader
    pytest.fail(f"nobody reads {path.name}")


@pytest.fixture(scope="session")
def statements(generated) -> list[Statement]:
    found = []
    for written in generated.files:
        file, kind, reader = _reader(written.path)
        if kind in ("cfonb120", "camt053"):
            read = reader.read(file, ReadContext())
            assert not read.problems, (written.path.name, read.problems[:3])
            found += read.statements
    return found


@pytest.fixture(scope="session")
def batches(generated):
    """(kind, batch) of every file with documents or customers."""
    found = []
    for written in generated.files:
        file, kind, reader = _reader(written.path)
        if kind not in ("cfonb120", "camt053", "orders", "deliveries"):
            for batch in reader.read(file, ReadContext()):
                assert not batch.problems, (written.path.name, batch.problems[:3])
                found.append((kind, batch))
    return found


def test_every_format_is_written(generated):
    kinds = Counter(_reader(written.path)[1] for written in generated.files)
    assert set(kinds) == {
        "customers_csv",
        "invoices_csv",
        "ubl",
        "facturx",
        "cfonb120",
        "camt053",
        "orders",
        "deliveries",
    }


def test_orders_and_deliveries_are_read_whole(generated):
    taken = {}
    for written in generated.files:
        file, kind, reader = _reader(written.path)
        if kind in ("orders", "deliveries"):
            taken[kind] = reader.read(file, ReadContext())
            assert not taken[kind].problems
    orders = taken["orders"].orders
    assert set(taken["deliveries"].deliveries["order_number"]) <= set(orders["number"])
    assert (orders["deposit_basis_points"] == 3_000).any()


def test_files_come_in_the_order_of_their_days(generated):
    assert all(
        file.day <= generated.last_bank_day or "banque" not in str(file.path) for file in generated.files
    )


def test_documents_are_those_of_the_generator(generated, batches):
    documents = pl.concat([batch.documents for _, batch in batches if len(batch.documents)])
    counted = dict(documents.group_by("type").len().iter_rows())
    assert counted == generated.document_counts
    assert documents["number"].n_unique() == len(documents)
    summed = {
        kind: abs(cents)
        for kind, cents in documents.group_by("type").agg(pl.col("payable_cents").sum()).iter_rows()
    }
    assert summed == generated.payable_cents
    totals = documents.drop_nulls(["net_cents", "tax_cents"])
    assert (totals["net_cents"] + totals["tax_cents"] == totals["payable_cents"]).all()
    assert len(totals) == len(documents)
    assert (documents["due_date"] >= documents["issue_date"]).all()


def test_customers_are_read_whole(generated, batches):
    customers = pl.concat([batch.parties for kind, batch in batches if kind == "customers_csv"])
    assert len(customers) == generated.customer_count
    assert set(customers["kind"]) == {"company", "public_buyer"}
    assert set(customers["language"]) == {"fr", "en"}
    assert customers["email"].str.ends_with(".example").all()
    assert (customers["payment_terms"] != "").all()


def test_statements_add_up_and_chain(generated, statements):
    by_account = defaultdict(list)
    for statement in statements:
        assert check_balance(statement) is None
        by_account[statement.account].append(statement)
    assert len(by_account) == 2
    closings, counts = [], []
    for chain in by_account.values():
        for before, after in zip(chain, chain[1:], strict=False):
            assert before.closing_cents == after.opening_cents
        closings.append(chain[-1].closing_cents)
        counts.append(sum(len(statement.transactions) for statement in chain))
    assert sorted(closings) == sorted(generated.closing_cents.values())
    assert sorted(counts) == sorted(generated.transaction_counts.values())


def test_bank_references_are_each_their_own_and_tell_what_is_settled(generated, statements):
    amounts = {t.bank_reference: t.amount_cents for s in statements for t in s.transactions}
    assert len(amounts) == sum(generated.transaction_counts.values())
    settled = defaultdict(int)
    for reference, amount_cents, _, cents in settlements(generated):
        assert amounts[reference] == amount_cents
        settled[reference] += cents
    # nobody's money settles more than it is; what is left over is the customer's credit
    for reference, cents in settled.items():
        assert abs(cents) <= abs(amounts[reference])


def test_what_is_open_is_what_was_invoiced_less_what_was_settled(generated, batches, open_in_truth):
    """Invoices and credit notes with the money: the books of the generator hold together."""
    documents = pl.concat([batch.documents for _, batch in batches if len(batch.documents)])
    open_cents = {
        row["number"]: -row["payable_cents"] if row["type"] == "credit_note" else row["payable_cents"]
        for row in documents.iter_rows(named=True)
    }
    for *_, number, cents in settlements(generated):
        if number:
            open_cents[number] -= cents
    # credit notes that were set against their own invoice, without money
    for row in documents.filter(pl.col("type") == "credit_note").iter_rows(named=True):
        if open_cents[row["number"]] and row["number"] not in open_in_truth:
            used = min(row["payable_cents"], max(0, open_cents[row["corrects"]]))
            open_cents[row["corrects"]] -= used
            open_cents[row["number"]] = 0
    assert {number: cents for number, cents in open_cents.items() if cents} == open_in_truth
