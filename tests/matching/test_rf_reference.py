"""Every document has a creditor reference of its own, and a transfer that quotes nothing else finds it."""

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.actions.letter_facts import payment_rows
from encours.actions.reconcile import reconcile
from encours.core.payments.transfer_reference import (
    MAX_FORMS,
    Bearer,
    document_id_of,
    grouped,
    id_reference,
    number_forms,
    number_reference,
    transfer_references,
)
from encours.core.references import compact, is_creditor_reference, normalised_number
from encours.queries.letters import letter
from encours.queries.transfer_references import asked_reference, references_of
from encours.store.models import Message
from encours.store.tenancy import company_scope
from tests import cast

JAN, MARCH = date(2026, 1, 5), date(2026, 3, 2)
NUMBERS = st.from_regex(r"[A-Z]{0,4}[-/ ]?[0-9]{1,6}(?:[-/. ][0-9]{1,6}){0,3}", fullmatch=True)


def valid(reference: str) -> bool:
    """ISO 11649, written out: the first four to the end, letters as two digits, remainder 1."""
    digits = "".join(str(int(char, 36)) for char in reference[4:] + reference[:4])
    return re.fullmatch(r"RF\d\d[0-9A-Z]{1,21}", reference) is not None and int(digits) % 97 == 1


def assigned(numbers: list[str]) -> dict[int, str]:
    """References of documents that came in this order, ids from 1."""
    bearers = [Bearer(rank, number) for rank, number in enumerate(numbers, start=1)]
    alike = [(each.document_id, each.number) for each in bearers]
    return transfer_references(bearers=bearers, alike=alike, taken={})


@given(st.lists(NUMBERS | st.from_regex(r"Z[0-9]{1,3}Z", fullmatch=True) | st.text(max_size=30), max_size=30))
def test_references_are_valid_and_no_two_documents_share_one(numbers):
    found = assigned(numbers)
    assert len(set(found.values())) == len(found) == len(numbers)
    assert all(valid(each) for each in found.values())


@given(
    st.lists(st.sampled_from(["F1-001", "F10-01", "F1001", "F-1001", "2025-12", "Z3Z"]), max_size=8), NUMBERS
)
def test_a_reference_stays_what_documents_come_later(numbers, later):
    before = assigned(numbers)
    after = assigned([*numbers, later, "F-1-001", "Z1Z"])
    assert {key: after[key] for key in before} == before


@given(NUMBERS)
def test_the_number_is_among_what_its_letters_and_digits_may_be(number):
    forms = number_forms(compact(number))
    assert normalised_number(number) in forms or not forms
    assert len(forms) <= MAX_FORMS


@given(st.integers(1, 10**18 - 1))
def test_an_id_comes_back_from_its_reference(document_id):
    reference = id_reference(document_id)
    assert valid(reference)
    assert is_creditor_reference(reference)
    assert document_id_of(reference) == document_id


def test_a_number_that_could_be_taken_for_an_id_is_not_used():
    assert number_reference("Z-12-Z") == ""
    assert document_id_of("RF00Z12Z") is None


def test_the_document_s_own_reference_stands():
    own = [Bearer(1, "FA-1", "RF18 5390 0754 7034"), Bearer(2, "FA-2", "ENC-77"), Bearer(3, "FA-3", "fa 3")]
    found = transfer_references(bearers=own, alike=[], taken={})
    assert found == {1: "RF18539007547034", 3: number_reference("FA-3")}


def test_a_reference_another_document_bears_already_is_not_given_again():
    made = number_reference("FA-1")
    assert transfer_references(bearers=[Bearer(7, "FA-1")], alike=[(7, "FA-1")], taken={made: 3}) == {
        7: id_reference(7)
    }
    assert transfer_references(bearers=[Bearer(7, "FA-1")], alike=[(7, "FA-1")], taken={made: 9}) == {7: made}


# --- through the books ---


@pytest.fixture
def dubois(company):
    return cast.good_payer(company)


