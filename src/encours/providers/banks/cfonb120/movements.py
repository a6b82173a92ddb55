"""One movement (04) with its complements (05) as a transaction."""

import re
from dataclasses import dataclass, field, replace

from encours.core.fields import field_name
from encours.core.problems import Problem
from encours.core.statements import Transaction
from encours.providers.banks.cfonb120.fields import Account, SignedAmount, amount_of, as_day, day_of
from encours.providers.banks.cfonb120.problems import INVALID_DATE
from encours.providers.banks.cfonb120.records import Record

# ISO 20022 reasons of returns; CFONB has no zone of its own for them, banks put them into the free text.
_ISO_REASON = re.compile(
    r"\b(?:AC0[1346]|AC13|AG0[12]|AM0[45]|BE05|CNOR|DNOR|ED05|FF01|FOCR|MD0[1267]|MS0[23]|RC01|RR0[1-4]|SL01)\b"
)
# Qualifiers of complements whose whole text has a name of its own in `extra`.
_NAMED = {
    "IPY": "payer_id",
    "IBE": "beneficiary_id",
    "NPO": "ultimate_debtor",
    "IPO": "ultimate_debtor_id",
    "NBU": "ultimate_creditor",
    "IBU": "ultimate_creditor_id",
    "MMO": "original_amount",
    "FEE": "fee",
}
# Qualifiers with two fields: (length of the first, name of the first, name of the second).
_SPLIT = {
    "RCN": (35, "end_to_end_id", "purpose"),
    "REF": (35, "batch_id", "instruction_id"),
    "RUM": (35, "mandate_id", "sequence"),
}
_READ_APART = {"LIB", "LCC", "LC2", "LCS", "NPY", "NBE", "CPY", "CBE"}
_NO_REFERENCE = {"NOTPROVIDED", "NOT PROVIDED", "NONREF"}


@dataclass
class Movement:
    """A movement while its complements come in."""

    record: Record
    transaction: Transaction
    amount: SignedAmount
    complements: list[Record] = field(default_factory=list)

    def finished(self, *, swapped: bool) -> Transaction:
        """The transaction with what the complements say; `swapped` when é and è mean the opposite."""
        cents = self.amount.swapped_cents if swapped else self.amount.cents
        return _completed(replace(self.transaction, amount_cents=cents), self.complements)

    @property
    def raw(self) -> str:
        return "\n".join(record.text.rstrip() for record in (self.record, *self.complements))


def movement_of(record: Record, account: Account) -> tuple[Movement, list[Problem]]:
    """Raises `UnableToReadRecord` when the booking date or the amount cannot be read."""
    booked_date = day_of(record, 35, "booked_date")
    amount = amount_of(record, account, "amount")
    problems: list[Problem] = []
    written = record.part(43, 48)
    value_date = as_day(written)
    if value_date is None and written.strip():
        sentence = INVALID_DATE(field=field_name("value_date"), value=written, code=record.code)
        problems.append(
            Problem(sentence, line=record.line, field="value_date", raw=record.text, severity="warning")
        )
    code = record.part(33, 34).strip()
    reason = record.part(41, 42).strip()
    extra = {
        "internal_code": record.part(8, 11).strip(),
        "entry_number": record.part(82, 88).strip().lstrip("0"),
        "exempt": record.part(89, 89).strip().strip("0"),
        "unavailable": record.part(90, 90).strip().strip("0"),
    }
    transaction = Transaction(
        booked_date=booked_date,
        value_date=value_date,
        amount_cents=amount.cents,
        currency=account.currency,
        bank_reference=record.part(105, 120).strip(),
        remittance=" ".join(record.part(49, 79).split()),
        operation_code=code,
        return_reason=reason,
        line=record.line,
        extra={key: value for key, value in extra.items() if value},
    )
    return Movement(record, transaction, amount), problems


def _completed(transaction: Transaction, complements: list[Record]) -> Transaction:
    zones: dict[str, list[str]] = {}
    for record in complements:
        qualifier, information = record.part(46, 48), record.part(49, 118)
        if qualifier.strip() or information.strip():
            zones.setdefault(qualifier, []).append(information)
    # the label of the movement, free text, then the remittance: LC2 goes on where the 70 characters of LCC end
    texts = [transaction.remittance, *zones.get("LIB", ())]
    texts.append("".join([*zones.get("LCC", ()), *zones.get("LC2", ())]))
    extra = dict(transaction.extra)
    first = _split_zones(zones, extra)
    for qualifier, name in _NAMED.items():
        if qualifier in zones:
            extra[name] = _joined(zones[qualifier])
    for qualifier, information in zones.items():
        if qualifier not in _READ_APART and qualifier not in _NAMED and qualifier not in _SPLIT:
            extra[qualifier.strip()] = "\n".join(text.rstrip() for text in information)
    text = " ".join(" ".join(texts).split())
    reason = transaction.return_reason
    if not reason and transaction.is_return and (found := _ISO_REASON.search(text)):
        reason = found[0]
    names = _either(zones, "NPY", "NBE", transaction)
    ibans = _either(zones, "CPY", "CBE", transaction)
    return replace(
        transaction,
        remittance=text,
        return_reason=reason,
        structured_reference=_joined(zones.get("LCS", ())),
        end_to_end_id=first.get("end_to_end_id", ""),
        mandate_id=first.get("mandate_id", ""),
        counterparty_name=names,
        counterparty_iban=ibans.replace(" ", "")[:34],
        extra={key: value for key, value in extra.items() if value},
    )


def _split_zones(zones: dict[str, list[str]], extra: dict[str, str]) -> dict[str, str]:
    """Fields of the two-part qualifiers that have a place in a transaction; the rest goes to `extra`."""
    own: dict[str, str] = {}
    for qualifier, (length, name, second) in _SPLIT.items():
        for text in zones.get(qualifier, ())[:1]:
            value = text[:length].strip()
            own[name] = "" if value.upper() in _NO_REFERENCE else value
            extra[second] = text[length:].strip()
    extra["batch_id"] = own.pop("batch_id", "")
    return own


def _either(zones: dict[str, list[str]], payer: str, beneficiary: str, t: Transaction) -> str:
    """The other party: the payer of money received or given back, the beneficiary of money paid."""
    order = (payer, beneficiary) if t.amount_cents > 0 or t.is_return else (beneficiary, payer)
    return next((_joined(zones[qualifier]) for qualifier in order if qualifier in zones), "")


def _joined(texts: "list[str] | tuple[str, ...]") -> str:
    return " ".join(" ".join(texts).split())
