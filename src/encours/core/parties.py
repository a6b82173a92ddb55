"""Who is who: names as banks leave them, and identifiers that carry check digits."""

import re

import polars as pl

from encours.core.references import folded

# Legal forms that stand before or after a name, French first, then those of the neighbours.
LEGAL_FORMS = (
    "SARL", "SARLU", "EURL", "SAS", "SASU", "SA", "SNC", "SCS", "SCA", "SCI", "SCP", "SCM", "SCEA", "SCOP", "SCIC",
    "SELARL", "SELAS", "SELASU", "SELURL", "SEL", "SEM", "SPL", "GIE", "GEIE", "GAEC", "EARL", "EI", "EIRL", "EPIC",
    "SE", "SC", "STE", "SOCIETE", "ETS", "ETABLISSEMENTS", "LTD", "LIMITED", "LLC", "LLP", "PLC", "INC", "CORP",
    "GMBH", "AG", "KG", "UG", "OHG", "EV", "BV", "NV", "CV", "VOF", "SPRL", "ASBL", "SRL", "SPA", "SL", "SLU", "LDA",
    "AB", "OY", "APS", "AS", "SARLAU",
)  # fmt: skip
_FORMS = frozenset(LEGAL_FORMS)
_LETTERS_WITH_DOTS = re.compile(r"\b(?:[A-Z]\.\s?){2,}(?:[A-Z]\b)?")
_LA_POSTE = "356000000"


def bank_name(name: str) -> str:
    """Upper case ASCII words without the legal forms at either end: what banks leave of a name.

    >>> bank_name("S.A.R.L. Boulangerie  Dubois & Fils"), bank_name("Hôtel de l'Épée, SAS"), bank_name("SA")
    ('BOULANGERIE DUBOIS FILS', 'HOTEL DE L EPEE', 'SA')
    """
    plain = folded(name).replace("Œ", "OE").replace("Æ", "AE").replace("ß", "SS")
    plain = _LETTERS_WITH_DOTS.sub(lambda found: re.sub(r"[.\s]", "", found.group()) + " ", plain)
    words = re.findall("[A-Z0-9]+", plain)
    kept = list(words)
    while kept and kept[0] in _FORMS:
        kept.pop(0)
    while kept and kept[-1] in _FORMS:
        kept.pop()
    return " ".join(kept or words)


def bank_names(column: pl.Expr) -> pl.Expr:
    """`bank_name` over a String column; each distinct name is worked out once."""

    def named(names: pl.Series) -> pl.Series:
        distinct = names.drop_nulls().unique()
        return names.replace_strict(
            distinct, [bank_name(name) for name in distinct], default=None, return_dtype=pl.String
        )

    return column.map_batches(named, return_dtype=pl.String())


def digits_only(column: pl.Expr) -> pl.Expr:
    """Identifiers as people type them: without spaces, dots and dashes, in upper case."""
    return column.str.replace_all(r"[\s\u00a0\u202f.\-_/]", "").str.to_uppercase()


def is_siren(column: pl.Expr) -> pl.Expr:
    """Nine digits whose Luhn sum is a multiple of ten (INSEE)."""
    return column.str.contains(r"^\d{9}$") & (_luhn_sum(column, 9) % 10 == 0) & (column != "000000000")


def is_siret(column: pl.Expr) -> pl.Expr:
    """Fourteen digits, Luhn again; La Poste's own establishments sum to a multiple of five instead."""
    shaped = column.str.contains(r"^\d{14}$")
    luhn = _luhn_sum(column, 14) % 10 == 0
    la_poste = column.str.starts_with(_LA_POSTE) & (_plain_sum(column, 14) % 5 == 0)
    return shaped & (luhn | la_poste) & is_siren(column.str.slice(0, 9))


def is_french_vat_number(column: pl.Expr) -> pl.Expr:
    """FR, a key, a SIREN. A numeric key is (12 + 3 × (SIREN mod 97)) mod 97; keys with letters are not computed."""
    siren = column.str.slice(4, 9)
    key = column.str.slice(2, 2)
    expected = (12 + 3 * (siren.cast(pl.Int64, strict=False) % 97)) % 97
    numeric = key.str.contains(r"^\d\d$")
    right_key = key.cast(pl.Int64, strict=False) == expected
    return (
        column.str.contains(r"^FR[0-9A-Z]{2}\d{9}$")
        & is_siren(siren)
        & pl.when(numeric).then(right_key).otherwise(True)
    )


def _digit(column: pl.Expr, position: int) -> pl.Expr:
    return column.str.slice(position, 1).cast(pl.Int64, strict=False)


def _luhn_sum(column: pl.Expr, length: int) -> pl.Expr:
    total = pl.lit(0, dtype=pl.Int64)
    for position in range(length):
        digit = _digit(column, position)
        if (length - position) % 2 == 0:
            digit = pl.when(digit > 4).then(digit * 2 - 9).otherwise(digit * 2)
        total = total + digit
    return total


def _plain_sum(column: pl.Expr, length: int) -> pl.Expr:
    return pl.sum_horizontal(_digit(column, position) for position in range(length))
