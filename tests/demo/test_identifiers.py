"""Numbers that look real to every check, of parties that do not exist."""

from random import Random

import pytest
import schwifty
import stdnum.eu.vat
import stdnum.fr.siren
import stdnum.fr.siret
import stdnum.iso11649

from encours.demo import identifiers
from encours.demo.characters import CHARACTERS, GROUP_EVERY, customer
from encours.demo.company import demo_company


def test_every_customer_has_valid_numbers():
    for known in (customer(3, index) for index in range(400)):
        assert schwifty.IBAN(known.iban, validate_bban=False).is_valid, known.iban
        assert stdnum.eu.vat.is_valid(known.vat_number), known.vat_number
        assert known.vat_number.startswith(known.country)
        if known.country == "FR":
            assert stdnum.fr.siren.is_valid(known.siren), known.siren
            assert stdnum.fr.siret.is_valid(known.siret), known.siret
            assert known.siret.startswith(known.siren)
            assert known.vat_number.endswith(known.siren)


def test_the_company_has_valid_numbers():
    company = demo_company()
    assert stdnum.fr.siren.is_valid(company.siren)
    assert stdnum.eu.vat.is_valid(company.vat_number)
    for account in company.accounts:
        iban = schwifty.IBAN(account.iban)
        assert (iban.bank_code, iban.branch_code, iban.account_code) == (
            account.bank_code,
            account.branch,
            account.number,
        )


@pytest.mark.parametrize("country", ["FR", "BE", "DE", "LU", "NL"])
def test_ibans_of_each_country_pass_the_check(country):
    rng = Random(country)
    for _ in range(50):
        assert schwifty.IBAN(identifiers.iban(rng, country)).is_valid


def test_references_follow_iso_11649():
    for number in ("FA2026-00001", "FA2025-12345"):
        assert stdnum.iso11649.is_valid(identifiers.creditor_reference(number))


def test_nobody_can_be_reached():
    for known in (customer(3, index) for index in range(400)):
        assert known.email.endswith(".example")
        assert known.email.isascii()


def test_names_are_each_their_own():
    names = [customer(3, index).name for index in range(2_000)]
    assert len(set(names)) > 1_990


def test_a_small_company_has_one_of_each_character():
    assert {customer(3, index).character for index in range(len(CHARACTERS))} == set(CHARACTERS)
    group = [customer(3, index) for index in range(GROUP_EVERY)]
    assert sum(1 for member in group if member.payer != member.index) == 3
