"""Encaissements: bank lines, what they pay, and every answer a person may give.

House: one line of 500 € that names FA-2026-0001 (Menuiserie Lefèvre, 2,600 € open, instalments of 600 and 2,000 €): a
part payment, proposed. FA-2026-0002 (Boulangerie Dubois) is 1,200 € open.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from encours.actions import accept_proposals as bulk
from encours.actions.reconcile import reconcile
from encours.queries.receipts import waiting_counts
from encours.queries.treasury import cash_accounts, cash_position
from encours.store.models import (
    BankConnection,
    Company,
    Document,
    DropFile,
    FeedAccount,
    ImportBatch,
    Match,
    Payment,
    Transaction,
)
from tests import cast
from tests.backoffice.conftest import House, SignIn
from tests.backoffice.page import assert_fragment_sound

HTMX = {"HX-Request": "true"}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def client(house: House, sign_in: SignIn) -> Client:
    return sign_in(house.company, "accountant")


def open_cents(number: str) -> int:
    return Document.objects.get(number=number).open_cents


def dubois(house: House) -> Document:
    return Document.objects.get(company=house.company, number="FA-2026-0002")


def line_of_dubois(house: House, cents: int = 120_000, text: str = "VIREMENT SANS REFERENCE") -> Transaction:
    return cast.bank_line(
        house.company, cents, text, counterparty_name="BOULANGERIE DUBOIS", booked_date=date(2026, 3, 2)
    )


def press(client: Client, address: str, **given: object) -> str:
    """The button as htmx presses it: the line alone comes back."""
    response = client.post(f"/encaissements/{address}", given, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def propose_exactly(house: House) -> tuple[Transaction, Match]:
    """A line whose proposal settles FA-2026-0003 whole."""
    line = cast.bank_line(house.company, 84_000, "REGLT 3", booked_date=date(2026, 3, 2))
    document = Document.objects.get(company=house.company, number="FA-2026-0003")
    match = Match.objects.create(
        company=house.company, transaction=line, customer_id=document.customer_id, state="proposed",
        rule="reference", confidence=0.8, reason={"code": "match.no_reference", "params": {}}, decided_by="worker",
        lines=[{"document_id": document.pk, "number": document.number, "allocated_cents": 84_000}],
    )  # fmt: skip
    Transaction.objects.filter(pk=line.pk).update(state="proposed")
    return line, match


def test_a_line_says_what_it_pays_and_why(client: Client):
    body = client.get("/encaissements/").content.decode()
    assert "VIR LEFEVRE <mark>FA-2026-0001</mark>" in body
    assert "Menuiserie Lefèvre SAS" in body
    assert "paiement partiel" in body
    assert "Confiance" in body


def test_what_the_payer_wrote_is_never_markup(client: Client, house: House):
    Transaction.objects.filter(pk=house.line.pk).update(
        remittance="<script>x</script> FA-2026-0001 <b>&", counterparty_name="<i>A</i>"
    )
    for address in ("/encaissements/", f"/encaissements/{house.line.pk}/"):
        body = client.get(address).content.decode()
        assert "&lt;script&gt;x&lt;/script&gt; <mark>FA-2026-0001</mark> &lt;b&gt;&amp;" in body
        assert "<script>x" not in body
        assert "<i>A" not in body


def test_accepted_it_settles_its_invoice(client: Client, house: House):
    line, match = propose_exactly(house)
    body = press(client, f"{line.pk}/propositions/{match.pk}/accepter/")
    assert "Rapproché" in body
    assert "Reprendre ma réponse" in body
    assert open_cents("FA-2026-0003") == 0
    assert Transaction.objects.get(pk=line.pk).state == "matched"
    assert Payment.objects.get(transaction=line).unallocated_cents == 0
    # how many wait is told along with the line
    assert 'id="count-proposed"' in body


def test_undone_what_it_settled_is_open_again(client: Client, house: House):
    line, match = propose_exactly(house)
    press(client, f"{line.pk}/propositions/{match.pk}/accepter/")
    body = press(client, f"{line.pk}/propositions/{match.pk}/defaire/")
    assert "Défait" in body
    assert open_cents("FA-2026-0003") == 84_000
    assert Transaction.objects.get(pk=line.pk).state == "new"
    # undone already: nothing more happens, and it is said
    assert "déjà défait" in press(client, f"{line.pk}/propositions/{match.pk}/defaire/")
    assert open_cents("FA-2026-0003") == 84_000


def test_rejected_it_does_not_come_back(client: Client, house: House):
    press(client, f"{house.line.pk}/propositions/{house.match.pk}/refuser/")
    assert Transaction.objects.get(pk=house.line.pk).state == "new"
    assert Match.objects.get(pk=house.match.pk).state == "rejected"
    reconcile(company=house.company, on=date.today(), actor="test")  # noqa: DTZ011
    assert Transaction.objects.get(pk=house.line.pk).state == "new"
    assert open_cents("FA-2026-0001") == 260_000


def test_who_comes_second_is_told_in_words(client: Client, house: House, sign_in: SignIn):
    address = f"{house.line.pk}/propositions/{house.match.pk}"
    press(sign_in(house.company, "admin"), f"{address}/accepter/")
    again = press(client, f"{address}/accepter/")
    assert "déjà accepté" in again
    assert open_cents("FA-2026-0001") == 210_000
    late = press(client, f"{address}/refuser/")
    assert "Cette proposition n&#x27;existe plus" in late
    assert Match.objects.get(pk=house.match.pk).state == "applied"
    # the line is shown as it is now, so that the next answer is an informed one
    assert "Défaire" in late


def test_a_proposal_whose_invoice_was_paid_meanwhile_says_so(client: Client, house: House):
    line, match = propose_exactly(house)
    Match.objects.filter(pk=match.pk).update(
        lines=[dict(each, allocated_cents=90_000) for each in match.lines]
    )
    body = press(client, f"{line.pk}/propositions/{match.pk}/accepter/")
    assert "plus assez d&#x27;ouvert" in body
    assert open_cents("FA-2026-0003") == 84_000


def test_a_proposal_of_another_line_is_not_touched(client: Client, house: House):
    other = line_of_dubois(house)
    body = press(client, f"{other.pk}/propositions/{house.match.pk}/accepter/")
    assert "Cette proposition n&#x27;existe plus" in body
    assert Match.objects.get(pk=house.match.pk).state == "proposed"


def test_chosen_by_hand_the_rest_stays_on_account(client: Client, house: House):
    line, document = line_of_dubois(house, cents=150_000), dubois(house)
    page = client.get(f"/encaissements/{line.pk}/", {"q": "dubois", "document": document.pk})
    assert page.context["choice"].left_cents == 30_000
    response = client.post(
        f"/encaissements/{line.pk}/rapprocher/",
        {"document": document.pk, f"amount_{document.pk}": "1 000,00"},
    )
    assert response.status_code == 302
    assert open_cents("FA-2026-0002") == 20_000
    assert Payment.objects.get(transaction=line).unallocated_cents == 50_000
    body = client.get(response["Location"]).content.decode()
    assert "au compte du client" in body.lower()


def test_the_whole_line_goes_on_a_customers_account(client: Client, house: House):
    line = line_of_dubois(house)
    found = client.get(f"/encaissements/{line.pk}/?q=dubois").context["customers"]
    assert [customer.name for customer in found] == ["Boulangerie Dubois SARL"]
    client.post(f"/encaissements/{line.pk}/rapprocher/", {"customer": found[0].id})
    assert Payment.objects.get(transaction=line).unallocated_cents == 120_000
    assert open_cents("FA-2026-0002") == 120_000


def test_a_credit_note_adds_to_what_the_line_settles(client: Client, house: House):
    """800 € with the credit note of 100 € settle 900 € of FA-2026-0001's 2,600 €."""
    line = cast.bank_line(house.company, 80_000, "SOLDE", booked_date=date.today())  # noqa: DTZ011
    client.post(
        f"/encaissements/{line.pk}/rapprocher/", {"document": [house.invoice.pk, house.credit_note.pk]}
    )
    assert open_cents("AV-2026-0001") == 0
    assert open_cents("FA-2026-0001") == 170_000
    assert Payment.objects.get(transaction=line).unallocated_cents == 0


