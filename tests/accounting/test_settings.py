"""Accounts and journals of a company: typed, under the roots of the chart of accounts, told in the journal."""

from datetime import date

import pytest

from encours.actions.update_accounting import UnableToUpdateAccounting, update_accounting
from encours.core.accounting.accounts import Accounts, BankBooks, accounts_from, problems_of
from encours.queries.accounting import accounts_of
from encours.store.models import JournalEntry
from tests import cast


def test_the_defaults_are_sound():
    assert problems_of(Accounts()) == ()


def test_what_is_changed_is_kept_and_told(company):
    values = {
        "receivable": "41110000",
        "bank_fee": "622700",
        "banks": {cast.IBAN: {"account": "512100", "journal": "CIC"}},
        "vat_by_rate": {"550": "44571200"},
        "books_from_date": "2026-01-01",
        "sales_entries": True,
    }
    update_accounting(company=company, actor="test", values=values)
    accounts = accounts_of(company=company)
    assert accounts.banks == {cast.IBAN: BankBooks("512100", "CIC")}
    assert (accounts.receivable, accounts.books_from_date) == ("41110000", date(2026, 1, 1))
    assert accounts_from(accounts.as_json()) == accounts
    update_accounting(company=company, actor="test", values={"receivable": "411000", "books_from_date": ""})
    assert set(accounts_of(company=company).as_json()) == {
        "bank_fee",
        "banks",
        "vat_by_rate",
        "sales_entries",
    }
    told = JournalEntry.objects.filter(action="accounting.settings_changed").order_by("pk")
    assert told[1].data["changes"]["receivable"] == ["41110000", "411000"]
    update_accounting(company=company, actor="test", values={"bank_fee": "622700"})
    assert told.count() == 2


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"receivable": "401000"}, "accounts_bad_account"),
        ({"bank_fee": "627-1"}, "accounts_bad_account"),
        ({"general_journal": "od"}, "accounts_bad_journal"),
        ({"overpayments": "maybe"}, "accounts_bad_choice"),
        ({"sales_entries": "yes"}, "accounts_bad_choice"),
        ({"vat_by_rate": {"5,5": "445712"}}, "accounts_bad_rate"),
        ({"vat_by_rate": {"550": "707000"}}, "accounts_bad_account"),
        ({"vat_by_rate": ["550"]}, "accounts_bad_table"),
        ({"banks": {"X": {"compte": "512"}}}, "accounts_bad_table"),
        ({"banks": {"X": {"account": "411000", "journal": "BQ"}}}, "accounts_bad_account"),
        ({"books_from_date": "01/01/2026"}, "accounts_bad_date"),
        ({"wrong": "1"}, "accounts_unknown_field"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_changed(company, values, code):
    with pytest.raises(UnableToUpdateAccounting) as refused:
        update_accounting(company=company, actor="test", values={"loss": "654100"} | values)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.field in values
    assert accounts_of(company=company) == Accounts()
