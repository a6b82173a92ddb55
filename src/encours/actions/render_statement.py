"""The statement of account as PDF/A-3b, under the letter's head. Names are data and never markup in Typst."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst

from encours.actions.letter_facts import address_lines, identity, labels_of, quoted
from encours.core.letters import Letter, StatementLine, grouped_iban
from encours.core.money import format_cents
from encours.core.wording import Wording, format_date

SOURCE = Path(__file__).parent / "letters" / "statement.typ"
_KINDS = {
    "credit_note": Wording("letter.credit_note", fr="avoir", en="credit note"),
    "deposit": Wording("letter.deposit", fr="acompte", en="deposit"),
}
DAYS = Wording("letter.days", fr="{days} j", en="{days} d")


def render_statement(*, letter: Letter, lines: Sequence[StatementLine]) -> bytes:
    """The same letter and lines always give the same bytes."""
    data = json.dumps(_told(letter, lines), ensure_ascii=False)
    return typst.compile(
        SOURCE,
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        pdf_standards=["a-3b"],
        timestamp=datetime.combine(letter.on, time(), UTC),
    )


def _told(letter: Letter, lines: Sequence[StatementLine]) -> dict[str, Any]:
    """What `statement.typ` prints: strings only."""
    language = letter.language
    labels = labels_of(language)
    balance = sum(line.balance_cents for line in lines)
    return {
        "title": labels["statement"],
        "language": language,
        "labels": labels,
        "creditor": {"name": letter.creditor.name, "address": address_lines(letter.creditor)},
        "debtor": {
            "name": letter.debtor.name,
            "code": letter.debtor.code,
            "address": address_lines(letter.debtor),
        },
        "on": format_date(letter.on, language),
        "reference": letter.reference,
        "sums": _sums(letter, lines, balance),
        "lines": [_row(letter, line) for line in lines],
        "total": format_cents(balance, letter.currency, language),
        "iban": grouped_iban(letter.iban),
        "holder": letter.account_holder,
        "quoted": quoted(letter),
        "identity": identity(letter.creditor),
        "contact": " · ".join(part for part in (letter.creditor.email, letter.creditor.phone) if part),
    }


def _sums(letter: Letter, lines: Sequence[StatementLine], balance: int) -> list[dict[str, Any]]:
    overdue = sum(line.balance_cents for line in lines if line.due_date and line.due_date < letter.on)
    upcoming = sum(line.balance_cents for line in lines if line.due_date and line.due_date >= letter.on)
    sums = {
        "overdue": overdue,
        "upcoming": upcoming,
        "credits": balance - overdue - upcoming,
        "balance_total": balance,
    }
    labels = labels_of(letter.language)
    return [
        {
            "label": labels[name],
            "amount": format_cents(cents, letter.currency, letter.language),
            "strong": name == "balance_total",
        }
        for name, cents in sums.items()
        if cents or name != "credits"
    ]


def _row(letter: Letter, line: StatementLine) -> dict[str, str]:
    language = letter.language
    days = (letter.on - line.due_date).days if line.due_date else 0
    return {
        "label": line.label,
        "kind": _KINDS[line.kind]().say(language) if line.kind in _KINDS else "",
        "issued": format_date(line.issue_date, language),
        "due": format_date(line.due_date, language) if line.due_date else "",
        "late": DAYS(days=days).say(language) if days > 0 else "",
        "amount": format_cents(line.amount_cents, letter.currency, language),
        "balance": format_cents(line.balance_cents, letter.currency, language),
    }
