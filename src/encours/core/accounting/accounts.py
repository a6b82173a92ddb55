"""The accounts and journals a company books on, with the defaults of the French chart of accounts (PCG)."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal

from encours.core.problems import Problem
from encours.core.wording import Wording

Overpayments = Literal["receivable", "advance"]
PartialLettering = Literal["lower", "none"]

BAD_ACCOUNT = Wording(
    "accounts_bad_account",
    fr="{number} ne convient pas ici : un compte qui commence par {roots} est attendu.",
    en="{number} does not fit here: an account that begins with {roots} is expected.",
)
BAD_JOURNAL = Wording(
    "accounts_bad_journal",
    fr="« {code} » n'est pas un code journal : un à dix caractères, lettres majuscules et chiffres.",
    en='"{code}" is no journal code: one to ten characters, capital letters and digits.',
)
BAD_CHOICE = Wording(
    "accounts_bad_choice",
    fr="« {said} » n'est pas un choix : {choices}.",
    en='"{said}" is no choice: {choices}.',
)
BAD_DATE = Wording(
    "accounts_bad_date",
    fr="« {said} » n'est pas une date : AAAA-MM-JJ est attendu.",
    en='"{said}" is no date: YYYY-MM-DD is expected.',
)
BAD_TABLE = Wording(
    "accounts_bad_table",
    fr="Ce réglage est une table : {example}.",
    en="This setting is a table: {example}.",
)
BAD_RATE = Wording(
    "accounts_bad_rate",
    fr="« {rate} » n'est pas un taux de TVA en points de base (20 % = 2000).",
    en='"{rate}" is no rate of VAT in basis points (20 % = 2000).',
)
UNKNOWN_FIELD = Wording(
    "accounts_unknown_field",
    fr="« {name} » n'est pas un réglage comptable.",
    en='"{name}" is no accounting setting.',
)

# Root every account of a field must have (PCG), and its name where the FEC asks for one
ROOTS: Mapping[str, tuple[str, ...]] = {
    "receivable": ("411",),
    "doubtful": ("416",),
    "advance": ("419",),
    "allowance": ("491",),
    "bank": ("51", "53"),
    "clearing": ("511", "467"),
    "suspense": ("47",),
    "sales": ("70",),
    "vat": ("4457",),
    "loss": ("654", "6714"),
    "discount": ("665", "709"),
    "bank_fee": ("627", "622"),
    "difference_loss": ("658", "668"),
    "difference_gain": ("758", "768"),
    "allowance_expense": ("6817", "687"),
    "allowance_reversal": ("7817", "787"),
}
ACCOUNT_NAMES: Mapping[str, str] = {
    "receivable": "Clients",
    "doubtful": "Clients douteux ou litigieux",
    "advance": "Clients - Avances et acomptes reçus",
    "allowance": "Dépréciations des comptes de clients",
    "bank": "Banque",
    "clearing": "Encaissements en cours",
    "suspense": "Compte d'attente",
    "sales": "Ventes",
    "vat": "TVA collectée",
    "loss": "Pertes sur créances irrécouvrables",
    "discount": "Escomptes accordés",
    "bank_fee": "Services bancaires",
    "difference_loss": "Charges diverses de gestion courante",
    "difference_gain": "Produits divers de gestion courante",
    "allowance_expense": "Dotations aux dépréciations des créances",
    "allowance_reversal": "Reprises sur dépréciations des créances",
}
JOURNAL_NAMES: Mapping[str, str] = {
    "sales_journal": "Ventes",
    "bank_journal": "Banque",
    "general_journal": "Opérations diverses",
}
# before any entry there may be
_EARLIEST = date(1950, 1, 1)
_ACCOUNT = re.compile(r"[1-8][0-9]{2}[0-9A-Z]{0,17}")
_JOURNAL = re.compile(r"[0-9A-Z]{1,10}")
SWITCHES = ("sales_entries", "recover_vat_on_write_off", "discount_lowers_vat")
# an example of each
TABLES = {
    "sales_by_rate": '{"550": "707055"}',
    "vat_by_rate": '{"550": "445711"}',
    "banks": '{"FR76…": {"account": "512100", "journal": "CIC"}}',
}
_CHOICES = {"overpayments": ("receivable", "advance"), "partial_lettering": ("lower", "none")}


@dataclass(frozen=True)
class BankBooks:
    """Where the lines of one bank account are booked."""

    account: str
    journal: str


@dataclass(frozen=True)
class Accounts:
    """Accounts, journals and choices of a company. Fields hold account numbers unless they say otherwise."""

    receivable: str = "411000"
    doubtful: str = "416000"
    advance: str = "419100"
    allowance: str = "491000"
    bank: str = "512000"
    # what payment services received and have not paid out
    clearing: str = "511500"
    suspense: str = "471000"
    sales: str = "707000"
    vat: str = "445710"
    loss: str = "654000"
    discount: str = "665000"
    bank_fee: str = "627000"
    difference_loss: str = "658000"
    difference_gain: str = "758000"
    allowance_expense: str = "681740"
    allowance_reversal: str = "781740"
    sales_journal: str = "VE"
    bank_journal: str = "BQ"
    general_journal: str = "OD"
    # other accounts for a rate of VAT, in basis points as text: {"550": "707055"}
    sales_by_rate: Mapping[str, str] = field(default_factory=dict)
    vat_by_rate: Mapping[str, str] = field(default_factory=dict)
    # other account and journal for a bank account, by IBAN (or what its files call it)
    banks: Mapping[str, BankBooks] = field(default_factory=dict)
    # invoices and credit notes that came without books: entries of sales too. Elsewhere they are booked already
    sales_entries: bool = False
    # what was booked before this day is in other books; null: nothing is
    books_from_date: date | None = None
    # VAT given back on what is irrecoverable for good (CGI art. 272, 1)
    recover_vat_on_write_off: bool = False
    # a discount for early payment lowers the base of VAT (CGI art. 267, II-1°)
    discount_lowers_vat: bool = True
    # what customers paid too much: stays on the receivable account, or goes to advances received
    overpayments: Overpayments = "receivable"
    # small letters on what is settled in part, or nothing
    partial_lettering: PartialLettering = "lower"

    @property
    def begin_date(self) -> date:
        """The first day whose movements are booked here."""
        return self.books_from_date or _EARLIEST

    @property
    def by_role(self) -> dict[str, str]:
        """The account of each role a line may have (keys of `ACCOUNT_NAMES`)."""
        return {role: getattr(self, role) for role in ACCOUNT_NAMES}

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, as it is stored."""
        plain = asdict(self)
        if self.books_from_date:
            plain["books_from_date"] = self.books_from_date.isoformat()
        defaults = asdict(Accounts())
        return {name: value for name, value in plain.items() if value != defaults[name]}


