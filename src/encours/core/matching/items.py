"""An open document as matching sees it."""

from datetime import date
from typing import NamedTuple

EPOCH = date(1970, 1, 1).toordinal()


class Item(NamedTuple):
    """An open document. Days count from 1970-01-01; `open_cents` is negative for a credit note not used up."""

    document_id: int
    customer_id: int
    customer: str
    number: str
    search_number: str
    currency: str
    issue_day: int
    due_day: int
    payable_cents: int
    open_cents: int
    instalments: str  # amounts in the order of their dates, "30000 60000"; empty without
    compact_number: str  # letters and digits of the number, upper case
    # digits of the number alone: of all its runs without their leading zeros, with those inside, of its last run
    stripped_digits: str
    all_digits: str
    last_digits: str
    issue_month: int  # calendar months, counted
    due_month: int

    @property
    def due_date(self) -> date:
        return date.fromordinal(self.due_day + EPOCH)
