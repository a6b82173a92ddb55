"""Direct debits by file at the company's own bank: what is written for it, and what its answers say.

The bank is never asked: a person hands a file in, and reads what comes back. A provider of `ports.gateways` that takes
`direct_debit_file` is a `DirectDebitBank` besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from encours.core.wording import Sentence


class UnableToWriteFile(Exception):
    """The file would not be what the standard wants; `sentence` says why. Nothing was written."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


class UnableToReadAnswer(Exception):
    """A file is no answer of a bank to a direct-debit file, or cannot be trusted; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Address:
    """Of a payer whose account lies outside the European Economic Area; parts as known."""

    street: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True)
class DirectDebit:
    """One debit. `reference` is its end-to-end id, `sequence_type` one of `core.payments.direct_debits.SEQUENCES`."""

    reference: str
    amount_cents: int
    sequence_type: str
    mandate_reference: str
    signed_date: date
    holder_name: str
    iban: str
    label: str
    bic: str = ""
    address: Address | None = None


@dataclass(frozen=True)
class Collection:
    """What one file collects on one day, in one scheme ("CORE" or "B2B"); `made_at` in the company's own time."""

    message_id: str
    made_at: datetime
    scheme: str
    collection_date: date
    debits: Sequence[DirectDebit]


def batch_id(message_id: str, sequence_type: str) -> str:
    """How the debits of one sequence are called in a file: banks book them in one sum and call it so."""
    return f"{message_id}-{sequence_type}"


@dataclass(frozen=True)
class ToldStatus:
    """What a bank says of a file, of a batch in it (`batch_id`), or of one debit (`reference`).

    `status` is of ISO 20022 (ACTC, ACCP, ACSP, ACSC, PART, PDNG, RJCT …), "" where only parts have one; `reason` a code of its
    external set, "" when none is given.
    """

    status: str
    reason: str = ""
    words: str = ""
    batch_id: str = ""
    reference: str = ""
    amount_cents: int | None = None


@dataclass(frozen=True)
class StatusReport:
    """A pain.002 message: about the file `message_id`, said at `told_at`. From the whole to its parts."""

    own_id: str
    message_id: str
    told_at: datetime
    statuses: tuple[ToldStatus, ...]


class DirectDebitBank(Protocol):
    """What such a provider can do besides `ports.gateways.PaymentGateway`."""

    @property
    def lead_days(self) -> int:
        """Settlement days between the day a file is made and the collection."""
        ...

    @property
    def creditor_identifier(self) -> str: ...

    def write(self, collection: Collection) -> bytes:
        """The file. The same collection gives the same bytes. Raises `UnableToWriteFile`."""
        ...

    def read_answer(self, content: bytes) -> Sequence[StatusReport]:
        """Raises `UnableToReadAnswer`."""
        ...
