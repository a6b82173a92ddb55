"""What a visitor chose to pay: documents by their keys and, if it likes, a part of their sum. Amounts are the ledger's."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from encours.core.money import UnableToReadAmount, parse_amount
from encours.core.payments.owed import OwedInCurrency, OwedLine, Portion, UnableToPayPart, portions_of
from encours.core.wording import Sentence, Wording
from encours.portal.visit import Visit
from encours.queries.portal import owed_by

NO_AMOUNT = Wording(
    "portal.no_amount",
    fr="« {text} » n’est pas un montant : écrivez par exemple 150,00.",
    en="“{text}” is no amount: write 150.00, for instance.",
)


@dataclass(frozen=True)
class Choice:
    """`part_text` is what was typed, `problem` what is wrong with it: nothing is paid before it is right."""

    account: OwedInCurrency | None
    lines: tuple[OwedLine, ...]
    is_all: bool
    part_text: str
    portions: tuple[Portion, ...]
    amount_cents: int
    problem: Sentence | None

    @property
    def whole_cents(self) -> int:
        return sum(line.payable_cents for line in self.lines)

    @property
    def is_part(self) -> bool:
        return self.amount_cents != self.whole_cents

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a form repeats of it: never an amount but the part that was typed, which is looked at anew."""
        currency = self.account.currency if self.account else ""
        keys = [("tout", "1")] if self.is_all else [("d", line.key) for line in self.lines]
        part = [("montant", self.part_text)] if self.part_text and not self.problem else []
        return [("devise", currency), *keys, *part]

    @property
    def query(self) -> str:
        return urlencode(self.fields)


def choice_of(given: Any, visit: Visit) -> Choice:
    """From a query or a form. What is not the customer's, or was settled meanwhile, is left out."""
    accounts = owed_by(company=visit.company, customer_id=visit.customer.pk)
    account = next((each for each in accounts if each.currency == given.get("devise")), None)
    is_all = given.get("tout") == "1"
    if account is None:
        return Choice(None, (), is_all, "", (), 0, None)
    lines = account.payable_lines if is_all else account.chosen(given.getlist("d"))
    part_text = given.get("montant", "").strip()[:30] if may_pay_part(visit, lines) else ""
    try:
        part_cents = parse_amount(part_text, account.currency) if part_text else None
        portions = portions_of(
            lines=lines,
            part_cents=part_cents,
            min_part_cents=visit.settings.min_part_cents,
            currency=account.currency,
        )
    except UnableToReadAmount:
        return _without_part(account, lines, is_all, part_text, NO_AMOUNT(text=part_text))
    except UnableToPayPart as error:
        return _without_part(account, lines, is_all, part_text, error.sentence)
    whole_cents = sum(line.payable_cents for line in lines)
    amount_cents = whole_cents if part_cents is None else part_cents
    return Choice(account, lines, is_all, part_text, portions, amount_cents, None)


def may_pay_part(visit: Visit, lines: tuple[OwedLine, ...]) -> bool:
    """As the company lets it; what is in a payment plan is paid in parts by agreement."""
    return visit.settings.allows_part_payment or bool(lines and all(line.is_planned for line in lines))


def _without_part(
    account: OwedInCurrency, lines: tuple[OwedLine, ...], is_all: bool, text: str, problem: Sentence
) -> Choice:
    return Choice(account, lines, is_all, text, (), sum(line.payable_cents for line in lines), problem)
