"""Encaissements by keyboard, in place, and without JavaScript."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from encours.store.models import Document, Match, Transaction
from tests import cast
from tests.backoffice.conftest import House
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def lines(house: House) -> list[Transaction]:
    """Three lines of 100 €, each with proposals for three invoices of 100 € of its own, the likelier first; with the house's
    own line, which is the least sure, four to confirm."""
    found = []
    for rank in range(1, 4):
        line = cast.bank_line(house.company, 10_000, f"VIR {rank}", counterparty_name=f"PAYEUR {rank}")
        Transaction.objects.filter(pk=line.pk).update(state="proposed")
        for place in range(1, 4):
            document = cast.invoice(
                house.company,
                house.customer,
                f"L{rank}-{place}",
                payable_cents=10_000,
                issue_date=line.booked_date,
            )
            Match.objects.create(
                company=house.company, transaction=line, customer=house.customer, state="proposed", rule="name:exact",
                confidence=(100 - rank) / 100 / place, decided_by="worker",
                reason={"code": "match.no_reference", "params": {}},
                lines=[{"document_id": document.pk, "number": document.number, "allocated_cents": 10_000}],
            )  # fmt: skip
        found.append(line)
    return found


def is_open(number: str) -> bool:
    return Document.objects.get(number=number).open_cents != 0


def state(line: Transaction) -> str:
    return Transaction.objects.get(pk=line.pk).state


class Desk:
    """The page, worked on by keys alone."""

    def __init__(self, opened: Any, address: str = "/encaissements/") -> None:
        self.page, self.complaints = opened.page, opened.complaints
        self.page.goto(address, wait_until="networkidle")
        self.page.evaluate("window.sameDocument = true")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def is_on(self, line: Transaction) -> None:
        expect(self.page.locator(f"#line-{line.pk}")).to_be_focused()

    def hears(self, words: str) -> None:
        expect(self.page.locator("#told")).to_contain_text(words)

    @property
    def never_left(self) -> bool:
        return self.page.evaluate("window.sameDocument") is True


def test_a_morning_of_lines_by_keys_alone(lines: list[Transaction], open_page: OpenPage):
    """Accept the first, another proposal for the second, set the third aside; then take all back."""
    first, second, third = lines
    desk = Desk(open_page(role="accountant"))
    desk.press("j")
    desk.is_on(first)
    desk.press("Enter")
    desk.is_on(second)
    desk.hears("PAYEUR 1 Rapprochée.")
    assert not is_open("L1-1")
    assert desk.page.locator("#count-proposed").inner_text() == "3"
    desk.press("2")
    desk.is_on(third)
    desk.hears("PAYEUR 2")
    assert (is_open("L2-1"), is_open("L2-2"), is_open("L2-3")) == (True, False, True)
    desk.press("s")
    desk.page.keyboard.type("Virement interne")
    desk.press("Enter")
    desk.hears("PAYEUR 3 Écartée.")
    assert state(third) == "set_aside"
    for line, number in ((third, "L3-1"), (second, "L2-2"), (first, "L1-1")):
        desk.press("z")
        desk.is_on(line)
        desk.hears("Réponse reprise")
        assert state(line) == "proposed"
        assert is_open(number)
    # the three proposals are there again, and the third of them
    desk.page.locator(f"#line-{first.pk} .alternatives li").nth(1).wait_for()
    desk.press("3")
    desk.is_on(second)
    assert not is_open("L1-3")
    assert desk.never_left
    assert desk.complaints == []


def test_rejected_and_taken_back(lines: list[Transaction], open_page: OpenPage):
    first, second, _third = lines
    desk = Desk(open_page(role="accountant"))
    desk.press("j", "r")
    desk.is_on(second)
    desk.hears("Refusée")
    assert Match.objects.filter(transaction=first, state="rejected").count() == 1
    desk.press("z")
    desk.is_on(first)
    desk.hears("Réponse reprise")
    assert Match.objects.filter(transaction=first, state="proposed").count() == 3


def test_a_line_is_split_in_its_place(lines: list[Transaction], open_page: OpenPage):
    """60 € on the first document, and 40 € on another one found by its number, without leaving the list."""
    first, second, _third = lines
    desk = Desk(open_page(role="accountant"))
    desk.press("j", "d")
    expect(desk.page.get_by_label("Montant pour L1-1")).to_be_focused()
    desk.page.keyboard.type("60")
    place = desk.page.locator(f"#line-{first.pk} .bank-line-choose")
    assert place.locator("[data-left]").inner_text().startswith("40,00")
    search = place.get_by_label("Numéro, client")
    search.focus()
    desk.page.keyboard.type("L1-2")
    desk.press("Enter")
    place.get_by_role("checkbox", name="L1-2").check()
    place.get_by_role("button", name="Rapprocher avec la sélection").press("Enter")
    desk.is_on(second)
    desk.hears("La ligne est rapprochée.")
    opened = {number: Document.objects.get(number=number).open_cents for number in ("L1-1", "L1-2")}
    assert opened == {"L1-1": 4_000, "L1-2": 6_000}
    assert desk.never_left
    assert desk.complaints == []


def test_what_is_chosen_while_a_search_is_awaited_stays_chosen(lines: list[Transaction], open_page: OpenPage):
    """The answer replaces the list; without the box ticked meanwhile, 40 € would silently go on account."""
    desk = Desk(open_page(role="accountant"))
    page = desk.page
    desk.press("j", "d")
    place = page.locator(f"#line-{lines[0].pk} .bank-line-choose")
    place.get_by_label("Montant pour L1-1").fill("60")
    place.get_by_label("Numéro, client").fill("L1-")
    with page.expect_response("**/choisir/**"):
        desk.press("Enter")
    place.get_by_role("checkbox", name="L1-3").wait_for()
    answers: list[Route] = []
    page.route("**/choisir/**", lambda route: answers.append(route))
    place.get_by_label("Numéro, client").fill("L1-3")
    desk.press("Enter")
    place.get_by_role("checkbox", name="L1-2").check()
    while not answers:
        page.wait_for_timeout(10)
    page.unroute("**/choisir/**")  # which lets what was held go on
    expect(place.get_by_role("checkbox", name="L1-2")).to_be_checked()
    expect(place.locator("tr.is-chosen")).to_have_count(2)
    place.get_by_role("button", name="Rapprocher avec la sélection").press("Enter")
    desk.is_on(lines[1])
    opened = {number: Document.objects.get(number=number).open_cents for number in ("L1-1", "L1-2", "L1-3")}
    assert opened == {"L1-1": 4_000, "L1-2": 6_000, "L1-3": 10_000}
    assert desk.never_left


def test_a_choice_that_cannot_be_is_told_in_its_place(lines: list[Transaction], open_page: OpenPage):
    desk = Desk(open_page(role="accountant"))
    desk.press("j", "d")
    expect(desk.page.get_by_label("Montant pour L1-1")).to_be_focused()
    desk.page.keyboard.type("mille")
    place = desk.page.locator(f"#line-{lines[0].pk} .bank-line-choose")
    place.get_by_role("button", name="Rapprocher avec la sélection").press("Enter")
    place.get_by_role("alert").get_by_text("illisible").wait_for()
    assert state(lines[0]) == "proposed"
    place.get_by_role("button", name="Fermer").press("Enter")
    desk.is_on(lines[0])
    assert place.inner_html() == ""
    assert desk.never_left


def test_a_customer_is_found_for_a_line(lines: list[Transaction], open_page: OpenPage):
    desk = Desk(open_page(role="accountant"))
    desk.press("j", "f")
    expect(desk.page.get_by_label("Numéro, client")).to_be_focused()
    desk.page.keyboard.type("dubois")
    desk.press("Enter")
    place = desk.page.locator(f"#line-{lines[0].pk} .bank-line-choose")
    place.get_by_role("link", name="Boulangerie Dubois SARL").press("Enter")
    place.get_by_role("button", name="Porter le tout au compte de ce client").press("Enter")
    desk.is_on(lines[1])
    assert Match.objects.get(transaction=lines[0], state="applied").lines == []


def test_who_comes_second_is_told_and_goes_on(lines: list[Transaction], open_page: OpenPage):
    _first, second, _third = lines
    one, other = Desk(open_page(role="accountant")), Desk(open_page(role="admin"))
    one.press("j", "a")
    one.is_on(second)
    other.press("j", "a")
    other.hears("déjà accepté")
    # another choice for what is settled is refused, and the line shown as it stands now
    third = Desk(open_page(role="admin", language="en"))
    third.press("j")
    third.is_on(second)
    one.press("a")
    one.hears("PAYEUR 2")
    third.press("3")
    third.hears("This proposal is gone")
    third.is_on(second)
    assert third.page.locator(f"#line-{second.pk}").get_by_role("button", name="Undo").is_visible()
    assert (is_open("L2-1"), is_open("L2-3")) == (False, True)


def test_a_key_pressed_twice_answers_once(lines: list[Transaction], open_page: OpenPage):
    first, second, third = lines
    desk = Desk(open_page(role="accountant"))
    desk.press("j")
    desk.is_on(first)
    # before the answer to the first can have come, on the same line
    desk.page.evaluate(
        "for (let i = 0; i < 3; i++) document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}))"
    )
    desk.is_on(second)
    # held down it does not answer line after line
    desk.page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true, repeat: true}))"
    )
    desk.page.wait_for_load_state("networkidle")
    assert [state(line) for line in (first, second, third)] == ["matched", "proposed", "proposed"]
    assert Match.objects.filter(state="applied", transaction__in=[line.pk for line in lines]).count() == 1


def test_single_keys_can_be_switched_off_and_never_act_in_a_field(
    lines: list[Transaction], open_page: OpenPage
):
    desk = Desk(open_page(role="accountant"))
    page = desk.page
    assert page.locator("[data-keys-hint]").is_visible()
    desk.press("/")
    page.keyboard.type("ja2")
    assert page.get_by_label("Recherche").input_value() == "ja2"
    desk = Desk(open_page(role="accountant"))
    page = desk.page
    desk.press("Control+a", "Alt+j")
    assert page.evaluate("document.activeElement.closest('.bank-line')") is None
    desk.press("?")
    dialog = page.get_by_role("dialog", name="Clavier")
    desk.press("j", "a")  # nothing acts behind the dialog
    dialog.get_by_label("Les touches seules agissent").uncheck()
    dialog.get_by_role("button", name="Fermer").click()
    assert not page.locator("[data-keys-hint]").is_visible()
    page.reload(wait_until="networkidle")
    desk.press("j", "a", "2")
    assert page.evaluate("document.activeElement.closest('.bank-line')") is None
    assert {state(line) for line in lines} == {"proposed"}
    # the arrows still go from line to line, once one of them has the focus
    page.locator(f"#line-{lines[0].pk}").focus()
    desk.press("ArrowDown")
    desk.is_on(lines[1])
    desk.press("ArrowUp")
    desk.is_on(lines[0])


def test_the_keys_of_a_reader_only_move(lines: list[Transaction], open_page: OpenPage):
    desk = Desk(open_page(role="viewer"))
    desk.press("j", "a", "2", "r", "s", "d", "f", "x", "z", "b", "u", "Enter")
    desk.is_on(lines[0])
    assert {state(line) for line in lines} == {"proposed"}
    assert desk.page.locator(".bank-line-choose").count() == 0
    desk.press("?")
    assert desk.page.get_by_role("dialog").get_by_text("accepter").count() == 0
    assert desk.never_left


def test_many_are_accepted_by_confidence_from_the_keyboard(lines: list[Transaction], open_page: OpenPage):
    desk = Desk(open_page(role="accountant"), "/encaissements/?q=PAYEUR")
    desk.press("b")
    page = desk.page
    button = page.get_by_role("button", name="Accepter les 2 propositions à 98 % ou plus")
    page.get_by_label("Confiance d’au moins (%)").fill("98")
    desk.press("Enter")
    button.focus()
    desk.press("Enter")
    page.get_by_role("link", name="Voir ces lignes, en défaire une").click()
    assert [state(line) for line in lines] == ["matched", "matched", "proposed"]
    page.wait_for_load_state("networkidle")
    desk.press("j", "u")
    page.get_by_text("de nouveau ouvert").first.wait_for()
    assert sorted(state(line) for line in lines) == ["matched", "new", "proposed"]


def test_what_waits_is_shown_again_from_its_first_line(lines: list[Transaction], open_page: OpenPage):
    desk = Desk(open_page(role="accountant"))
    desk.press("j", "a")
    desk.is_on(lines[1])
    desk.press("n")
    expect(desk.page.locator(f"#line-{lines[0].pk}")).to_have_count(0)
    desk.is_on(lines[1])
    assert desk.never_left


def test_the_rest_is_told_while_choosing(house: House, open_page: OpenPage):
    page = open_page(role="accountant").page
    page.goto(f"/encaissements/{house.line.pk}/?q=lef", wait_until="networkidle")
    rest = page.locator("[data-left]")
    assert rest.inner_text().startswith("500,00")
    page.get_by_label("Montant pour FA-2026-0001").fill("120,50")
    assert rest.inner_text().startswith("379,50")
    assert page.get_by_role("checkbox", name="FA-2026-0001").is_checked()
    page.get_by_role("button", name="Rapprocher avec la sélection").click()
    page.get_by_text("La ligne est rapprochée.").wait_for()


def test_everything_works_without_javascript(lines: list[Transaction], house: House, open_page: OpenPage):
    page = open_page(role="accountant", javascript=False).page
    page.goto("/encaissements/")
    assert not page.locator("[data-keys-hint]").is_visible()
    # another proposal than the first
    page.locator(f"#line-{lines[0].pk}").get_by_role("button", name="Accepter celle-ci").nth(1).click()
    assert not is_open("L1-3")
    page.locator(f"#line-{house.line.pk}").get_by_role("button", name="Refuser").click()
    assert page.get_by_text("Refusée : cette proposition ne sera plus faite.").is_visible()
    page.get_by_role("link", name="Accepter en nombre selon la confiance").click()
    page.get_by_role("button", name="Accepter les 2 propositions à 95 % ou plus").click()
    page.get_by_role("link", name="Voir ces lignes, en défaire une").click()
    assert page.locator(".bank-line").count() == 2
    page.goto("/encaissements/?state=new")
    page.get_by_role("link", name="Choisir à la main").click()
    page.get_by_label("Numéro, client").fill("FA-2026-0003")
    page.get_by_role("button", name="Recherche").click()
    page.get_by_role("checkbox", name="FA-2026-0003").check()
    page.get_by_role("button", name="Rapprocher avec la sélection").click()
    assert page.get_by_text("La ligne est rapprochée.").is_visible()
    page.get_by_role("button", name="Défaire").click()
    assert page.get_by_text("de nouveau ouvert").first.is_visible()
