"""Whatever the bank tells and in whatever order: no cent is settled twice, everything can be taken back, and what is done is done.

A small company of two customers owes its invoices of January. In March the bank tells a week of lines: payments that cite
their invoice and pay it exactly, in part, less a discount or a fee, too much or twice, sets, names without a number, money
that comes back, noise. It tells them in files of one day or of several, in two formats, once or more often.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.statements.make_books import import_file, write_files
from benchmarks.statements.mix import make_statements
from benchmarks.statements.world import Size
from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.import_statements import import_statements
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.reject_match import reject_match
from encours.actions.set_aside import set_aside
from encours.actions.undo_match import undo_match
from encours.core.ledger import Portion
from encours.core.statements import Statement, Transaction
from encours.queries.metrics import metrics_on
from encours.store.models import (
    Allocation,
    Company,
    Customer,
    CustomerBalance,
    DailyFlow,
    Document,
    ImportBatch,
    JournalEntry,
    Match,
    Movement,
    OpenByDueDate,
    Payment,
    Receivable,
    StoredFile,
)
from encours.store.models import Transaction as Row
from tests import cast
from tests.matching.proofs import check_no_cent_twice, ledger

JAN, START, END = date(2026, 1, 5), date(2026, 3, 2), date(2026, 4, 1)
DAYS = [START + timedelta(days=n) for n in range(4)]
NAMES = {"C0001": "BOULANGERIE DUBOIS", "C0002": "MENUISERIE LEFEVRE"}
# a run with thousands of examples: ENCOURS_EXAMPLES=3000
FEW = settings(
    max_examples=int(os.environ.get("ENCOURS_EXAMPLES", "10")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HARD = Size(customers=30, documents=200, history_lines=40, lines=60)
_numbers = count(1)


# --- the books, and what happens at the bank


@dataclass(frozen=True)
class Invoice:
    customer: str
    cents: int
    is_credit_note: bool = False
    is_split: bool = False


@dataclass(frozen=True)
class Event:
    """What the bank tells on a day: of which document, and what `Told` makes of its amount."""

    day: date
    kind: str
    which: int
    cents: int


INVOICES = st.lists(
    st.builds(
        Invoice,
        st.sampled_from(list(NAMES)),
        st.sampled_from([10_000, 10_000, 34_567, 80_001, 120_000]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=5,
)
KINDS = ["exact", "exact", "exact", "part", "discount", "fee", "few cents", "too much", "pair", "named", "unknown",
         "returned", "bank's fee"]  # fmt: skip
EVENTS = st.lists(
    st.builds(
        Event, st.sampled_from(DAYS), st.sampled_from(KINDS), st.integers(0, 9), st.integers(1, 50_000)
    ),
    min_size=1,
    max_size=7,
)


def number(place: int) -> str:
    return f"FACT-2026-{place + 12:04d}"


def line_of(event: Event, invoices: Sequence[Invoice]) -> Transaction:
    place = event.which % len(invoices)
    paid, other = invoices[place], invoices[(place + 1) % len(invoices)]
    cents = paid.cents
    amount, text = {
        "exact": (cents, number(place)),
        "part": (max(cents // 3, 1), f"ACOMPTE {number(place)}"),
        "discount": (cents - cents * 2 // 100, f"{number(place)} ESCOMPTE 2"),
        "fee": (cents - 1_500, number(place)),
        "few cents": (cents - 3, number(place)),
        "too much": (cents + event.cents, number(place)),
        "pair": (cents + other.cents, f"{number(place)} {number((place + 1) % len(invoices))}"),
        "named": (cents, "VIREMENT"),
        "unknown": (event.cents, "VIREMENT RECU"),
        "returned": (-cents, f"REJET {number(place)}"),
        "bank's fee": (-event.cents, "FRAIS DE TENUE DE COMPTE"),
    }[event.kind]
    is_named = event.kind not in ("unknown", "bank's fee")
    is_returned = event.kind == "returned"
    return Transaction(
        event.day,
        amount,
        "EUR",
        remittance=text,
        counterparty_name=NAMES[paid.customer] if is_named else "",
        operation_code="B3" if is_returned else "",
        return_reason="AM04" if is_returned else "",
    )


def open_books(company: Company, invoices: Sequence[Invoice]) -> None:
    customers = {made.code: made for made in (cast.good_payer(company), cast.late_payer(company))}
    for place, invoice in enumerate(invoices):
        due = JAN + timedelta(days=30)
        half = invoice.cents // 2
        parts = [(due, half), (due + timedelta(days=30), invoice.cents - half)] if invoice.is_split else []
        is_note = invoice.is_credit_note
        cast.invoice(
            company, customers[invoice.customer], number(place), payable_cents=invoice.cents,
            issue_date=JAN + timedelta(days=place), type="credit_note" if is_note else "invoice",
            instalments=[] if is_note else parts,
        )  # fmt: skip


def days_of(lines: Sequence[Transaction]) -> list[Statement]:
    """One final statement a day, each going on from the last."""
    by_day: dict[date, list[Transaction]] = defaultdict(list)
    for each in lines:
        by_day[each.booked_date].append(each)
    balance, days = 0, []
    for day in DAYS:
        moved = sum(t.amount_cents for t in by_day[day])
        days.append(
            Statement(
                account="FR7630004000031234567890143", currency="EUR", transactions=tuple(by_day[day]),
                opening_cents=balance, closing_cents=balance + moved, opening_date=day - timedelta(days=1),
                closing_date=day,
            )
        )  # fmt: skip
        balance += moved
    return days


@dataclass(frozen=True)
class File:
    """Days `first` to `last` in one statement."""

    first: int
    last: int
    kind: str

    def statement(self, days: Sequence[Statement]) -> Statement:
        told = days[self.first : self.last + 1]
        return replace(
            told[0], transactions=tuple(replace(t) for day in told for t in day.transactions),
            closing_cents=told[-1].closing_cents, closing_date=told[-1].closing_date,
        )  # fmt: skip

    def in_its_words(self, days: Sequence[Statement]) -> Statement:
        """CFONB puts the payer into the text."""
        told = self.statement(days)
        if self.kind == "camt053":
            return told
        return replace(told, transactions=tuple(_shouted(t) for t in told.transactions))


def _shouted(t: Transaction) -> Transaction:
    return replace(t, remittance=f"VIR SEPA {t.counterparty_name} {t.remittance}", counterparty_name="")


PLACES = st.integers(0, len(DAYS) - 1)
SPANS = st.tuples(PLACES, PLACES).map(sorted)
FORMATS = st.sampled_from(["camt053", "cfonb120"])


@st.composite
def deliveries(draw) -> tuple[list[File], list[File]]:
    """The days in two ways: files that together tell them all, in any order, some days more than once."""

    def files() -> list[File]:
        spans = [*draw(st.lists(SPANS, max_size=2)), *([n, n] for n in range(len(DAYS)))]
        return [File(first, last, draw(FORMATS)) for first, last in draw(st.permutations(spans))]

    return files(), files()


def bring(company: Company, statement: Statement, kind: str) -> None:
    rank = next(_numbers)
    file = StoredFile.objects.create(company=company, sha256=f"{rank:064d}", name="releve", size=1)
    batch = ImportBatch.objects.create(
        company=company, file=file, file_name=f"releve-{rank}", kind=kind, state="done", imported_by="test"
    )
    import_statements(company=company, batch=batch, statements=[statement], actor="test")


def run(company: Company, **options: Any) -> Any:
    return reconcile(company=company, on=END, actor="test", **options)


@contextmanager
def another_life() -> Iterator[None]:
    """What happens inside is forgotten."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)


