"""Names as banks leave them, and check digits."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret
from stdnum.fr import tva as stdnum_tva

from encours.core.parties import (
    bank_name,
    bank_names,
    digits_only,
    is_french_vat_number,
    is_siren,
    is_siret,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Boulangerie Dubois SARL", "BOULANGERIE DUBOIS"),
        ("SARL BOULANGERIE DUBOIS", "BOULANGERIE DUBOIS"),
        ("S.A.R.L. Boulangerie Dubois", "BOULANGERIE DUBOIS"),
        ("Société Dupont & Cie S.A.", "DUPONT CIE"),
        ("Hôtel de l'Épée, SASU", "HOTEL DE L EPEE"),
        ("Œuvres sociales", "OEUVRES SOCIALES"),
        ("SAS", "SAS"),
        ("SA SARL", "SA SARL"),
        ("Sasha Coiffure", "SASHA COIFFURE"),
        ("", ""),
        ("Müller GmbH", "MULLER"),
    ],
)
def test_a_name_as_the_bank_leaves_it(name, expected):
    assert bank_name(name) == expected
    assert pl.DataFrame({"n": [name]}).select(bank_names(pl.col("n"))).item() == expected


def check(rule, value: str) -> bool:
    return pl.DataFrame({"v": [value]}).select(rule(pl.col("v"))).item()


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_siren_as_the_reference_library_says(value):
    assert check(is_siren, value) == (stdnum_siren.is_valid(value) and value != "000000000")


@given(st.from_regex(r"[0-9]{14}", fullmatch=True))
def test_siret_as_the_reference_library_says(value):
    assert check(is_siret, value) == (stdnum_siret.is_valid(value) and value[:9] != "000000000")


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),  # La Poste's head office passes Luhn
        ("35600000049837", True),  # its establishments need not
        ("35600000049838", False),
        ("7328293200007", False),
    ],
)
def test_siret(value, valid):
    assert check(is_siret, value) is valid


@given(st.integers(0, 99), st.sampled_from(["732829320", "552100554", "443061841", "123456789"]))
def test_french_vat_key(key, siren):
    value = f"FR{key:02d}{siren}"
    assert check(is_french_vat_number, value) == stdnum_tva.is_valid(value)


def test_identifiers_are_cleaned():
    frame = pl.DataFrame({"v": ["732 829 320", "fr 44.732.829.320", "732-829-320\u00a000074"]})
    assert frame.select(digits_only(pl.col("v"))).to_series().to_list() == [
        "732829320", "FR44732829320", "73282932000074",
    ]  # fmt: skip