def invoice(company, customer, number, cents, **kwargs):
    return cast.invoice(company, customer, number, payable_cents=cents, issue_date=JAN, **kwargs)


def reference(company, document) -> str:
    return references_of(company=company, document_ids=[document.pk])[document.pk]


def run(company):
    return reconcile(company=company, on=MARCH, actor="test")


def spellings(reference: str) -> list[str]:
    return [
        reference,
        reference.lower(),
        grouped(reference),
        f"VIR INST {grouped(reference)} MERCI",
        f"VIREMENT /RFB/{reference}/",
        f"REF{reference}",
        f"Rf {reference[2:4]} {reference[4:]}",
        "-".join([reference[:4], reference[4:]]),
        f"{reference} FACTURE DU 12/03/2026 BONNE RECEPTION 4711",
        f"{reference}BONNE RECEPTION",
        f"SEPA CREDIT {grouped(reference)} 12 34 56 78 90 12",
    ]


@pytest.mark.parametrize("rank", range(len(spellings("RF18539007547034"))))
def test_a_transfer_with_nothing_but_the_reference_is_matched(company, dubois, rank):
    numbers = ["FACT-2025-0012", "F1-001", "A" * 22, "É-7", "2025/000100", "n° 12"]
    documents = [invoice(company, dubois, number, 120_000) for number in numbers]
    given_out = references_of(company=company, document_ids=[each.pk for each in documents])
    for document in documents:
        cast.bank_line(company, 120_000, spellings(given_out[document.pk])[rank])
    outcome = run(company)
    assert [each.documents for each in outcome.matched] == [((number, 120_000),) for number in numbers]
    assert {each.reason.code for each in outcome.matched} == {"match.own_key"}
    assert f"désigne {numbers[0]} et le montant" in outcome.matched[0].reason.say("fr")


def test_banks_keep_it_in_a_field_of_its_own_and_pad_it(company, dubois):
    of_number = invoice(company, dubois, "FACT-2025-0012", 120_000)
    of_id = invoice(company, dubois, "B" * 30, 45_000)
    padded = reference(company, of_number)[4:].rjust(21, "0")
    check = next(check for check in range(100) if valid(f"RF{check:02d}{padded}"))
    cast.bank_line(company, 120_000, structured_reference=f"RF{check:02d}{padded}")
    cast.bank_line(company, 45_000, end_to_end_id=reference(company, of_id).lower())
    outcome = run(company)
    assert [(each.documents[0][0], each.reason.code) for each in outcome.matched] == [
        ("FACT-2025-0012", "match.own_key"),
        ("B" * 30, "match.own_key"),
    ]


def test_several_references_in_one_transfer(company, dubois):
    documents = [invoice(company, dubois, f"FACT-2025-{rank:04d}", 10_000 + rank) for rank in range(1, 4)]
    documents.append(invoice(company, dubois, "C" * 25, 777))
    given_out = [reference(company, each) for each in documents]
    cast.bank_line(company, 20_003, f"{grouped(given_out[0])} {grouped(given_out[1])}")
    cast.bank_line(
        company, 10_780, structured_reference=given_out[2], extra={"structured_references": given_out[3]}
    )
    outcome = run(company)
    assert [{number for number, _ in each.documents} for each in outcome.matched] == [
        {"FACT-2025-0001", "FACT-2025-0002"},
        {"FACT-2025-0003", "C" * 25},
    ]
    assert all("RF" in each.reason.say("fr") for each in outcome.matched)


def test_what_a_bank_cut_is_found_among_what_its_payer_owes(company, dubois):
    dubois.search_name = "BOULANGERIE DUBOIS"
    dubois.save()
    invoice(company, dubois, "FACT-2025-00121", 120_000)
    invoice(company, dubois, "FACT-2025-00133", 120_000)
    given_out = grouped(reference(company, dubois.documents.first()))
    text = f"VIR SEPA {given_out}"[:31]  # RF18 FACT 2025 0012|1
    cast.bank_line(company, 120_000, text, counterparty_name="BOULANGERIE DUBOIS")
    outcome = run(company)
    (answer,) = [*outcome.matched, *outcome.proposed]
    assert answer.documents == (("FACT-2025-00121", 120_000),)


