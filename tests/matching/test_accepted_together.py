"""Proposals accepted together from a confidence on: as many as were counted, each once, each undone by itself.

Dubois owes ten invoices of 100 €, 200 € … 1,000 €; each has a line whose proposals are 99 %, 98 % … 90 % sure,
with a second one half as sure.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from encours.actions import accept_proposals as bulk
from encours.actions.accept_proposals import accept_part, accept_proposals
from encours.actions.confirm_match import confirm_match
from encours.actions.undo_match import undo_match
from encours.queries.bank_lines import LineFilter, lines_page
from encours.queries.jobs import jobs_waiting
from encours.queries.proposals import acceptance_detail, least_sure, likeliest_proposals, scores
from encours.store.models import (
    Allocation,
    BulkAcceptance,
    Document,
    JournalEntry,
    Match,
    Payment,
    Transaction,
)
from encours.store.tenancy import company_scope
from tests import cast

JAN = date(2026, 1, 5)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANY = LineFilter()
CLAIRE = "user:1"


@pytest.fixture
def lines(company):
    dubois = cast.good_payer(company)
    found = []
    for rank in range(1, 11):
        document = cast.invoice(company, dubois, f"FACT-{rank}", payable_cents=10_000 * rank, issue_date=JAN)
        found.append(propose(company, document, 10_000 * rank, (100 - rank) / 100, days=rank))
        propose(company, document, 10_000 * rank, (100 - rank) / 200, line=found[-1])
    return found


def propose(company, document, cents, confidence, *, line=None, days=0):
    line = line or cast.bank_line(
        company, cents, f"VIR {cents}", counterparty_name="DUBOIS", booked_date=JAN + timedelta(days=days)
    )
    Transaction.objects.filter(pk=line.pk).update(state="proposed")
    Match.objects.create(
        company=company, transaction=line, customer_id=document.customer_id, state="proposed", rule="name:exact",
        confidence=confidence, reason={"code": "match.no_reference", "params": {}}, decided_by="worker",
        lines=[{"document_id": document.pk, "number": document.number, "allocated_cents": cents}],
    )  # fmt: skip
    return line


def accept(company, percent, wanted=ANY):
    last = scores(company=company, wanted=wanted).last_match_id
    acceptance_id = accept_proposals(
        company=company, wanted=wanted, min_percent=percent, last_match_id=last, actor=CLAIRE, now=NOW
    )
    return acceptance_detail(company=company, acceptance_id=acceptance_id)


def counted(company, percent, wanted=ANY):
    return scores(company=company, wanted=wanted).from_percent(percent)


def test_as_many_are_accepted_as_were_counted(company, lines):
    told = counted(company, 95)
    assert (told.count, [(each.cents, each.currency) for each in told.amounts]) == (5, [(150_000, "EUR")])
    detail = accept(company, 95)
    assert (detail.count, detail.accepted_count, detail.refused, detail.is_finished) == (5, 5, (), True)
    assert Transaction.objects.filter(state="matched").count() == 5
    assert sum(Document.objects.values_list("open_cents", flat=True)) == 550_000 - 150_000
    # each tells the journal what a single one does
    applied = JournalEntry.objects.filter(action="match.applied", actor=CLAIRE)
    assert applied.count() == 5
    assert {entry.data["transaction_id"] for entry in applied} == {line.pk for line in lines[:5]}


def test_only_the_likeliest_of_a_line_counts(company, lines):
    assert counted(company, 1).count == 10
    assert counted(company, 45).count == 10


def test_a_second_press_accepts_nothing_more(company, lines):
    accept(company, 95)
    again = accept(company, 95)
    assert (again.count, again.accepted_count, again.is_finished) == (0, 0, True)
    assert Payment.objects.count() == 5


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (LineFilter(min_cents=40_000), 2),
        (LineFilter(max_cents=20_000), 2),
        (LineFilter(from_date=JAN + timedelta(days=5)), 1),
        (LineFilter(text="VIR 30000"), 1),
        (LineFilter(text="nobody"), 0),
        (LineFilter(account_id=0), 0),
        (LineFilter(state="matched"), 5),  # whatever tab: only what waits may be accepted
    ],
)
def test_the_filters_of_the_list_count_too(company, lines, wanted, count):
    assert counted(company, 95, wanted).count == count
    assert accept(company, 95, wanted).accepted_count == count
    assert Transaction.objects.filter(state="matched").count() == count


def test_what_was_proposed_after_the_count_is_left_alone(company, lines):
    last = scores(company=company, wanted=ANY).last_match_id
    document = cast.invoice(
        company, Document.objects.earliest("pk").customer, "FACT-99", payable_cents=700, issue_date=JAN
    )
    late = propose(company, document, 700, 0.99)
    accept_proposals(company=company, wanted=ANY, min_percent=95, last_match_id=last, actor=CLAIRE, now=NOW)
    assert Transaction.objects.get(pk=late.pk).state == "proposed"
    assert Transaction.objects.filter(state="matched").count() == 5


def test_each_is_undone_by_itself(company, lines):
    detail = accept(company, 95)
    shown = lines_page(
        company=company, wanted=LineFilter(state="matched", acceptance_id=detail.id), number=1, size=50
    )
    assert {row.id for row in shown.rows} == {line.pk for line in lines[:5]}
    assert shown.rows[0].explanation is not None
    undo_match(company=company, match_id=shown.rows[0].explanation.match_id, on=JAN, actor=CLAIRE)
    assert Transaction.objects.filter(state="matched").count() == 4
    assert Allocation.objects.filter(undone_at=None).count() == 4


def test_what_moved_meanwhile_is_left_with_its_reason(company, lines):
    Match.objects.filter(transaction=lines[0]).update(
        lines=[
            dict(Match.objects.filter(transaction=lines[0]).earliest("pk").lines[0], allocated_cents=10_001)
        ]
    )
    detail = accept(company, 95)
    assert (detail.accepted_count, [each["line_id"] for each in detail.refused]) == (4, [lines[0].pk])
    assert detail.refused[0]["sentence"]["code"] == "match.documents_moved"
    # it waits as it did, with its alternative
    assert Transaction.objects.get(pk=lines[0].pk).state == "proposed"
    assert Match.objects.filter(transaction=lines[0], state="proposed").count() == 2


def test_of_two_lines_that_want_the_same_money_the_likelier_has_it(company, lines):
    document = Document.objects.get(number="FACT-1")
    rival = propose(company, document, 10_000, 0.96)
    detail = accept(company, 95)
    assert (detail.count, detail.accepted_count) == (6, 5)
    assert [each["line_id"] for each in detail.refused] == [rival.pk]
    assert Document.objects.get(number="FACT-1").open_cents == 0


def test_more_than_a_request_holds_is_a_job_that_goes_on_where_it_stopped(company, lines, monkeypatch):
    monkeypatch.setattr(bulk, "PART", 2)
    detail = accept(company, 90)
    assert (detail.count, detail.done_count, detail.is_finished) == (10, 0, False)
    assert jobs_waiting(company_id=company.pk) == 1
    # pressed again while it waits, and after its first part: the same one
    assert accept(company, 90).id == detail.id
    assert accept_part(company=company, acceptance_id=detail.id, now=NOW) is True
    assert accept(company, 90).id == detail.id
    # somebody accepts one of the rest by itself
    own = Match.objects.filter(transaction=lines[9]).earliest("pk")
    confirm_match(company=company, match_id=own.pk, actor="user:2")
    while accept_part(company=company, acceptance_id=detail.id, now=NOW):
        pass
    found = acceptance_detail(company=company, acceptance_id=detail.id)
    assert found is not None
    assert (found.done_count, found.accepted_count, found.already_count) == (10, 9, 1)
    assert Payment.objects.count() == 10
    assert accept_part(company=company, acceptance_id=detail.id, now=NOW) is False
    assert BulkAcceptance.objects.count() == 1


def test_what_is_said_to_be_at_95_percent_is_at_least_that(company, lines):
    Match.objects.filter(transaction=lines[0], confidence=0.99).update(confidence=0.9499)
    assert counted(company, 95).count == 4
    assert counted(company, 94).count == 6
    # 0.29 is 28.999… hundredths in a float
    Match.objects.filter(transaction=lines[0]).update(confidence=0.29)
    assert counted(company, 29).count - counted(company, 30).count == 1


def test_the_least_sure_are_shown_first(company, lines):
    rows = least_sure(company=company, wanted=ANY, min_percent=95, limit=2)
    assert [row.id for row in rows] == [lines[4].pk, lines[3].pk]


def test_another_company_neither_counts_nor_accepts_them(company, other_company, lines):
    last = scores(company=company, wanted=ANY).last_match_id
    with company_scope(other_company.pk):
        for asked in (company, other_company):
            assert scores(company=asked, wanted=ANY).by_percent == {}
            assert not likeliest_proposals(company=asked, wanted=ANY, min_percent=1, last_match_id=last)
        accept_proposals(
            company=other_company, wanted=ANY, min_percent=1, last_match_id=last, actor=CLAIRE, now=NOW
        )
    assert not Transaction.objects.filter(state="matched").exists()


@pytest.mark.parametrize(
    ("order", "expected"),
    [("likeliest", [0, 1, 9]), ("largest", [9, 8, 0]), ("newest", [9, 8, 0]), ("oldest", [0, 1, 9])],
)
def test_lines_come_in_the_order_asked_for(company, lines, order, expected):
    page = lines_page(company=company, wanted=LineFilter(state="proposed"), number=1, size=50, order=order)
    ids = [row.id for row in page.rows]
    assert [ids[0], ids[1], ids[-1]] == [lines[place].pk for place in expected]
    assert all(row.explanation and row.explanation.confidence >= 0.9 for row in page.rows)
    assert all(len(row.alternatives) == 1 for row in page.rows)
