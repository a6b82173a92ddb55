"""Bank statements as every bank format gives them, and the check that they add up.

A `Statement` is one account over one period as the bank reported it. Amounts are signed cents seen
from the account holder: a credit (money received) is positive.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from encours.core.money import Money
from encours.core.problems import Problem
from encours.core.wording import Wording

DOES_NOT_ADD_UP = Wording(
    "statement_does_not_add_up",
    fr="Le relevé du compte {account} ne tombe pas juste : solde initial {opening} + mouvements {movements}"
    " ≠ solde final {closing} (écart {gap}). Demandez un nouveau fichier à la banque.",
    en="The statement of account {account} does not add up: opening {opening} + movements {movements}"
    " ≠ closing {closing} (gap {gap}). Ask the bank for the file again.",
)
BALANCE_GAP = Wording(
    "statement_balance_gap",
    fr="Il manque un relevé du compte {account} : le dernier solde connu est {last}, celui-ci commence à"
    " {opening}. Importez le relevé intermédiaire.",
    en="A statement of account {account} is missing: the last known balance is {last}, this one opens at"
    " {opening}. Import the statement in between.",
)


@dataclass(frozen=True)
class Transaction:
    """One booked line of a bank account.

    `amount_cents` is signed (credit positive). `bank_reference` is the bank's own id of the line (camt
    AcctSvcrRef or TxId, CFONB reference zone, OFX FITID, MT940 bank reference), empty when there is none.
    `remittance` is the free text as the bank gave it, `structured_reference` an ISO 11649 or similar one.
    """

    booked_date: date
    amount_cents: int
    currency: str
    value_date: date | None = None
    bank_reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    structured_reference: str = ""
    remittance: str = ""
    counterparty_name: str = ""
    counterparty_iban: str = ""
    operation_code: str = ""
    return_reason: str = ""
    line: int | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """One account's statement. Balances are None when the file has none."""

    account: str
    currency: str
    transactions: tuple[Transaction, ...]
    opening_cents: int | None = None
    closing_cents: int | None = None
    opening_date: date | None = None
    closing_date: date | None = None
    reference: str = ""
    bank: str = ""
    line: int | None = None

    @property
    def credit_cents(self) -> int:
        return sum(t.amount_cents for t in self.transactions if t.amount_cents > 0)

    @property
    def debit_cents(self) -> int:
        """Sum of debits, as a positive number."""
        return -sum(t.amount_cents for t in self.transactions if t.amount_cents < 0)


def check_balance(statement: Statement) -> Problem | None:
    """Opening + movements must equal closing; None when they do or when a balance is not given."""
    if statement.opening_cents is None or statement.closing_cents is None:
        return None
    movements = statement.credit_cents - statement.debit_cents
    gap = statement.closing_cents - statement.opening_cents - movements
    if gap == 0:
        return None
    return Problem(
        DOES_NOT_ADD_UP(
            account=statement.account,
            opening=Money(statement.opening_cents, statement.currency),
            movements=Money(movements, statement.currency),
            closing=Money(statement.closing_cents, statement.currency),
            gap=Money(gap, statement.currency),
        ),
        line=statement.line,
        field="closing_cents",
    )


def identities(account: str, transactions: Iterable[Transaction]) -> list[str]:
    """One stable identity per transaction: the same line read twice has the same identity.

    Account, date, amount, every text of the line and its rank among identical rows: banks do not give
    unique ids (CFONB entry numbers are often zeros), and two equal lines on a day are two payments. The
    rank is counted within the given transactions, which must therefore hold whole days.
    """
    seen: dict[str, int] = {}
    result = []
    for t in transactions:
        content = "\x1f".join(
            [account, t.booked_date.isoformat(), str(t.amount_cents), t.currency, t.bank_reference,
             t.end_to_end_id, t.structured_reference, t.remittance, t.counterparty_name]
        )  # fmt: skip
        rank = seen.get(content, 0)
        seen[content] = rank + 1
        result.append(sha256(f"{content}\x1f{rank}".encode()).hexdigest()[:40])
    return result
