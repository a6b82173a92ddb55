"""Late-payment interest and the recovery indemnity between companies (Code de commerce, art. L441-10, D441-5).

An accrual of its own: it is told beside what is owed and never changes an issued invoice.

Interest is amount x rate x days / days of the year. Each piece is rounded to the cent, half a cent upwards, and the total
is their sum: whoever checks a line by hand finds it, the lines add up, and days added later change no piece already told.
"""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from encours.core.money import Money, Rate
from encours.core.reference_rates import ECB_RATES, LEGAL_RATES, Half, half_name, half_of, last_day_of
from encours.core.wording import Sentence, Wording

Debtor = Literal["company", "public_buyer", "person"]
# Days of the year a yearly rate is for: always 365, or 366 for the days that lie in a leap year.
DayCount = Literal["actual/365", "actual/actual"]
# What a part payment settles first: interest (C. civ. 1343-1), or the principal where both sides agreed so.
Imputation = Literal["interest", "principal"]

INDEMNITY_CENTS = 4_000  # 40 EUR per invoice, once, from the first day late (D441-5, D2192-35)
MARGIN_BASIS_POINTS = 1_000  # L441-10 II: what the ECB asks plus ten points
PUBLIC_MARGIN_BASIS_POINTS = 800  # Code de la commande publique, R2192-31
FLOOR_FACTOR = 3  # L441-10 II: a rate agreed in a contract is at least three times that of legal interest

# A weight is a yearly rate in basis points times days, of a year whose length is either divisor.
_YEAR_WEIGHT = 10_000 * 365 * 366
_ONE_DAY = timedelta(days=1)

RATE_UNKNOWN = Wording(
    "interest.rate_unknown",
    fr="Le taux de refinancement de la BCE du {half} n'est pas connu : rien n'est calculé sans lui.",
    en="The ECB refinancing rate of the {half} is not known: nothing is computed without it.",
)
PAID_AFTER = Wording(
    "interest.paid_after",
    fr="Le paiement du {date} est postérieur au {on}, jour du calcul : retirez-le ou calculez à une date plus tardive.",
    en="The payment of {date} is after {on}, the day of the computation: leave it out or compute on a later day.",
)
PAID_NOTHING = Wording(
    "interest.paid_nothing",
    fr="Le paiement du {date} ({amount}) doit être supérieur à zéro.",
    en="The payment of {date} ({amount}) must be more than zero.",
)
PAID_TOO_MUCH = Wording(
    "interest.paid_too_much",
    fr="Le paiement du {date} dépasse de {excess} ce qui restait dû : n'indiquez que la part qui règle cette créance.",
    en="The payment of {date} is {excess} more than what was still owed: give only the part that settles this debt.",
)
BELOW_FLOOR = Wording(
    "interest.below_floor",
    fr="Le taux convenu de {rate} est inférieur au minimum légal : trois fois l'intérêt légal, soit {floor} au {half} (Code de commerce, art. L441-10 II).",
    en="The agreed rate of {rate} is below the legal minimum: three times the legal interest rate, that is {floor} in the {half} (French Code de commerce, art. L441-10 II).",
)
FLOOR_UNKNOWN = Wording(
    "interest.floor_unknown",
    fr="Le taux de l'intérêt légal n'est pas connu pour le {half} : le minimum légal du taux convenu n'a pas été vérifié pour toute la période.",
    en="The legal interest rate of the {half} is not known: the legal minimum of an agreed rate was not checked for the whole period.",
)
PUBLIC_RATE_IS_FIXED = Wording(
    "interest.public_rate_is_fixed",
    fr="Le taux dû par un acheteur public est fixé par décret (Code de la commande publique, art. R2192-31) ; celui que vous indiquez est appliqué à sa place.",
    en="The rate owed by a public buyer is set by decree (French Code de la commande publique, art. R2192-31); the one you give is applied instead.",
)


class UnableToComputeInterest(Exception):
    """No rate is known for `half`: it is never guessed."""

    def __init__(self, half: Half) -> None:
        super().__init__(f"no ECB rate for half-year {half[0]}-{half[1]}")
        self.half = half
        self.sentence = RATE_UNKNOWN(half=half_name(half))


class UnableToImputePayment(Exception):
    """A payment that settles nothing here; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


@dataclass(frozen=True)
class InterestTerms:
    """What decides the rate. An agreed rate holds for the whole delay and takes the place of the law's."""

    debtor: Debtor
    agreed_basis_points: int | None = None
    day_count: DayCount = "actual/365"
    ecb_rates: Mapping[Half, int] = field(default_factory=lambda: ECB_RATES)


