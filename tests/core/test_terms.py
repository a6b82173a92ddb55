"""When an invoice is due."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.terms import PaymentTerms, UnableToReadTerms, due_dates, read_terms


@pytest.mark.parametrize(
    ("text", "issued", "due"),
    [
        ("30", date(2026, 1, 31), date(2026, 3, 2)),
        ("30 jours", date(2026, 1, 15), date(2026, 2, 14)),
        ("60 net", date(2026, 1, 1), date(2026, 3, 2)),
        ("Net 60 days", date(2026, 1, 1), date(2026, 3, 2)),
        ("30 jours date de facture", date(2026, 1, 1), date(2026, 1, 31)),
        # 45 days, then the end of the month
        ("45 FDM", date(2026, 1, 10), date(2026, 2, 28)),
        ("45 jours fin de mois", date(2026, 1, 20), date(2026, 3, 31)),
        ("45j. fin de mois", date(2026, 1, 20), date(2026, 3, 31)),
        ("45 days end of month", date(2026, 1, 20), date(2026, 3, 31)),
        # the end of the month, then 45 days
        ("FDM 45", date(2026, 1, 10), date(2026, 3, 17)),
        ("fin de mois + 45 jours", date(2026, 1, 10), date(2026, 3, 17)),
        ("EOM+30", date(2026, 1, 10), date(2026, 3, 2)),
        ("30 FDM le 10", date(2026, 1, 15), date(2026, 3, 10)),
        ("30 jours fin de mois le 15", date(2026, 1, 1), date(2026, 2, 15)),
        ("fin de mois", date(2026, 2, 3), date(2026, 2, 28)),
        ("30 le 10", date(2026, 1, 5), date(2026, 2, 10)),
        ("60 FDM le 31", date(2025, 12, 15), date(2026, 2, 28)),
        ("à réception", date(2026, 1, 15), date(2026, 1, 15)),
        ("Comptant", date(2026, 1, 15), date(2026, 1, 15)),
        ("Paiement à réception de facture", date(2026, 1, 15), date(2026, 1, 15)),
        ("Due on receipt", date(2026, 1, 15), date(2026, 1, 15)),
    ],
)
def test_due_dates_worked_out_by_hand(text, issued, due):
    assert read_terms(text).due_date(issued) == due


@pytest.mark.parametrize("text", ["", "bientôt", "30 40", "30 FDM le 45", "999", "CA10"])
def test_what_is_no_terms_is_refused(text):
    with pytest.raises(UnableToReadTerms):
        read_terms(text)


TERMS = st.builds(
    PaymentTerms, st.integers(0, 120), st.sampled_from(["", "after_days", "before_days"]), st.integers(0, 31)
)


@given(TERMS)
def test_the_notation_is_read_back(terms):
    assert read_terms(terms.notation) == terms
    assert len(terms.notation) <= 20
    assert terms.in_words().say("fr")
    assert terms.in_words().say("en")


@given(st.lists(st.tuples(st.dates(date(2000, 1, 1), date(2060, 1, 1)), TERMS), min_size=1, max_size=20))
def test_columns_give_what_single_dates_give(cases):
    frame = pl.DataFrame(
        {"issued": [day for day, _ in cases], "terms": [terms.notation for _, terms in cases]}
    )
    found = frame.select(due_dates(pl.col("issued"), pl.col("terms"))).to_series().to_list()
    assert found == [terms.due_date(day) for day, terms in cases]


def test_columns_leave_unknown_terms_open():
    frame = pl.DataFrame({"issued": [date(2026, 1, 1)] * 3, "terms": ["30", "quand je peux", None]})
    found = frame.select(due_dates(pl.col("issued"), pl.col("terms"))).to_series().to_list()
    assert found == [date(2026, 1, 31), None, None]
