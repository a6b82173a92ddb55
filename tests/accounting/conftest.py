"""The books of Atelier Lumen: accounts as wanted, entries of a period as rows of a FEC."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from encours.actions.export_entries import Exported, export_entries
from encours.store.models import AccountingSettings, Company
from tests.accounting.books import lawful, lettered_sums, rows


@pytest.fixture
def settle_accounts(company: Company) -> Callable[..., None]:
    """Accounting settings, by name."""

    def settle(**values: Any) -> None:
        AccountingSettings.objects.update_or_create(company=company, defaults={"values": values})

    return settle


@pytest.fixture
def export(company: Company) -> Callable[..., Exported]:
    """The FEC of a period, held to the law, to the balance of entries and to letterings that sum to zero."""

    def exported(start: date, end: date, *, on: date | None = None, **more: Any) -> Exported:
        found = export_entries(
            company=company, format="fec", from_date=start, to_date=end, on=on or date(2027, 1, 10), actor="test",
            **more,
        )  # fmt: skip
        if not more.get("is_draft"):
            assert lawful(found.content) == []
        if (end - start).days > 300:  # a lettering may lie over two periods
            assert {key: cents for key, cents in lettered_sums(found.content).items() if cents} == {}
        return found

    return exported


def told(exported: Exported) -> list[tuple[Any, ...]]:
    """(journal, number, account, auxiliary, debit - credit, lettering) of each line."""
    return [
        (
            row["JournalCode"],
            int(row["EcritureNum"]),
            row["CompteNum"],
            row["CompAuxNum"],
            int(row["Debit"]) - int(row["Credit"]),
            row["EcritureLet"],
        )
        for row in rows(exported.content)
    ]