# --- what must hold


def balances(company: Company) -> dict[str, Any]:
    """Every balance people see: of documents, instalments, customers, receipts, and what the dashboards add up."""
    flows: Counter[tuple[str, str]] = Counter()
    for flow in DailyFlow.objects.all():
        flows[flow.kind, flow.target] += flow.amount_cents
    figures = metrics_on(company=company, on=END)
    return {
        "documents": list(Document.objects.order_by("pk").values_list("pk", "open_cents")),
        "instalments": sorted(Receivable.objects.values_list("document", "due_date", "open_cents")),
        "customers": sorted(
            row
            for row in CustomerBalance.objects.values_list(
                "customer", "owed_cents", "credit_cents", "unallocated_cents"
            )
            if any(row[1:])
        ),
        "due dates": sorted(
            row
            for row in OpenByDueDate.objects.values_list(
                "due_date", "owed_cents", "credit_cents", "document_count"
            )
            if any(row[1:])
        ),
        "receipts": sum(Payment.objects.values_list("unallocated_cents", flat=True)),
        "flows": {key: cents for key, cents in flows.items() if cents and key[0] not in ("reversed",)},
        "metrics": (
            figures.outstanding_cents,
            figures.unallocated_cents,
            figures.overdue_cents,
            figures.ageing,
        ),
    }