@dataclass(frozen=True)
class RateSpan:
    """Days that bear interest at one yearly rate, of a year of `year_days`."""

    from_date: date
    until_date: date  # included
    rate_basis_points: int
    year_days: int = 365

    @property
    def days(self) -> int:
        return (self.until_date - self.from_date).days + 1

    @property
    def weight(self) -> int:
        return self.days * self.rate_basis_points * (_YEAR_WEIGHT // (10_000 * self.year_days))


@dataclass(frozen=True)
class InterestPiece:
    """One line of a computation: what `principal_cents` bore over the days of a span."""

    span: RateSpan
    principal_cents: int
    interest_cents: int


@dataclass(frozen=True)
class PartPayment:
    date: date
    cents: int


@dataclass(frozen=True)
class ImputedPayment:
    """What a part payment settled, and what it left owed."""

    payment: PartPayment
    interest_cents: int
    principal_cents: int
    interest_left_cents: int
    principal_left_cents: int


@dataclass(frozen=True)
class LateInterest:
    """Interest of one debt, line by line. `interest_cents` is all that accrued, paid or not."""

    pieces: tuple[InterestPiece, ...]
    payments: tuple[ImputedPayment, ...]
    interest_cents: int
    interest_left_cents: int
    principal_left_cents: int
    indemnity_cents: int
    day_count: DayCount


def late_interest(
    *,
    principal_cents: int,
    due_date: date,
    on: date,
    terms: InterestTerms,
    payments: Iterable[PartPayment] = (),
    imputation: Imputation = "interest",
) -> LateInterest:
    """Interest on a debt in euros (VAT included) from the day after the due date until `on`, included.

    A part payment counts from the day after its date; what it settles first is `imputation`'s to say, and interest
    bears none itself. Pieces follow one another without a gap until `on`, or until the principal is paid. The
    indemnity is due whole when anything was unpaid on the first day late, and untouched by payments. A consumer owes
    neither. Raises `UnableToComputeInterest` when a half-year's rate is not known, `UnableToImputePayment` for a
    payment after `on`, of nothing, or beyond what was owed.
    """
    assert principal_cents > 0
    account = _Account(principal_cents)
    pieces: list[InterestPiece] = []
    imputed: list[ImputedPayment] = []
    since = due_date
    for payment in sorted(payments, key=lambda each: each.date):
        _check(payment, on)
        pieces += account.accrue(_spans(due_date, since, payment.date, terms))
        imputed.append(account.pay(payment, imputation))
        since = max(since, payment.date)
    pieces += account.accrue(_spans(due_date, since, on, terms))
    return LateInterest(
        pieces=tuple(pieces),
        payments=tuple(imputed),
        interest_cents=account.accrued_cents,
        interest_left_cents=account.interest_left_cents,
        principal_left_cents=account.principal_cents,
        indemnity_cents=INDEMNITY_CENTS if pieces else 0,
        day_count=terms.day_count,
    )


def rate_spans(*, due_date: date, on: date, terms: InterestTerms) -> tuple[RateSpan, ...]:
    """The days until `on`, included, that a debt due on a day bears interest, and at what rates; none for a consumer.

    Between companies the rate changes with each half-year; a public buyer keeps that of the half-year in which the
    delay began (R2192-31). Raises `UnableToComputeInterest`.
    """
    return tuple(_spans(due_date, due_date, on, terms))


def interest_cents(*, amount_cents: int, spans: Iterable[RateSpan]) -> int:
    """The interest of one amount over spans; a credit bears none."""
    return sum(_rounded(max(0, amount_cents) * span.weight) for span in spans)


def agreed_rate_warnings(*, found: LateInterest, terms: InterestTerms) -> tuple[Sentence, ...]:
    """What is doubtful about an agreed rate: sentences to show beside the interest.

    It is held against the legal minimum of each half-year that bears interest, and the highest is told. The minimum is
    one between companies; a public buyer's rate is not for the contract to set.
    """
    rate = terms.agreed_basis_points
    if rate is None or not found.pieces:
        return ()
    if terms.debtor == "public_buyer":
        return (PUBLIC_RATE_IS_FIXED(),)
    halves = list(_halves(found.pieces[0].span.from_date, found.pieces[-1].span.until_date))
    warnings = []
    known = [half for half in halves if half in LEGAL_RATES]
    highest = max(known, key=LEGAL_RATES.__getitem__, default=None)
    if highest is not None and rate < FLOOR_FACTOR * LEGAL_RATES[highest]:
        floor = Rate(FLOOR_FACTOR * LEGAL_RATES[highest])
        warnings.append(BELOW_FLOOR(rate=Rate(rate), floor=floor, half=half_name(highest)))
    unknown = next((half for half in halves if half not in LEGAL_RATES), None)
    if unknown is not None:
        warnings.append(FLOOR_UNKNOWN(half=half_name(unknown)))
    return tuple(warnings)


@dataclass
class _Account:
    """What is owed while days and payments go by."""

    principal_cents: int
    accrued_cents: int = 0
    interest_paid_cents: int = 0

    @property
    def interest_left_cents(self) -> int:
        return self.accrued_cents - self.interest_paid_cents

    def accrue(self, spans: Iterable[RateSpan]) -> Iterator[InterestPiece]:
        if self.principal_cents == 0:  # nor is the rate of such days needed
            return
        for span in spans:
            cents = interest_cents(amount_cents=self.principal_cents, spans=[span])
            self.accrued_cents += cents
            yield InterestPiece(span, self.principal_cents, cents)

    def pay(self, payment: PartPayment, imputation: Imputation) -> ImputedPayment:
        interest, principal = self.interest_left_cents, self.principal_cents
        if imputation == "interest":
            to_interest = min(payment.cents, interest)
            to_principal = min(payment.cents - to_interest, principal)
        else:
            to_principal = min(payment.cents, principal)
            to_interest = min(payment.cents - to_principal, interest)
        excess = payment.cents - to_interest - to_principal
        if excess:
            raise UnableToImputePayment(PAID_TOO_MUCH(date=payment.date, excess=Money(excess)))
        self.principal_cents -= to_principal
        self.interest_paid_cents += to_interest
        return ImputedPayment(
            payment, to_interest, to_principal, interest - to_interest, principal - to_principal
        )


def _check(payment: PartPayment, on: date) -> None:
    if payment.cents <= 0:
        raise UnableToImputePayment(PAID_NOTHING(date=payment.date, amount=Money(payment.cents)))
    if payment.date > on:
        raise UnableToImputePayment(PAID_AFTER(date=payment.date, on=on))


def _spans(due_date: date, after: date, until: date, terms: InterestTerms) -> Iterator[RateSpan]:
    """The days after one day until another, included, of a debt due on a day that bears interest."""
    if terms.debtor == "person" or until <= after:
        return
    fixed = _fixed_rate(due_date + _ONE_DAY, terms)
    first = after + _ONE_DAY
    while True:
        last = min(until, _last_day(first, terms.day_count, is_fixed=fixed is not None))
        rate = _ecb_rate(half_of(first), terms) + MARGIN_BASIS_POINTS if fixed is None else fixed
        yield RateSpan(first, last, rate, _year_days(first, terms.day_count))
        if last == until:  # never past it: the last day of the calendar has no next
            return
        first = last + _ONE_DAY


def _fixed_rate(first: date, terms: InterestTerms) -> int | None:
    """The rate of the whole delay, where it has one."""
    if terms.agreed_basis_points is not None:
        return terms.agreed_basis_points
    if terms.debtor == "public_buyer":
        return _ecb_rate(half_of(first), terms) + PUBLIC_MARGIN_BASIS_POINTS
    return None


def _ecb_rate(half: Half, terms: InterestTerms) -> int:
    try:
        return terms.ecb_rates[half]
    except KeyError:
        raise UnableToComputeInterest(half) from None


def _last_day(first: date, day_count: DayCount, *, is_fixed: bool) -> date:
    """Until when the rate, and the length of the year, are those of a day."""
    if not is_fixed:
        return last_day_of(half_of(first))
    return date.max if day_count == "actual/365" else date(first.year, 12, 31)


def _year_days(day: date, day_count: DayCount) -> int:
    return 366 if day_count == "actual/actual" and calendar.isleap(day.year) else 365


def _halves(first: date, last: date) -> Iterator[Half]:
    half = half_of(first)
    while half <= half_of(last):
        yield half
        half = (half[0], 2) if half[1] == 1 else (half[0] + 1, 1)


def _rounded(weighed: int) -> int:
    """Whole cents of cents x _YEAR_WEIGHT, half up."""
    return (2 * weighed + _YEAR_WEIGHT) // (2 * _YEAR_WEIGHT)