@pytest.mark.parametrize(
    ("chosen", "amount", "told"),
    [
        ([], "", "Choisissez"),
        (["FA-2026-0002", "FA-2026-0001"], "", "plusieurs clients"),
        (["FA-2026-0002"], "mille", "illisible"),
        (["FA-2026-0002"], "-5", "illisible"),
        (["FA-2026-0002"], "5000", "ne dépassent pas"),
    ],
)
def test_a_choice_that_cannot_be_is_told_and_kept(
    client: Client, house: House, chosen: list[str], amount: str, told: str
):
    line = line_of_dubois(house)
    ids = [Document.objects.get(number=number).pk for number in chosen]
    given = {"document": ids, "q": "2026"} | {f"amount_{key}": amount for key in ids}
    response = client.post(f"/encaissements/{line.pk}/rapprocher/", given)
    assert response.status_code == 409
    assert told in response.content.decode()
    assert [choice.document.number for choice in response.context["choice"].choices] == sorted(
        chosen, key=lambda number: Document.objects.get(number=number).due_date
    )
    assert not Payment.objects.filter(transaction=line).exists()


def test_set_aside_with_a_reason_and_taken_back(client: Client, house: House):
    line = line_of_dubois(house)
    assert "Dites pourquoi" in press(client, f"{line.pk}/ecarter/", reason="  ")
    body = press(client, f"{line.pk}/ecarter/", reason="Virement entre nos comptes")
    assert "Écartée\N{NO-BREAK SPACE}: Virement entre nos comptes" in body
    assert line.pk in [row.id for row in client.get("/encaissements/?state=set_aside").context["page"].rows]
    press(client, f"{line.pk}/reprendre/")
    assert Transaction.objects.get(pk=line.pk).state == "new"


