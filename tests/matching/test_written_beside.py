"""A batch is written while the next is decided: what people do in between holds, and a fault stops the run at once."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import connection

from encours.actions import reconcile as reconciling
from encours.actions.create_company import create_company
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.set_aside import set_aside
from encours.actions.write_off import write_off
from encours.store.models import Allocation, Document, Match, Transaction
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)


@pytest.fixture
def books(committed_db):
    """Three invoices of one customer and a line for each; a batch is one line."""
    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        dubois = cast.good_payer(company)
        invoices = [
            cast.invoice(company, dubois, f"FACT-2025-001{rank}", payable_cents=cents, issue_date=JAN)
            for rank, cents in enumerate((11_000, 12_000, 13_000))
        ]
        lines = [
            cast.bank_line(
                company, each.payable_cents, f"VIR {each.number}", booked_date=date(2026, 2, 1 + rank)
            )
            for rank, each in enumerate(invoices)
        ]
        yield SimpleNamespace(company=company, invoices=invoices, lines=lines)


@pytest.fixture
def by_one(monkeypatch):
    monkeypatch.setattr(reconciling, "_batch_lines", lambda total: 1)


def when_decided(monkeypatch, rank, act):
    """`act()` right after the batch of this rank was decided, before it is written."""
    decide, count = reconciling._decide, iter(range(100))

    def decided(run, ids):
        answer = decide(run, ids)
        if next(count) == rank:
            act()
        return answer

    monkeypatch.setattr(reconciling, "_decide", decided)


def run(books):
    return reconcile(company=books.company, on=MARCH, actor="test")


def states(books) -> list[str]:
    return [Transaction.objects.get(pk=line.pk).state for line in books.lines]


def test_every_batch_is_written_and_the_connections_are_given_back(books, by_one):
    outcome = run(books)
    assert states(books) == ["matched"] * 3
    assert [answer.line_id for answer in outcome.matched] == [line.pk for line in books.lines]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert cursor.fetchone() == (1,)


def test_a_line_somebody_sets_aside_meanwhile_stays_there(books, by_one, monkeypatch):
    company, line = books.company, books.lines[1]
    when_decided(
        monkeypatch,
        1,
        lambda: set_aside(company=company, transaction_id=line.pk, reason="no", actor="user:1"),
    )
    outcome = run(books)
    assert states(books) == ["matched", "set_aside", "matched"]
    assert line.pk not in {answer.line_id for answer in outcome.matched}
    assert Document.objects.get(pk=books.invoices[1].pk).open_cents == 12_000


def test_a_document_settled_meanwhile_is_not_settled_again(books, by_one, monkeypatch):
    when_decided(
        monkeypatch,
        1,
        lambda: write_off(
            company=books.company,
            document_id=books.invoices[1].pk,
            amount_cents=5_000,
            reason="gesture",
            on=MARCH,
            actor="user:1",
        ),
    )
    run(books)
    assert states(books) == ["matched", "proposed", "matched"]
    assert Document.objects.get(pk=books.invoices[1].pk).open_cents == 7_000
    assert Allocation.objects.count() == 2


def test_a_proposal_somebody_rejects_meanwhile_is_not_made_again(books, by_one, monkeypatch):
    company, line = books.company, books.lines[2]
    Transaction.objects.filter(pk=line.pk).update(amount_cents=6_000, remittance="FACT-2025-0012")
    run(books)
    proposal = Match.objects.get(transaction=line)
    when_decided(monkeypatch, 0, lambda: reject_match(company=company, match_id=proposal.pk, actor="user:1"))
    run(books)
    refused = {document["document_id"] for document in proposal.lines}
    assert not [
        match
        for match in Match.objects.filter(transaction=line, state="proposed")
        if {document["document_id"] for document in match.lines} == refused
    ]


def test_a_fault_while_writing_stops_the_run_and_keeps_what_was_written(books, by_one, monkeypatch):
    write, count = reconciling.write_decisions, iter(range(100))

    def faulty(**told):
        if next(count) == 1:
            raise OSError("the disk is full")
        return write(**told)

    monkeypatch.setattr(reconciling, "write_decisions", faulty)
    with pytest.raises(OSError, match="the disk is full"):
        run(books)
    assert states(books) == ["matched", "new", "new"]
    monkeypatch.setattr(reconciling, "write_decisions", write)
    run(books)
    assert states(books) == ["matched"] * 3
    assert Allocation.objects.count() == 3
