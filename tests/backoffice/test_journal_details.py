"""What an entry adds is told in words: no cents, no codes, no Python."""

from typing import Any

from django.utils import translation

from encours.backoffice.journal.details import details


def told(data: dict[str, Any], language: str) -> dict[str, str]:
    with translation.override(language):
        return {str(name): str(value) for name, value in details(data, currency="EUR")}


def test_documents_carry_their_amounts():
    data = {"documents": [{"number": "F-1", "document_id": 7, "allocated_cents": 123_456}, {"number": "F-2"}]}
    assert told(data, "fr") == {"Documents": "F-1 (1\u202f234,56\u00a0€), F-2"}
    assert told(data, "en") == {"Documents": "F-1 (€1,234.56), F-2"}


def test_days_codes_and_numbers_are_said_as_people_say_them():
    data = {
        "on": "2026-03-02",
        "kind": "dispute",
        "receivables": 1_200,
        "transaction_id": 7136,
        "was_sent": False,
    }
    assert told(data, "fr") == {
        "Jour": "02/03/2026",
        "Nature": "Litige",
        "Échéances concernées": "1\u202f200",
        "Ligne bancaire": "7136",
        "Parti": "non",
    }


def test_an_amount_is_in_the_currency_the_entry_names():
    assert told({"currency": "USD", "amount_cents": 500}, "en") == {"Currency": "USD", "Amount": "$5.00"}


def test_a_stored_reason_is_read_back():
    data = {"reason": {"code": "dunning.settled", "params": {}}}
    assert told(data, "fr")["Motif"] == told(data, "fr")["Motif"].strip() != "dunning.settled"


def test_what_is_empty_is_left_out_and_what_has_no_name_is_shown():
    assert told({"detail": "", "problems": {}, "accounts": [], "strange": "x"}, "fr") == {"strange": "x"}


def test_rules_of_matching_are_told_as_amounts_and_percentages():
    changes = {
        "fee_cents": [3_000, 1_550],
        "probability": [0.995, 0.9],
        "discount_rates": [[100, 250], [200]],
        "automatic": [[], ["discount", "bank_fee"]],
    }
    assert told({"changes": changes}, "en") == {
        "Changes": "Bank fees up to €30.00, €15.50, Probability required 99.5%, 90%, Discount rates recognised"
        " 1%, 2.5%, 2%, Closed without a person , discounts, bank fees"
    }