def test_several_are_accepted_at_once_and_each_stands_by_itself(client: Client, house: House):
    _line, match = propose_exactly(house)
    gone = Match.objects.create(
        company=house.company, transaction=line_of_dubois(house), customer=house.customer, state="rejected",
        rule="reference", confidence=0.8, reason={"code": "match.no_reference", "params": {}}, decided_by="x",
    )  # fmt: skip
    response = client.post(
        "/encaissements/accepter/",
        {"match": [house.match.pk, match.pk, gone.pk], "back": "/encaissements/?state=proposed&q=reglt"},
        follow=True,
    )
    assert response.redirect_chain[0][0] == "/encaissements/?state=proposed&q=reglt"
    body = response.content.decode()
    assert "2 lignes sont rapprochées" in body
    assert "Non rapprochée\N{NO-BREAK SPACE}: Cette proposition" in body
    assert (open_cents("FA-2026-0001"), open_cents("FA-2026-0003")) == (210_000, 0)


def test_a_tick_no_row_can_have_chooses_nothing(client: Client, house: House):
    body = client.post("/encaissements/accepter/", {"match": ["9" * 30, "²", "-1"]}, follow=True)
    assert "Choisissez" in body.content.decode()


def test_a_button_never_leads_outside(client: Client, house: House):
    for back in ("https://evil.example/", "//evil.example/encaissements/", "/encaissements/\\evil"):
        response = client.post("/encaissements/accepter/", {"back": back})
        assert response["Location"].startswith("/encaissements/"), back
        assert "evil.example" not in response["Location"]