def test_a_mistyped_reference_names_nothing(company, dubois):
    document = invoice(company, dubois, "D" * 30, 120_000)
    good = reference(company, document)
    cast.bank_line(company, 120_000, structured_reference=good[:4] + good[4:].replace("Z", "Y", 1))
    assert run(company).matched == []


def test_documents_written_alike_have_different_references(company, dubois):
    first, second = invoice(company, dubois, "F1-001", 50_000), invoice(company, dubois, "F10-01", 50_000)
    found = references_of(company=company, document_ids=[first.pk, second.pk])
    assert found == {first.pk: number_reference("F1001"), second.pk: id_reference(second.pk)}
    cast.bank_line(company, 50_000, found[second.pk])
    cast.bank_line(company, 50_000, found[first.pk])
    matched = {each.documents[0][0]: each.reason.code for each in run(company).matched}
    assert matched == {"F10-01": "match.own_key", "F1-001": "match.own_key"}


def test_another_company_s_id_names_nothing(company, dubois, other_company):
    with company_scope(other_company.pk):
        theirs = invoice(other_company, cast.good_payer(other_company), "E" * 30, 9_000)
        given_out = reference(other_company, theirs)
    with company_scope(company.pk):
        cast.bank_line(company, 9_000, given_out)
        assert run(company).matched == []
        assert references_of(company=company, document_ids=[theirs.pk]) == {}


def test_an_instalment_is_paid_with_the_document_s_reference(company, dubois):
    parts = [(date(2026, 1, 28), 30_000), (date(2026, 2, 28), 60_000)]
    document = invoice(company, dubois, "FACT-2025-0040", 90_000, instalments=parts)
    cast.bank_line(company, 30_000, reference(company, document))
    (matched,) = run(company).matched
    assert matched.documents == (("FACT-2025-0040", 30_000),)


def test_a_credit_note_is_asked_for_by_nobody(company, dubois):
    note = cast.credit_note(company, dubois, "FACT-2025-0050", payable_cents=1_000, issue_date=JAN)
    document = invoice(company, dubois, "FACT-2025-0050", 5_000)
    assert asked_reference(company=company, document_id=note.pk) == ""
    assert reference(company, document) == number_reference("FACT-2025-0050")
    cast.bank_line(company, 5_000, reference(company, document))
    (matched,) = run(company).matched
    assert matched.documents == (("FACT-2025-0050", 5_000),)


def asked_by_letter(company, customer, *documents) -> str:
    """What the letter about these documents asks to quote beside the bank account."""
    message = Message.objects.create(
        company=company, customer=customer, channel="email", template="reminder", step_code="r1", currency="EUR",
        amount_cents=sum(each.open_cents for each in documents), planned_date=MARCH, state="approved", reason={},
    )  # fmt: skip
    lines = pl.DataFrame(
        [(each.pk, 0, each.due_date, "r1", each.open_cents, each.open_cents) for each in documents],
        schema=["document_id", "position", "due_date", "step_code", "open_cents", "remaining_cents"],
        orient="row",
    )
    facts = letter(company=company, message=message, lines=lines, on=MARCH)
    return dict(payment_rows(facts))["Référence à rappeler"]


def test_a_letter_about_one_document_asks_for_its_reference(company, dubois):
    plain = invoice(company, dubois, "FA-1", 1_000)
    own = invoice(company, dubois, "FA-2", 1_000, payment_reference="CLIENT-77")
    assert asked_by_letter(company, dubois, plain) == grouped(reference(company, plain))
    assert asked_by_letter(company, dubois, own) == "CLIENT-77"
    assert asked_by_letter(company, dubois, plain, own) == "FA-1, FA-2"
