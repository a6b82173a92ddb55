"""A French account is one account, whether a file gives its IBAN, its RIB or the parts of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban

from encours.core.bank_accounts import (
    account_identifier,
    french_iban,
    iban_of,
    is_iban,
    national_number,
    rib_key,
)

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BANKS = st.text(DIGITS, min_size=5, max_size=5)
NUMBERS = st.text(DIGITS + LETTERS, min_size=11, max_size=11)


@given(BANKS, BANKS, NUMBERS)
def test_rib_and_iban_agree(bank, branch, number):
    key = rib_key(bank, branch, number)
    assert 1 <= key <= 97
    # the norm: the number with its key, letters as digits, is a multiple of 97
    digits = f"{bank}{branch}{number}{key:02d}".translate(
        str.maketrans(LETTERS, "12345678912345678923456789")
    )
    assert int(digits) % 97 == 0
    iban = french_iban(bank, branch, number)
    assert is_iban(iban)
    assert stdnum_iban.is_valid(iban)
    assert iban[4:] == f"{bank}{branch}{number}{key:02d}"


@given(BANKS, BANKS, NUMBERS, st.sampled_from(["", " ", "/", "-", "."]), st.sampled_from(["", "EUR", " EUR"]))
def test_every_way_to_write_an_account_is_its_iban(bank, branch, number, joint, currency):
    iban, key = french_iban(bank, branch, number), f"{rib_key(bank, branch, number):02d}"
    assert iban_of(joint.join([bank, branch, number, key])) == iban
    spaced = " ".join(iban[place : place + 4] for place in range(0, 27, 4))
    for written in (
        iban,
        iban.lower(),
        spaced,
        f"BNPAFRPPXXX/{iban}",
        f"{bank}/{iban}",
        f"{bank}{branch}{number}{key}",
    ):
        assert iban_of(written + currency) == iban
    if joint:
        assert iban_of(joint.join([bank, branch, number])) == iban


def test_a_currency_is_no_part_of_an_account_even_where_the_check_digits_agree():
    assert iban_of("FR56042409165949WYSQFHJGJ91EUR") == "FR56042409165949WYSQFHJGJ91"


@given(BANKS, BANKS, NUMBERS, st.integers(1, 96))
def test_a_wrong_key_makes_no_iban(bank, branch, number, off):
    key = (rib_key(bank, branch, number) - 1 + off) % 97 + 1
    written = f"{bank}{branch}{number}{key:02d}"
    assert iban_of(written) == ""
    assert account_identifier(f" {written} ") == written


@pytest.mark.parametrize(
    "written",
    [
        "12345678901",
        "70011110/4005287001EUR",
        "***1234",
        "300040000312345678901",
        "GB29NWBK60161331926818",
        "bridge:12",
        "",
    ],
)
def test_what_is_not_surely_an_iban_is_left_alone(written):
    assert iban_of(written) == ""


@given(BANKS, BANKS, NUMBERS)
def test_a_rib_does_not_say_whether_its_bank_is_in_france_or_monaco(bank, branch, number):
    iban = french_iban(bank, branch, number)
    rib = iban[4:]
    monaco = next(f"MC{key:02d}{rib}" for key in range(2, 99) if is_iban(f"MC{key:02d}{rib}"))
    assert national_number(monaco) == national_number(iban) == rib
    assert national_number("DE89370400440532013000") == "DE89370400440532013000"