def test_without_javascript_a_button_leads_back_to_its_line(client: Client, house: House):
    response = client.post(
        f"/encaissements/{house.line.pk}/propositions/{house.match.pk}/accepter/",
        {"back": "/encaissements/?q=lef"},
    )
    assert response["Location"] == f"/encaissements/?q=lef#line-{house.line.pk}"
    assert "Rapproché" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [50_000]),
        ("state=new", [120_000]),
        ("state=all", [50_000, 120_000]),
        ("state=matched", []),
        ("state=all&q=dubois", [120_000]),
        ("state=all&min=600&max=1 200,00", [120_000]),
        ("state=all&until=2026-03-02", [120_000]),
        ("state=all&since=2026-03-03", [50_000]),
        ("state=nope&min=abc&account=x", [50_000]),
    ],
)
def test_filters(client: Client, house: House, query: str, expected: list[int]):
    line_of_dubois(house)
    page = client.get(f"/encaissements/?{query}").context["page"]
    assert [row.amount_cents for row in page.rows] == expected


def test_an_account_filters_and_another_companys_does_not_exist(
    client: Client, house: House, other_company: Company
):
    account = cast.bank_account(house.company)
    assert len(client.get(f"/encaissements/?account={account.pk}").context["page"].rows) == 1
    # not a choice, so no filter
    assert len(client.get("/encaissements/?account=999999999").context["page"].rows) == 1


def test_the_results_come_alone_for_htmx(client: Client, house: House):
    assert_fragment_sound(client.get("/encaissements/", headers=HTMX).content.decode())


def test_a_viewer_looks_and_does_not_act(house: House, sign_in: SignIn):
    client = sign_in(house.company, "viewer")
    for address in ("/encaissements/", f"/encaissements/{house.line.pk}/"):
        body = client.get(address).content.decode()
        assert "Accepter" not in body
        assert "formaction" not in body
    response = client.post(f"/encaissements/{house.line.pk}/propositions/{house.match.pk}/accepter/")
    assert response.status_code == 403
    assert Match.objects.get(pk=house.match.pk).state == "proposed"


def test_another_companys_line_does_not_exist(house: House, other_company: Company, sign_in: SignIn):
    client = sign_in(other_company, "admin")
    assert client.get(f"/encaissements/{house.line.pk}/").status_code == 404
    for verb in ("accepter", "refuser", "defaire"):
        url = f"/encaissements/{house.line.pk}/propositions/{house.match.pk}/{verb}/"
        assert client.post(url, headers=HTMX).status_code == 404
    client.post("/encaissements/accepter/", {"match": house.match.pk})
    assert Match.objects.get(pk=house.match.pk).state == "proposed"


def test_the_cash_position_tells_each_accounts_last_balance_and_its_age(house: House):
    company, on = house.company, date(2026, 3, 10)
    account = cast.bank_account(company)
    for days, cents in ((9, 100), (3, 123_456), (5, 200)):
        day = on - timedelta(days=days)
        cast.statement(company, account, closing_cents=cents, closing_date=day, known_until_date=day)
    # a list of movements tells no balance but that the account is known up to today
    cast.statement(company, account, known_until_date=on)
    silent = cast.bank_account(company, identifier="FR7612345", currency="USD")
    position = {
        each.account.identifier: (each.balance_cents, each.balance_date, each.account.age_days)
        for each in cash_position(company=company, on=on)
    }
    assert position == {
        account.identifier: (123_456, date(2026, 3, 7), 0),
        silent.identifier: (None, None, None),
    }


def test_lines_are_counted_by_state(house: House, other_company: Company):
    line_of_dubois(house)
    counted = {state: waiting.count for state, waiting in waiting_counts(company=house.company).items()}
    counted.pop("removed")  # lines a feed took back are no work
    assert counted == {"new": 1, "proposed": 1, "matched": 0, "set_aside": 0}


def test_matching_is_asked_for_once(client: Client, house: House):
    first = client.post("/encaissements/rapprocher/", follow=True).content.decode()
    again = client.post("/encaissements/rapprocher/", follow=True).content.decode()
    assert "sont en cours de rapprochement" in first
    assert "déjà demandé" in again


