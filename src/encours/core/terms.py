"""Payment terms: when an invoice is due, as contracts and accounting packages write it.

Two readings of "45 days end of month" are in use and the law leaves the choice to the contract: 45 days, then
the end of that month ("45 FDM"), or the end of the invoice's month, then 45 days ("FDM 45"). Each has its own
notation here, and words that say which it is.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from encours.core.references import folded
from encours.core.wording import Sentence, Wording

UNKNOWN_TERMS = Wording(
    "unknown_payment_terms",
    fr="Conditions de règlement « {terms} » non comprises : celles de la société s'appliquent.",
    en='Payment terms "{terms}" are not understood: those of the company apply.',
)
_NET = Wording("terms.net", fr="{days} jours net", en="{days} days net")
_ON_RECEIPT = Wording("terms.on_receipt", fr="à réception", en="on receipt")
_DAYS_THEN_END = Wording(
    "terms.days_then_end_of_month",
    fr="{days} jours, puis fin de mois",
    en="{days} days, then the end of the month",
)
_END_THEN_DAYS = Wording(
    "terms.end_of_month_then_days",
    fr="fin de mois, puis {days} jours",
    en="the end of the month, then {days} days",
)
_THE_DAY = Wording("terms.on_the_day", fr="{terms}, le {day}", en="{terms}, on day {day}")
MAX_DAYS = 366


class UnableToReadTerms(ValueError):
    """The text is no payment terms this module knows."""


@dataclass(frozen=True)
class PaymentTerms:
    """`end_of_month` says on which side of the days the end of the month is taken; `day` is the day of the
    month after it on which payment is made ("30 FDM le 10"), 0 for none.
    """

    days: int
    end_of_month: Literal["", "after_days", "before_days"] = ""
    day: int = 0

    def due_date(self, issue_date: date) -> date:
        start = _end_of_month(issue_date) if self.end_of_month == "before_days" else issue_date
        due = start + timedelta(days=self.days)
        if self.end_of_month == "after_days":
            due = _end_of_month(due)
        return due if not self.day else _next_day(due, self.day)

    @property
    def longest_days(self) -> int:
        """The longest time from issue to due date, whatever the day of issue."""
        days = (date(2028, 1, 1) + timedelta(days=rank) for rank in range(366))
        return max((self.due_date(day) - day).days for day in days)

    @property
    def notation(self) -> str:
        """The short form that is stored and read back: "30", "45 FDM", "FDM 45", "30 FDM le 10"."""
        text = {
            "": str(self.days), "after_days": f"{self.days} FDM", "before_days": f"FDM {self.days}",
        }[self.end_of_month]  # fmt: skip
        return f"{text} le {self.day}" if self.day else text

    def in_words(self) -> Sentence:
        if self.end_of_month == "after_days":
            sentence = _DAYS_THEN_END(days=self.days)
        elif self.end_of_month == "before_days":
            sentence = _END_THEN_DAYS(days=self.days)
        else:
            sentence = _NET(days=self.days) if self.days else _ON_RECEIPT()
        return _THE_DAY(terms=sentence, day=self.day) if self.day else sentence


_RECEIPT = re.compile(
    r"(?:A |AU |EN |DES |SUR |DUE |PAYABLE |PAIEMENT |PAYMENT |UPON |ON )*"
    r"(?:COMPTANT|RECEPTION(?: DE(?: LA)? FACTURE)?|RECEIPT|IMMEDIATE?(?:LY|MENT)?|IMMEDIAT|CASH|NOW)"
)
_END = r"(?:FIN DE MOIS|FIN DU MOIS|FIN MOIS|FDM|F D M|END OF(?: THE)? MONTH|MONTH END|EOM)"
_DAYS = r"(?:JOURS|JOUR|JRS|JR|J|DAYS|DAY|D)?"
_DAY = r"(?: (?:LE|AU|THE|ON THE|DAY) (?P<day>\d{1,2})(?: DU MOIS(?: SUIVANT)?)?)?"
_AFTER = re.compile(rf"(?:NET )?(?P<days>\d{{1,3}}) ?{_DAYS} ?(?:NET |NETS )?{_END}{_DAY}")
_BEFORE = re.compile(rf"{_END} (?:PLUS )?(?P<days>\d{{1,3}}) ?{_DAYS}(?: NET)?{_DAY}")
_END_ONLY = re.compile(rf"(?:A )?{_END}{_DAY}")
_PLAIN = re.compile(
    rf"(?:A |NET |PAIEMENT A |PAYABLE A |WITHIN )*(?P<days>\d{{1,3}}) ?{_DAYS}"
    rf"(?: (?:NET|NETS|DATE DE FACTURE|DATE FACTURE|DATE D EMISSION|D F|FROM INVOICE(?: DATE)?|AFTER INVOICE(?: DATE)?))?{_DAY}"
)


def read_terms(text: str) -> PaymentTerms:
    """Terms as people write them, French or English. Raises `UnableToReadTerms`.

    >>> read_terms("45 jours fin de mois").notation, read_terms("FDM + 45 j").notation
    ('45 FDM', 'FDM 45')
    >>> read_terms("30 FDM le 10").due_date(date(2026, 1, 15))
    datetime.date(2026, 3, 10)
    """
    plain = " ".join(re.findall(r"[A-Z]+|\d+", folded(text).replace("+", " PLUS ")))
    if _RECEIPT.fullmatch(plain):
        return PaymentTerms(0)
    for pattern, side in (
        (_AFTER, "after_days"), (_BEFORE, "before_days"), (_END_ONLY, "after_days"), (_PLAIN, ""),
    ):  # fmt: skip
        found = pattern.fullmatch(plain)
        if not found:
            continue
        given = found.groupdict()
        days, day = int(given.get("days") or 0), int(given.get("day") or 0)
        if days <= MAX_DAYS and day <= 31:
            return PaymentTerms(days, side, day)  # pyright: ignore[reportArgumentType]
    raise UnableToReadTerms(text)


def due_dates(issue_date: pl.Expr, terms: pl.Expr) -> pl.Expr:
    """Due dates of many documents: `terms` is a String column of what `read_terms` reads; null where it
    cannot be read.
    """
    # a company has a handful of terms: each distinct text is read once, the dates are computed by column
    days = _looked_up(terms, lambda known: known.days, pl.Int32)
    side = _looked_up(terms, lambda known: known.end_of_month, pl.String)
    day = _looked_up(terms, lambda known: known.day, pl.Int32)
    start = pl.when(side == "before_days").then(issue_date.dt.month_end()).otherwise(issue_date)
    due = start + pl.duration(days=days)
    due = pl.when(side == "after_days").then(due.dt.month_end()).otherwise(due)
    return pl.when(day == 0).then(due).otherwise(_next_days(due, day)).cast(pl.Date)


def _looked_up(terms: pl.Expr, part: object, kind: type[pl.DataType]) -> pl.Expr:
    def read(texts: pl.Series) -> pl.Series:
        known: dict[str, object] = {}
        for text in texts.drop_nulls().unique():
            try:
                known[text] = part(read_terms(text))  # pyright: ignore[reportCallIssue]
            except UnableToReadTerms:
                continue
        return texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=kind)

    return terms.map_batches(read, return_dtype=kind())


def _next_days(due: pl.Expr, day: pl.Expr) -> pl.Expr:
    """`_next_day` over columns."""
    month = due.dt.month_start()
    this = pl.min_horizontal(month + pl.duration(days=day - 1), due.dt.month_end())
    following = due.dt.month_end() + pl.duration(days=1)
    next_ = pl.min_horizontal(following + pl.duration(days=day - 1), following.dt.month_end())
    return pl.when(this >= due).then(this).otherwise(next_)


def _next_day(due: date, day: int) -> date:
    """The first such day of a month on or after a date; a month without it gives its last day."""
    this = due.replace(day=min(day, _end_of_month(due).day))
    if this >= due:
        return this
    following = _end_of_month(due) + timedelta(days=1)
    return following.replace(day=min(day, _end_of_month(following).day))


def _end_of_month(day: date) -> date:
    first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first_of_next - timedelta(days=1)
