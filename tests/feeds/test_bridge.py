"""Bridge, asked round after round: what it tells, changes and takes back, and the troubles on the way."""

from datetime import timedelta

import pytest

from encours.actions.confirm_match import UnableToMatch
from encours.actions.connect_bank import ask_for_consent
from encours.actions.match_by_hand import match_by_hand
from encours.actions.reconcile import reconcile
from encours.actions.revoke_bank import revoke_bank
from encours.actions.set_aside import set_aside, take_back
from encours.actions.sync_bank import sync_bank
from encours.actions.undo_match import undo_match
from encours.core.ledger import Portion
from encours.queries.bank_connections import connection_detail
from encours.store.models import (
    BankAccount,
    BankConnection,
    Company,
    Document,
    FeedLine,
    ImportBatch,
    ImportProblem,
    JournalEntry,
    Match,
    Statement,
    Transaction,
)
from tests import cast
from tests.feeds.conftest import NOW, Connect, ask, books
from tests.feeds.fake_bank import Refusal
from tests.feeds.fake_bridge import CLIENT_ID, CLIENT_SECRET, IBAN, FakeBridge

LATER = NOW + timedelta(hours=1)


def match(company: Company, line: Transaction) -> Document:
    """A person says that the line pays an invoice."""
    invoice = cast.invoice(
        company, cast.good_payer(company), "FA-2026-0001", payable_cents=line.amount_cents,
        issue_date=line.booked_date - timedelta(days=30),
    )  # fmt: skip
    match_by_hand(
        company=company, transaction_id=line.pk, customer_id=invoice.customer_id,
        portions=[Portion(invoice.pk, line.amount_cents)], actor="test",
    )  # fmt: skip
    return invoice


def waiting(company: Company, connection: BankConnection) -> list[tuple[int, int | None]]:
    """(cents in the books, cents the bank says now) of what a person must look at."""
    detail = connection_detail(company=company, connection_id=connection.pk)
    assert detail is not None
    assert detail.row.needs_person == len(detail.waiting)
    return [(each.amount_cents, each.told_cents) for each in detail.waiting]


def test_a_person_gives_consent_at_the_bank(company: Company, bridge: FakeBridge, connect: Connect):
    connection = connect("bridge", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=bridge.base_url)
    assert connection.state == "pending"
    for _ in range(2):
        consent = ask_for_consent(
            company=company, connection_id=connection.pk, return_url="https://encours.example/banques/",
            email="a@lumen.example", actor="test",
        )  # fmt: skip
        assert consent.url == "https://connect.bridgeapi.io/session/s?back=https://encours.example/banques/"
    assert list(bridge.users.values()) == [connection.hook_key]  # one user, whoever asks how often
    connection.refresh_from_db()
    assert connection.state == "active"
    actions = JournalEntry.objects.filter(subject_type="bank_connection").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["bank_connection.added", *["bank_connection.authorised"] * 2]