def test_another_proposal_is_accepted_in_the_list_itself(client: Client, house: House):
    line, first = propose_exactly(house)
    document = dubois(house)
    other = Match.objects.create(
        company=house.company, transaction=line, customer_id=document.customer_id, state="proposed",
        rule="amount:part", confidence=0.1, reason={"code": "match.no_reference", "params": {}}, decided_by="worker",
        lines=[{"document_id": document.pk, "number": document.number, "allocated_cents": 84_000}],
    )  # fmt: skip
    body = client.get("/encaissements/").content.decode()
    assert body.index("FA-2026-0003") < body.index("FA-2026-0002")
    assert f"/encaissements/{line.pk}/propositions/{other.pk}/accepter/" in body
    press(client, f"{line.pk}/propositions/{other.pk}/accepter/")
    assert (open_cents("FA-2026-0002"), open_cents("FA-2026-0003")) == (36_000, 84_000)
    assert Match.objects.get(pk=first.pk).state == "superseded"


def test_an_answer_is_taken_back_by_who_gave_it(client: Client, house: House, sign_in: SignIn):
    line, match = propose_exactly(house)
    press(client, f"{line.pk}/propositions/{match.pk}/accepter/")
    assert "Rien à reprendre" in press(sign_in(house.company, "admin"), f"{line.pk}/revenir/")
    assert open_cents("FA-2026-0003") == 0
    body = press(client, f"{line.pk}/revenir/")
    assert "Réponse reprise" in body
    assert "Accepter" in body
    assert open_cents("FA-2026-0003") == 84_000
    assert "Rien à reprendre" in press(client, f"{line.pk}/revenir/")
    response = client.post(f"/encaissements/{line.pk}/revenir/", {"back": "/encaissements/?q=lef"})
    assert response["Location"] == f"/encaissements/?q=lef#line-{line.pk}"


def test_the_payers_name_is_marked_wherever_the_bank_writes_it(client: Client, house: House):
    Transaction.objects.filter(pk=house.line.pk).update(
        remittance="VIR SEPA MENUISERIE LEFEVRE FA-2026-0001",
        counterparty_name="MENUISERIE LEFÈVRE & FILS <b>",
    )
    body = client.get("/encaissements/").content.decode()
    assert "VIR SEPA <mark>MENUISERIE LEFEVRE</mark> <mark>FA-2026-0001</mark>" in body
    assert "<mark>MENUISERIE LEFÈVRE</mark> &amp; FILS &lt;b&gt;" in body


def test_numbers_beside_the_tabs_obey_the_filters(client: Client, house: House):
    line_of_dubois(house)
    counts = client.get("/encaissements/?min=600").context["counts"]
    assert (counts["proposed"].count, counts["new"].count) == (0, 1)
    # and still do once a line was answered
    _line, match = propose_exactly(house)
    body = press(
        client,
        f"{_line.pk}/propositions/{match.pk}/accepter/",
        back="/encaissements/?min=600&account=",
    )
    assert 'id="count-proposed" class="tag" hx-swap-oob="true">0<' in body
    assert 'id="count-matched" class="tag" hx-swap-oob="true">1<' in body
    # with a text the history is not counted: it would have to be read whole
    assert "matched" not in client.get("/encaissements/?q=dubois").context["counts"]


def test_proposals_from_a_confidence_on_are_counted_then_accepted(client: Client, house: House):
    _line, _match = propose_exactly(house)  # 80 %
    page = client.get("/encaissements/accepter-par-score/?score=80&min=600")
    body = page.content.decode()
    assert "Accepter la proposition à 80\N{NO-BREAK SPACE}% ou plus" in body
    assert "Seules comptent les lignes que montrent les filtres" in body
    given = {"score": 80, "last": page.context["last_match_id"]}
    response = client.post("/encaissements/accepter-par-score/?min=600", given)
    body = client.get(response["Location"]).content.decode()
    assert "Voir ces lignes" in body
    assert (open_cents("FA-2026-0003"), open_cents("FA-2026-0001")) == (0, 260_000)
    # pressed again: nothing is left to accept
    again = client.get(client.post("/encaissements/accepter-par-score/?min=600", given)["Location"])
    assert again.context["detail"].count == 0