def decide(company: Company, choices: Sequence[int]) -> None:
    """People answer proposals, enter by hand what is left, and set aside the rest."""
    answers: list[Callable[..., None]] = [confirm_match, confirm_match, reject_match]
    for place, choice in enumerate(choices):
        match = Match.objects.filter(state="proposed").order_by("pk").first()
        line = Row.objects.filter(state="new", amount_cents__gt=0).order_by("pk").first()
        try:
            if match is not None:
                answers[choice % 3](company=company, match_id=match.pk, actor="user:1")
            elif line is not None and choice % 4 == 0:
                set_aside(company=company, transaction_id=line.pk, reason="divers", actor="user:1")
            elif line is not None:
                by_hand(company, line, choice)
        except UnableToMatch:  # its documents were settled since
            if match is not None:
                reject_match(company=company, match_id=match.pk, actor="user:1")
        if place % 2:
            run(company)


def by_hand(company: Company, line: Row, choice: int) -> None:
    customer = list(Customer.objects.order_by("pk"))[choice % 2]
    owed = Document.objects.filter(customer=customer, open_cents__gt=0).order_by("pk").first()
    portions = [Portion(owed.pk, min(owed.open_cents, line.amount_cents))] if owed and choice % 5 else []
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=customer.pk, portions=portions, actor="user:1"
    )


def undo_everything(company: Company, order: Callable[[list[int]], list[int]]) -> None:
    """Every match, in any order that is allowed: a receipt that was returned comes after its return."""
    while applied := list(Match.objects.filter(state="applied").order_by("pk").values_list("pk", flat=True)):
        undone = 0
        for match_id in order(applied):
            try:
                undone += undo_match(company=company, match_id=match_id, on=END, actor="user:1")
            except UnableToMatch as refused:
                assert refused.sentence.code in ("match.returned_since", "return.settled_since"), refused  # noqa: PT017
        assert undone, "nothing can be undone any more"


# --- properties


@FEW
@given(INVOICES, EVENTS, deliveries())
def test_any_order_of_statements_gives_the_same_ledger(company, invoices, events, told):
    days = days_of([line_of(event, invoices) for event in events])
    one, other = (
        ledger_after(company, invoices, [(file.statement(days), file.kind) for file in files])
        for files in told
    )
    assert one == other


@FEW
@given(INVOICES, EVENTS, deliveries(), st.randoms(use_true_random=False))
def test_any_order_of_files_in_two_formats_gives_the_same_ledger(company, invoices, events, told, random):
    """The same files, each format in its words: lines are completed by what comes second, whichever it is."""
    days = days_of([line_of(event, invoices) for event in events])
    files = told[0]
    one, other = (
        ledger_after(company, invoices, [(file.in_its_words(days), file.kind) for file in order])
        for order in (files, random.sample(files, len(files)))
    )
    assert one == other