def test_the_first_round_brings_all_there_is(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.page_size = 3
    for number in range(8):
        bridge.tell(100.1 + number, f"VIR CLIENT {number}")
    bridge.tell(-4.5, "FRAIS")
    gone = bridge.tell(55, "VIR RETIRE")
    bridge.delete(gone)
    bridge.tell(77, "VIR A VENIR", future=True)
    synced = ask(company, bridge_connection)
    assert synced.feed.created == 9
    assert {cents for _, cents, _ in books()} == {-450, *(10010 + 100 * n for n in range(8))}
    assert len(bridge.asked_for("/transactions")) == 4  # ten lines, three at a time
    row = Transaction.objects.get(amount_cents=-450)
    assert (row.state, row.reason["code"]) == ("set_aside", "match.debit")
    account = BankAccount.objects.get()
    assert (account.identifier, account.currency) == (IBAN, "EUR")
    batch = ImportBatch.objects.get()
    assert (batch.kind, batch.state, batch.created_count) == ("bridge", "done", 9)


def test_nothing_new_leaves_no_trace_but_the_age(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    entries = JournalEntry.objects.count()
    bridge.accounts[0] |= {"balance": 99.99, "updated_at": "2026-03-05T06:00:00Z"}
    synced = ask(company, bridge_connection, now=NOW + timedelta(days=3))
    assert (synced.feed.touched, synced.feed.unchanged) == (0, 1)
    assert (ImportBatch.objects.count(), Transaction.objects.count(), JournalEntry.objects.count()) == (
        1,
        1,
        entries,
    )
    told = Statement.objects.get()
    assert (f"{told.known_until_date}", told.closing_cents) == ("2026-03-05", 9999)


def test_only_changes_are_asked_for_with_some_overlap(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bridge.tell(200, "VIR MARTIN")
    synced = ask(company, bridge_connection, now=LATER)
    assert (synced.feed.created, synced.feed.unchanged) == (1, 1)
    assert bridge.asked_for("/transactions")[-1]["since"] == ["2026-03-01T06:00:01.000Z"]


def test_a_line_that_comes_late_is_still_found(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    """It says it changed before what we know: rounds overlap by a day."""
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bridge.tell(200, "VIR MARTIN", updated_at="2026-03-01T20:00:00Z")
    assert ask(company, bridge_connection, now=LATER).feed.created == 1


def test_equal_lines_are_as_many_payments(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    for _ in range(3):
        bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection, now=LATER)
    ask(company, bridge_connection, now=LATER)
    assert [cents for _, cents, _ in books()] == [10000] * 4


def test_a_line_under_way_counts_once_it_is_booked(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS", day="2026-03-04", future=True)
    ask(company, bridge_connection)
    assert books() == []
    bridge.change(line, future=False, booking_date="2026-03-03", date="2026-03-03")
    ask(company, bridge_connection, now=LATER)
    assert books() == [("2026-03-03", 10000, "VIR DUBOIS")]


def test_an_untouched_line_follows_the_bank(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR")
    ask(company, bridge_connection)
    before = Transaction.objects.get()
    bridge.change(
        line, provider_description="VIR DUBOIS FA-2026-0001", booking_date="2026-03-03", amount=100.5
    )
    synced = ask(company, bridge_connection, now=LATER)
    assert (synced.feed.created, synced.feed.rewritten) == (0, 1)
    row = Transaction.objects.get()
    assert row.pk == before.pk
    assert books() == [("2026-03-03", 10050, "VIR DUBOIS FA-2026-0001")]
    assert ask(company, bridge_connection, now=LATER).feed.rewritten == 0
    assert JournalEntry.objects.filter(action="bank_feed.followed").count() == 1


def test_a_credit_that_becomes_a_debit_is_set_aside(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR")
    ask(company, bridge_connection)
    bridge.change(line, amount=-100)
    ask(company, bridge_connection, now=LATER)
    row = Transaction.objects.get()
    assert (row.amount_cents, row.state, row.reason["code"]) == (-10000, "set_aside", "match.debit")


def test_a_matched_line_is_never_silently_changed(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    invoice = match(company, Transaction.objects.get())
    bridge.change(line, amount=90)
    for _ in range(2):  # said once, however often the bank repeats it
        ask(company, bridge_connection, now=LATER)
    assert books() == [("2026-03-02", 10000, "VIR DUBOIS")]
    assert waiting(company, bridge_connection) == [(10000, 9000)]
    problem = ImportProblem.objects.get()
    assert (problem.severity, problem.sentence["code"]) == ("warning", "feed_line.changed")
    invoice.refresh_from_db()
    assert invoice.open_cents == 0

    undo_match(company=company, match_id=Match.objects.get().pk, on=NOW.date(), actor="test")
    ask(company, bridge_connection, now=LATER)
    assert books() == [("2026-03-02", 9000, "VIR DUBOIS")]
    assert waiting(company, bridge_connection) == []
    invoice.refresh_from_db()
    assert invoice.open_cents == 10000


def test_a_change_the_bank_takes_back_needs_nobody(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    match(company, Transaction.objects.get())
    bridge.change(line, provider_description="VIR DUBOYS")
    ask(company, bridge_connection, now=LATER)
    assert ImportProblem.objects.get().sentence["code"] == "feed_line.reworded"
    bridge.change(line, provider_description="VIR DUBOIS")
    ask(company, bridge_connection, now=LATER)
    assert waiting(company, bridge_connection) == []


def test_an_untouched_line_that_is_deleted_leaves_the_books(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS")
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bridge.delete(line)
    synced = ask(company, bridge_connection, now=LATER)
    assert synced.feed.removed == 1
    assert books() == [("2026-03-02", 10000, "VIR DUBOIS")]
    removed = Transaction.objects.get(state="removed")
    assert (removed.amount_cents, removed.reason["code"]) == (10000, "feed_line.removed")
    assert ask(company, bridge_connection, now=LATER).feed.removed == 0
    with pytest.raises(UnableToMatch):
        set_aside(company=company, transaction_id=removed.pk, reason="Frais", actor="test")
    with pytest.raises(UnableToMatch):
        take_back(company=company, transaction_id=removed.pk, actor="test")
    assert reconcile(company=company, on=NOW.date(), actor="test") is not None
    assert Transaction.objects.get(pk=removed.pk).state == "removed"


def test_a_line_a_person_took_back_or_set_aside_stays_so_when_its_words_change(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    fee, refund = bridge.tell(-100, "FRAIS"), bridge.tell(200, "VIR FOURNISSEUR")
    ask(company, bridge_connection)
    row = Transaction.objects.get(amount_cents=-10000)
    take_back(company=company, transaction_id=row.pk, actor="test")
    other = Transaction.objects.get(amount_cents=20000)
    set_aside(company=company, transaction_id=other.pk, reason="Remboursement", actor="test")
    bridge.change(fee, provider_description="FRAIS TENUE")
    bridge.change(refund, provider_description="VIR FOURNISSEUR SA")
    ask(company, bridge_connection, now=LATER)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, row.extra["taken_back"], row.remittance) == ("new", "yes", "FRAIS TENUE")
    assert (other.state, other.remittance) == ("set_aside", "VIR FOURNISSEUR SA")


def test_a_deleted_line_may_come_back(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    bridge.delete(line)
    ask(company, bridge_connection, now=LATER)
    bridge.change(line, deleted=False, provider_description="VIR DUBOIS FA-1")
    ask(company, bridge_connection, now=LATER)
    assert books() == [("2026-03-02", 10000, "VIR DUBOIS FA-1")]
    assert Transaction.objects.get().state == "new"


def test_a_deleted_line_undoes_no_match_by_itself(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    invoice = match(company, Transaction.objects.get())
    bridge.delete(line)
    ask(company, bridge_connection, now=LATER)
    assert waiting(company, bridge_connection) == [(10000, None)]
    assert ImportProblem.objects.get().sentence["code"] == "feed_line.gone"
    invoice.refresh_from_db()
    assert invoice.open_cents == 0

    undo_match(company=company, match_id=Match.objects.get().pk, on=NOW.date(), actor="test")
    ask(company, bridge_connection, now=LATER)
    assert books() == []
    assert waiting(company, bridge_connection) == []


@pytest.mark.parametrize("order", ["together", "anew_first", "anew_later"])
def test_a_matched_line_told_again_under_another_id_stays_matched(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, order: str
):
    """Aggregators delete and create anew: the match stays, the money counts once, whatever comes first."""
    line = bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    match(company, Transaction.objects.get())
    if order == "anew_first":
        bridge.tell(100, "VIR DUBOIS", day="2026-03-03")
        ask(company, bridge_connection, now=LATER)
        assert len(books()) == 2
    bridge.delete(line)
    if order == "anew_later":
        ask(company, bridge_connection, now=LATER)
        assert waiting(company, bridge_connection) == [(10000, None)]
    if order != "anew_first":
        bridge.tell(100, "VIR DUBOIS", day="2026-03-03")
    ask(company, bridge_connection, now=LATER)
    assert waiting(company, bridge_connection) == []
    assert [cents for _, cents, _ in books()] == [10000]
    assert Transaction.objects.exclude(state="removed").get().state == "matched"
    ask(company, bridge_connection, now=LATER)
    assert len(books()) == 1


def test_an_older_version_changes_nothing(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    line = bridge.tell(100, "VIR DUBOIS FA-2026-0001")
    ask(company, bridge_connection)
    bridge.lines[line] |= {"provider_description": "VIR", "updated_at": "2026-03-01T23:00:00Z"}
    ask(company, bridge_connection, now=LATER)
    assert books() == [("2026-03-02", 10000, "VIR DUBOIS FA-2026-0001")]


def test_a_line_that_changes_while_pages_are_turned_counts_once(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    """A line told during the reading pushes the others on: one comes on two pages, in two versions."""
    bridge.page_size = 2
    lines = [bridge.tell(100 + number, f"VIR {number}") for number in range(4)]

    def meanwhile(path: str) -> None:
        if len(bridge.asked_for("/transactions")) == 2 and len(bridge.lines) == 4:
            bridge.tell(500, "VIR ENTRE DEUX PAGES")
            bridge.change(lines[2], provider_description="VIR 2 BIS")

    bridge.before_answer = meanwhile
    ask(company, bridge_connection)
    bridge.before_answer = lambda _: None
    ask(company, bridge_connection, now=LATER)
    assert sorted(text for _, _, text in books()) == [
        "VIR 0", "VIR 1", "VIR 2 BIS", "VIR 3", "VIR ENTRE DEUX PAGES",
    ]  # fmt: skip


@pytest.mark.parametrize("trouble", [500, 502, "slow", "cut", Refusal(429, Retry_After="2"), Refusal(503)])
def test_a_trouble_of_the_moment_is_got_over(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, trouble: object, no_long_waits
):
    bridge.tell(100, "VIR DUBOIS")
    bridge.trouble_on, bridge.troubles = "transactions", [trouble]
    assert ask(company, bridge_connection).feed.created == 1
    assert len(no_long_waits) == 1
    assert all(seconds <= 5 for seconds in no_long_waits)


@pytest.mark.parametrize(
    ("troubles", "code", "pause"),
    [
        ([500] * 3, "bank_connection.not_reached", timedelta(minutes=5)),
        (["slow"] * 3, "bank_connection.not_reached", timedelta(minutes=5)),
        (["garbage"], "bank_connection.not_understood", timedelta(minutes=5)),
        ([Refusal(429, Retry_After="900")], "bank_connection.busy", timedelta(minutes=15)),
        ([Refusal(429)], "bank_connection.busy", timedelta(minutes=1)),
        ([403], "bank_connection.not_let_in", timedelta(hours=6)),
        ([Refusal(302, Location="http://127.0.0.1:1/")], "bank_connection.not_reached", timedelta(minutes=5)),
    ],
)
def test_a_trouble_that_lasts_changes_nothing_and_is_said(
    company: Company,
    bridge: FakeBridge,
    bridge_connection: BankConnection,
    troubles,
    code: str,
    pause: timedelta,
):
    """In the middle of the pages: what was read before it is not kept either."""
    bridge.page_size = 1
    for number in range(3):
        bridge.tell(100 + number, f"VIR {number}")

    def second_page(path: str) -> None:
        if len(bridge.asked_for("/transactions")) == 1 and path.endswith("transactions"):
            bridge.trouble_on, bridge.troubles = "transactions", list(troubles)

    bridge.before_answer = second_page
    synced = sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert synced.problem.code == code
    assert (Transaction.objects.count(), ImportBatch.objects.count(), FeedLine.objects.count()) == (0, 0, 0)
    bridge_connection.refresh_from_db()
    assert bridge_connection.next_check_at - NOW == pause
    assert bridge_connection.cursor_at is None
    bridge.troubles, bridge.before_answer = [], lambda _: None
    assert ask(company, bridge_connection, now=LATER).feed.created == 3
    bridge_connection.refresh_from_db()
    assert (bridge_connection.problem, bridge_connection.failure_count) == (None, 0)


def test_a_next_page_elsewhere_is_not_followed(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.page_size, bridge.foreign_next_uri = 1, "http://127.0.0.1:9/v3/aggregation/transactions"
    for _ in range(2):
        bridge.tell(100, "VIR DUBOIS")
    synced = sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert synced.problem.code == "bank_connection.not_understood"
    assert books() == []


def test_pages_that_never_end_are_left(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.page_size, bridge.endless = 1, True
    bridge.tell(100, "VIR DUBOIS")
    synced = sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert synced.problem.params["reason"] == "pagination"
    assert len(bridge.asked) < 20


@pytest.mark.parametrize(
    "nonsense",
    [{"amount": 1.234}, {"amount": None}, {"booking_date": "02/03/2026"}, {"updated_at": None}, {"id": ""}],
)
def test_a_line_that_cannot_be_read_is_no_reason_to_guess(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, nonsense
):
    line = bridge.tell(100, "VIR DUBOIS")
    bridge.lines[line] |= nonsense
    synced = sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert synced.problem.code == "bank_connection.not_understood"
    assert books() == []


def test_a_bank_that_waits_for_its_customer_is_said(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.items[0]["status"] = 1010
    synced = ask(company, bridge_connection)
    assert [warning.code for warning in synced.warnings] == ["live_feed.needs_authorisation"]
    bridge_connection.refresh_from_db()
    assert bridge_connection.problem["code"] == "live_feed.needs_authorisation"
    bridge.items[0]["status"] = 0
    ask(company, bridge_connection, now=LATER)
    bridge_connection.refresh_from_db()
    assert bridge_connection.problem is None


def test_accounts_customers_do_not_pay_to_are_left_out(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.add_account(2, type="card", iban=None)
    bridge.add_account(3, data_access="disabled", iban="FR7630006000011234567890189")
    bridge.add_account(4, currency_code="USD", iban=None, name="Compte dollars")
    bridge.tell(100, "VIR DUBOIS")
    bridge.tell(-20, "CARTE", account_id=2)
    bridge.tell(30, "AILLEURS", account_id=3)
    bridge.tell(40, "WIRE SMITH", account_id=4, currency_code="USD")
    ask(company, bridge_connection)
    assert {(row.account.identifier, row.currency) for row in Transaction.objects.select_related("account")} == {
        (IBAN, "EUR"), ("bridge:4", "USD"),
    }  # fmt: skip


def test_revoking_deletes_the_user_and_keeps_the_books(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection
):
    bridge.tell(100, "VIR DUBOIS")
    ask(company, bridge_connection)
    assert revoke_bank(company=company, connection_id=bridge_connection.pk, actor="test")
    assert bridge.users == {}
    assert not revoke_bank(company=company, connection_id=bridge_connection.pk, actor="test")
    assert len(books()) == 1
    assert sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test").feed is None


def test_a_round_that_dies_leaves_nothing(
    company: Company, bridge: FakeBridge, bridge_connection: BankConnection, monkeypatch
):
    bridge.tell(100, "VIR DUBOIS")
    with monkeypatch.context() as patch:
        patch.setattr(
            "encours.actions.sync_feed._Round._freshen", lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            sync_bank(company=company, connection_id=bridge_connection.pk, now=NOW, actor="test")
    assert (Transaction.objects.count(), FeedLine.objects.count(), ImportBatch.objects.count()) == (0, 0, 0)
    assert ask(company, bridge_connection).feed.created == 1