@pytest.mark.parametrize(
    "given", [{}, {"score": "x"}, {"score": "0", "last": "x"}, {"score": "9" * 30, "last": "-1"}]
)
def test_a_score_or_a_count_that_cannot_be_accepts_nothing(
    client: Client, house: House, given: dict[str, str]
):
    response = client.post("/encaissements/accepter-par-score/", given)
    assert response.status_code == 302
    assert Match.objects.get(pk=house.match.pk).state == "proposed"
    assert client.get("/encaissements/accepter-par-score/", given).status_code == 200


def test_progress_is_told_while_a_worker_accepts(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk, "PART", 0)
    given = {"score": 1, "last": house.match.pk}
    address = client.post("/encaissements/accepter-par-score/", given)["Location"]
    body = client.get(address, headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s"' in body
    assert "<progress" in body
    # pressed again it leads to the same
    assert client.post("/encaissements/accepter-par-score/", given)["Location"] == address


def test_lines_accepted_together_of_another_company_do_not_exist(
    house: House, other_company: Company, sign_in: SignIn
):
    client = sign_in(other_company, "admin")
    assert client.get(f"/encaissements/lots/{house.acceptance_id}/").status_code == 404
    assert client.post(f"/encaissements/{house.line.pk}/revenir/", headers=HTMX).status_code == 404
    assert client.get(f"/encaissements/{house.line.pk}/choisir/", headers=HTMX).status_code == 404
    client.post("/encaissements/accepter-par-score/", {"score": 1, "last": house.match.pk})
    assert Match.objects.get(pk=house.match.pk).state == "proposed"


def test_all_banks_are_told_in_one_view(client: Client, house: House):
    company, today = house.company, date.today()  # noqa: DTZ011 (the pages show today)
    account = cast.bank_account(company)
    dollars = cast.bank_account(company, identifier="US123", currency="USD")
    for days, opening, closing in (
        (12, 0, 100),
        (11, 100, 200),
        (9, 300, 400),
    ):  # one is missing before the last
        day = today - timedelta(days=days)
        cast.statement(
            company, account, opening_cents=opening, opening_date=day, closing_cents=closing,
            closing_date=day + timedelta(days=1), known_until_date=day + timedelta(days=1),
        )  # fmt: skip
    cast.statement(company, dollars, closing_cents=5_000, closing_date=today, known_until_date=today)
    page = client.get("/encaissements/tresorerie/")
    totals = {total.currency: total.balance_cents for total in page.context["totals"]}
    assert totals == {"EUR": 400, "USD": 5_000}
    told = {each.position.account.id: each for each in page.context["accounts"]}
    euros = told[account.pk]
    assert euros.position.account.is_too_old
    assert euros.unsettled.proposed_count == 1
    assert [gap.code for gap in euros.continuity.gaps] == ["statement_balance_gap"]
    assert told[dollars.pk].continuity.checked_count == 0
    body = page.content.decode()
    assert "trop anciennes" in body
    assert "Il manque un relevé du compte" in body
    assert f"?state=proposed&amp;account={account.pk}" in body


def test_where_an_accounts_data_comes_from_is_told(house: House):
    company, on = house.company, date(2026, 3, 10)
    account = cast.bank_account(company)
    statement = cast.statement(company, account, known_until_date=on)

    def source() -> tuple[str, str]:
        (found,) = [each.source for each in cash_accounts(company=company, on=on) if each.source]
        return found.kind, found.name

    assert source() == ("file", statement.batch.file_name)
    DropFile.objects.create(
        company=company, connection=house.connection, name="a.xml", size=1, modified_at=NOW, seen_at=NOW,
        state="done", batch=statement.batch,
    )  # fmt: skip
    assert source() == ("drop", "Banque de Lumen")
    feed = BankConnection.objects.create(company=company, provider="qonto", name="Qonto", hook_key="x")
    FeedAccount.objects.create(company=company, connection=feed, external_id="1", account=account)
    brought = cast.statement(company, account, known_until_date=on)
    ImportBatch.objects.filter(pk=brought.batch_id).update(kind="qonto")
    assert source() == ("feed", "Qonto")
