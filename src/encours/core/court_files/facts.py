"""What is known of a customer's overdue debt when a file is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from encours.core.court_files.claim import Credit, Debt, Waiver
from encours.core.court_files.limitation import Acknowledgment
from encours.core.interest import InterestTerms
from encours.core.letters import Party

# what a reader can hold: the invoice as it was made, its electronic original, or only what the books know of it
Original = Literal["pdf", "xml", "books"]


@dataclass(frozen=True)
class Notice:
    """A formal notice that left, and how."""

    message_id: int
    sent_date: date
    channel: str
    has_proof: bool  # of deposit or receipt, or a letter handed to the post


@dataclass(frozen=True)
class OpenDispute:
    since: date
    reason_code: str
    disputed_cents: int


@dataclass(frozen=True)
class OpenPromise:
    recorded_date: date
    promised_date: date
    amount_cents: int


@dataclass(frozen=True)
class CourtFacts:
    """All of one customer, in euros. Mappings are by document id."""

    on: date
    creditor: Party
    debtor: Party
    terms: InterestTerms
    debts: tuple[Debt, ...]  # open, whether overdue or not
    credits: tuple[Credit, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    originals: Mapping[int, Original] = field(default_factory=dict)
    notices: Mapping[int, Notice] = field(default_factory=dict)  # the first
    disputes: Mapping[int, OpenDispute] = field(default_factory=dict)
    promises: Mapping[int, OpenPromise] = field(default_factory=dict)
    plans: Mapping[int, date] = field(default_factory=dict)  # running: agreed on
    acknowledgments: Mapping[int, tuple[Acknowledgment, ...]] = field(default_factory=dict)
    handed_over: Mapping[int, date] = field(default_factory=dict)
    paper_kinds: frozenset[str] = frozenset()  # of the customer and of its documents
    other_currencies: tuple[str, ...] = ()  # in which more is overdue
