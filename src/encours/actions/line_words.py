"""What a bank line says, as its columns hold it."""

import polars as pl

from encours.core.statements import Transaction

WORDS = {
    "value_date": pl.Date,
    "bank_reference": pl.String,
    "end_to_end_id": pl.String,
    "mandate_id": pl.String,
    "structured_reference": pl.String,
    "remittance": pl.String,
    "counterparty_name": pl.String,
    "counterparty_iban": pl.String,
    "operation_code": pl.String,
    "return_reason": pl.String,
}
# A bank may say more than its standard allows: the column keeps the beginning, the file itself all of it.
_LONGEST = {
    "bank_reference": 80,
    "end_to_end_id": 80,
    "mandate_id": 80,
    "structured_reference": 80,
    "counterparty_name": 200,
    "counterparty_iban": 34,
    "operation_code": 40,
    "return_reason": 40,
}


def words_of(t: Transaction) -> tuple[object, ...]:
    """Its words in the order of `WORDS`, each as long as its column takes."""
    return tuple(
        getattr(t, name) if name not in _LONGEST else getattr(t, name)[: _LONGEST[name]] for name in WORDS
    )
