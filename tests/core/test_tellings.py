"""What a line says is all that was told of it, in whatever order it was told.

On 2 March the bank books 490.00 from Dubois. camt.053 says `VIR SEPA RECU`, camt.054 the payer, the text and the
end-to-end id, CFONB the payer once more.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.deliveries import AccountBook
from encours.core.statements import Statement, Transaction
from encours.core.tellings import Telling, contradict, spoken, telling_from_json, what_lines_say

DAY = date(2026, 3, 2)
BARE = Transaction(DAY, 49_000, "EUR", remittance="VIR SEPA RECU", operation_code="PMNT-RCDT-ESCT")
DETAILED = Transaction(
    DAY, 49_000, "EUR", remittance="FACT-2026-0012", end_to_end_id="E12", counterparty_name="Boulangerie Dubois",
    counterparty_iban="FR7630004000031234567890143", bank_reference="N1", extra={"uetr": "u1"},
)  # fmt: skip
SHOUTED = Transaction(
    DAY, 49_000, "EUR", remittance="VIR BOULANGERIE DUBOIS", counterparty_name="BOULANGERIE DUBOIS"
)


def final(words: Transaction) -> Telling:
    return Telling(spoken(words), is_final=True)


def noticed(words: Transaction) -> Telling:
    return Telling(spoken(words), is_final=False)


def said(*tellings: Telling, is_finished: bool = True) -> Transaction:
    (words,) = what_lines_say([list(tellings)], is_finished=is_finished)
    return words


def test_what_one_telling_lacks_another_gives():
    words = said(final(BARE), noticed(DETAILED))
    assert (words.end_to_end_id, words.counterparty_name, words.operation_code) == (
        "E12", "Boulangerie Dubois", "PMNT-RCDT-ESCT",
    )  # fmt: skip
    assert words.remittance == "FACT-2026-0012 | VIR SEPA RECU"
    assert words.extra == {"uetr": "u1"}


def test_a_text_that_says_what_another_says_is_not_repeated():
    longer = replace(BARE, remittance="VIR. SEPA REÇU de DUBOIS")
    assert said(final(BARE), noticed(longer)).remittance == "VIR. SEPA REÇU de DUBOIS"


def test_of_two_names_the_more_detailed_telling_s_is_shown_and_both_are_kept():
    tellings = [final(SHOUTED), noticed(DETAILED)]
    assert said(*tellings).counterparty_name == "Boulangerie Dubois"
    assert [telling_from_json(each.as_json()) for each in tellings] == tellings


def test_what_contradicts_the_statement_is_kept_aside():
    other = replace(DETAILED, end_to_end_id="E99")
    assert contradict(DETAILED, other)
    assert said(final(DETAILED), noticed(other)).end_to_end_id == "E12"


def test_while_the_day_is_under_way_an_amount_alone_makes_no_line():
    assert said(noticed(BARE), noticed(DETAILED), is_finished=False) in (spoken(BARE), spoken(DETAILED))
    named = replace(BARE, bank_reference="N1")
    assert said(noticed(named), noticed(DETAILED), is_finished=False).end_to_end_id == "E12"


def test_two_payments_of_one_amount_are_never_mixed():
    """The statement names both payers, a notice nobody: whose it is cannot be known."""
    martin = replace(SHOUTED, remittance="VIR MENUISERIE MARTIN", counterparty_name="MENUISERIE MARTIN")
    anonymous = Transaction(DAY, 49_000, "EUR", end_to_end_id="E77")
    dubois_line, martin_line = what_lines_say(
        [[final(SHOUTED), noticed(anonymous)], [final(martin)]], is_finished=True
    )
    assert dubois_line == spoken(SHOUTED)
    assert martin_line == spoken(martin)


def test_two_lines_that_look_alike_may_be_completed_by_two_notices():
    second = replace(
        DETAILED, end_to_end_id="E13", bank_reference="N2", counterparty_name="Martin", counterparty_iban=""
    )
    lines = what_lines_say(
        [[final(BARE), noticed(DETAILED)], [final(BARE), noticed(second)]], is_finished=True
    )
    assert [words.end_to_end_id for words in lines] == ["E12", "E13"]


@st.composite
def tellings(draw) -> list[Telling]:
    field = st.sampled_from(["", "A1", "B2"])
    words = st.builds(
        lambda reference, iban, name, text: Transaction(
            DAY, 49_000, "EUR", end_to_end_id=reference, counterparty_iban=iban, counterparty_name=name, remittance=text
        ),
        field, field, st.sampled_from(["", "DUBOIS", "MARTIN"]), st.sampled_from(["", "VIREMENT", "FACTURE 12"]),
    )  # fmt: skip
    return draw(st.lists(st.builds(Telling, words, st.booleans()), min_size=1, max_size=5))


@given(tellings(), st.booleans(), st.data())
def test_the_order_of_the_tellings_makes_no_difference(told, is_finished, data):
    distinct = [each for n, each in enumerate(told) if each.words not in [other.words for other in told[:n]]]
    again = data.draw(st.permutations(distinct))
    assert said(*distinct, is_finished=is_finished) == said(*again, is_finished=is_finished)


# --- through the books of an account


def day(*lines: Transaction) -> Statement:
    return Statement(
        account="A", currency="EUR", transactions=lines, opening_cents=0, closing_cents=sum(t.amount_cents for t in lines),
        opening_date=DAY - timedelta(days=1), closing_date=DAY,
    )  # fmt: skip


def notice(*lines: Transaction) -> Statement:
    return Statement(account="A", currency="EUR", transactions=lines)


def lines_of(deliveries: list[tuple[Statement, str]]) -> list[Transaction]:
    book = AccountBook("A")
    for told, kind in deliveries:
        book.take(told, kind=kind)
    retold = {id(line): words for line, words in book.completed()}
    lines = [line for group in book.by_amount.values() for line in group]
    return sorted((retold.get(id(line), spoken(line.said)) for line in lines), key=repr)


MARTIN = replace(
    DETAILED, end_to_end_id="E13", counterparty_name="Menuiserie Martin", counterparty_iban="", bank_reference="N2",
    remittance="FACT-2026-0077",
)  # fmt: skip
SHOUTED_MARTIN = replace(SHOUTED, remittance="VIR MENUISERIE MARTIN", counterparty_name="MENUISERIE MARTIN")
FILES = {
    "camt.053": (day(BARE, replace(BARE)), "camt053"),
    "notice of Dubois": (notice(DETAILED), "camt054"),
    "notice of Martin": (notice(MARTIN), "camt054"),
    "CFONB": (day(SHOUTED_MARTIN, SHOUTED), "cfonb120"),
}


@given(st.permutations(list(FILES)), st.lists(st.sampled_from(list(FILES)), max_size=3))
def test_any_order_of_files_gives_the_same_words(order, again):
    lines = lines_of([FILES[name] for name in [*order, *again]])
    assert len(lines) == 2
    by_name = {words.counterparty_name: words for words in lines}
    assert by_name["Boulangerie Dubois"].end_to_end_id == "E12"
    assert by_name["Menuiserie Martin"].end_to_end_id == "E13"
    for words in lines:
        assert "VIR" in words.remittance
        assert "FACT" in words.remittance


@pytest.mark.parametrize("kind", ["camt053", "cfonb120"])
def test_a_notice_told_first_is_found_again_by_its_statement(kind):
    (words,) = lines_of([(notice(DETAILED), "camt054"), (day(BARE), kind)])
    assert (words.end_to_end_id, words.operation_code) == ("E12", "PMNT-RCDT-ESCT")