FIELDS = tuple(each.name for each in fields(Accounts))


def accounts_from(stored: Mapping[str, Any]) -> Accounts:
    """The settings of stored values; unknown ones of another version are left out."""
    known = {name: value for name, value in stored.items() if name in FIELDS}
    if isinstance(day := known.get("books_from_date"), str):
        known["books_from_date"] = date.fromisoformat(day) if day else None
    if "banks" in known:
        known["banks"] = {
            name: value if isinstance(value, BankBooks) else BankBooks(**value)
            for name, value in known["banks"].items()
        }
    return replace(Accounts(), **known)


def changed(accounts: Accounts, values: Mapping[str, Any]) -> tuple[Accounts, tuple[Problem, ...]]:
    """The settings with `values` (as a person or a script gives them) in their place, and what is wrong with them.

    With problems the settings come back as they were.
    """
    read: dict[str, Any] = {}
    found: list[Problem] = []
    for name, said in values.items():
        value, problem = _read(name, said)
        read[name] = value
        if problem:
            found.append(problem)
    if not found:
        after = replace(accounts, **read)
        found = list(problems_of(after))
        accounts = accounts if found else after
    return accounts, tuple(found)


def _read(name: str, said: Any) -> tuple[Any, Problem | None]:
    if name not in FIELDS:
        return said, Problem(UNKNOWN_FIELD(name=name), field=name)
    if name == "books_from_date":
        try:
            return (date.fromisoformat(str(said)) if said else None), None
        except ValueError:
            return None, Problem(BAD_DATE(said=said), field=name)
    if name in SWITCHES and not isinstance(said, bool):
        return said, Problem(BAD_CHOICE(said=said, choices="true, false"), field=name)
    if name in TABLES:
        return _read_table(name, said)
    return (said if isinstance(said, bool) else str(said)), None


def _read_table(name: str, said: Any) -> tuple[Any, Problem | None]:
    wrong = Problem(BAD_TABLE(example=TABLES[name]), field=name)
    if not isinstance(said, Mapping):
        return said, wrong
    if name != "banks":
        texts = all(isinstance(value, str) for value in said.values())
        return {str(rate): value for rate, value in said.items()}, None if texts else wrong
    try:
        return {str(bank): BankBooks(**books) for bank, books in said.items()}, None
    except TypeError:
        return said, wrong


def problems_of(accounts: Accounts) -> tuple[Problem, ...]:
    """What is wrong with the settings, by field. Accounts must lie under the root the PCG gives them."""
    found: list[Problem] = []
    for name, roots in ROOTS.items():
        found += _account_problems(name, getattr(accounts, name), roots)
    for name in JOURNAL_NAMES:
        found += _journal_problems(name, getattr(accounts, name))
    for name in ("sales", "vat"):
        for rate, number in getattr(accounts, f"{name}_by_rate").items():
            if not re.fullmatch(r"\d{1,4}", rate):
                found.append(Problem(BAD_RATE(rate=rate), field=f"{name}_by_rate"))
            found += _account_problems(f"{name}_by_rate", number, ROOTS[name])
    for books in accounts.banks.values():
        found += _account_problems("banks", books.account, ROOTS["bank"])
        found += _journal_problems("banks", books.journal)
    for name, choices in _CHOICES.items():
        said = getattr(accounts, name)
        if said not in choices:
            found.append(Problem(BAD_CHOICE(said=said, choices=", ".join(choices)), field=name))
    return tuple(found)


def _account_problems(name: str, number: str, roots: tuple[str, ...]) -> list[Problem]:
    if _ACCOUNT.fullmatch(number) and number.startswith(roots):
        return []
    return [Problem(BAD_ACCOUNT(number=number, roots=", ".join(roots)), field=name)]


def _journal_problems(name: str, code: str) -> list[Problem]:
    return [] if _JOURNAL.fullmatch(code) else [Problem(BAD_JOURNAL(code=code), field=name)]