def ledger_after(
    company: Company, invoices: Sequence[Invoice], told: Sequence[tuple[Statement, str]]
) -> object:
    """What the ledger says when these statements have been brought and reconciled, in a life of its own."""
    with another_life():
        open_books(company, invoices)
        for statement, kind in told:
            bring(company, statement, kind)
        run(company)
        check_no_cent_twice(company)
        return ledger()


@FEW
@given(INVOICES, EVENTS, st.lists(st.integers(0, 59), max_size=8), st.randoms(use_true_random=False))
def test_whatever_was_matched_undo_restores_every_balance(company, invoices, events, choices, random):
    with another_life():
        open_books(company, invoices)
        for day in days_of([line_of(event, invoices) for event in events]):
            bring(company, day, "camt053")
        before = balances(company)
        run(company)
        check_no_cent_twice(company)
        decide(company, choices)
        check_no_cent_twice(company)
        undo_everything(company, lambda applied: random.sample(applied, len(applied)))
        check_no_cent_twice(company)
        assert balances(company) == before
        assert not Payment.objects.filter(reversed_at=None).exists()
        assert not Row.objects.filter(state="matched").exists()


@FEW
@given(INVOICES, EVENTS, st.lists(st.integers(0, 59), max_size=5), FORMATS)
def test_what_is_done_is_done(company, invoices, events, choices, again):
    """The same statement again, the same in another format, and a second run: nothing changes."""
    with another_life():
        open_books(company, invoices)
        days = days_of([line_of(event, invoices) for event in events])
        for day in days:
            bring(company, day, "camt053")
        run(company)
        decide(company, choices)
        run(company)
        before, settled = everything(), ledger()
        assert (again_run := run(company)).changed_count == 0
        assert not again_run.matched
        assert everything() == before
        for day in days:
            bring(company, replace(day, transactions=tuple(map(replace, day.transactions))), again)
        assert ledger() == settled
        assert run(company).changed_count == 0
        assert ledger() == settled
        with another_life():
            assert run(company, apply=False).matched == []


@pytest.mark.parametrize("seed", [11])
def test_files_of_a_month_of_hard_lines_in_any_order(company, tmp_path, seed):
    """The statements of `./dev bench matching`, by three banks, through their readers."""
    files = write_files(tmp_path, make_statements(seed=seed, size=HARD))
    books = [path for path in (*files["history"], *files["month"]) if path.suffix == ".csv"]
    bank = [path for path in (*files["history"], *files["month"]) if path.suffix != ".csv"]
    ledgers = []
    for order in (bank, bank[::-1], Random(seed).sample(bank, len(bank))):
        with another_life():
            for path in (*books, *order):
                import_file(company, path)
            run(company)
            assert run(company).changed_count == 0
            check_no_cent_twice(company)
            ledgers.append(ledger())
    assert len(ledgers[0]["allocations"]) > 20
    assert all(each == ledgers[0] for each in ledgers)


def everything() -> list[Any]:
    tables = (
        Match,
        Payment,
        Allocation,
        Movement,
        Row,
        CustomerBalance,
        OpenByDueDate,
        DailyFlow,
        JournalEntry,
    )
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_line_is_one_the_engine_takes_for_what_it_is(company, kind):
    """The stories above are about something: most kinds are matched, proposed or taken back."""
    invoices = [Invoice("C0001", 34_567), Invoice("C0001", 80_001), Invoice("C0002", 120_000)]
    with another_life():
        open_books(company, invoices)
        paid = Event(START, "exact", 0, 1)
        events = [paid, Event(DAYS[2], kind, 0, 900)] if kind == "returned" else [Event(START, kind, 0, 900)]
        for day in days_of([line_of(event, invoices) for event in events]):
            bring(company, day, "camt053")
        outcome = run(company)
        state = Row.objects.order_by("-booked_date", "-pk").values_list("state", flat=True)[0]
        expected = {"bank's fee": {"set_aside"}, "unknown": {"new"}}.get(kind, {"matched", "proposed"})
        assert state in expected, outcome
