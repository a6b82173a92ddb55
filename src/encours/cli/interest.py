"""`encours interest`: late-payment interest of one debt, line by line. It needs no database and no company."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Table

from encours.cli import interest_claims
from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.session import JsonOption, OnOption, day
from encours.cli.usage import NOT_A_WHOLE_NUMBER, OPTION_MISSING
from encours.core.interest import (
    FLOOR_FACTOR,
    MARGIN_BASIS_POINTS,
    PUBLIC_MARGIN_BASIS_POINTS,
    DayCount,
    Imputation,
    InterestPiece,
    InterestTerms,
    LateInterest,
    PartPayment,
    UnableToComputeInterest,
    UnableToImputePayment,
    agreed_rate_warnings,
    late_interest,
)
from encours.core.money import MAX_CENTS, Money, Rate, UnableToReadAmount, parse_rate
from encours.core.problems import Problem
from encours.core.reference_rates import (
    ECB,
    ECB_RATES,
    LEGAL,
    REFERENCE_RATES,
    Half,
    ReferenceRate,
    first_day_of,
    half_name,
)
from encours.core.wording import Wording, format_date

MAX_BASIS_POINTS = 10_000  # beyond 100 % a year a decimal sign is missing
_WHOLE = re.compile(r"[+-]?[0-9]+")

NOT_POSITIVE = Wording(
    "interest.not_positive",
    fr="{name} : {value} est refusé ; donnez en centimes le montant TTC resté dû, supérieur à zéro.",
    en="{name}: {value} is refused; give the unpaid amount with VAT in cents, more than zero.",
)
TOO_LARGE = Wording(
    "interest.too_large",
    fr="{name} : ce montant est trop grand, au plus {limit} ; donnez-le en centimes.",
    en="{name}: this amount is too large, at most {limit}; give it in cents.",
)
BAD_DATE = Wording(
    "interest.bad_date",
    fr="{name} : « {value} » n'est pas une date ; écrivez-la AAAA-MM-JJ.",
    en='{name}: "{value}" is not a date; write it YYYY-MM-DD.',
)
NOT_DUE_YET = Wording(
    "interest.not_due_yet",
    fr="L'échéance (--due {due}) est postérieure au jour du calcul (--on {on}) : rien n'est en retard ; vérifiez l'ordre des deux dates.",
    en="The due date (--due {due}) is after the day of the computation (--on {on}): nothing is late; check which date is which.",
)
BAD_RATE = Wording(
    "interest.bad_rate",
    fr="{name} : « {value} » n'est pas un taux annuel ; écrivez un pourcentage de 0 à 100, deux décimales au plus (12,15).",
    en='{name}: "{value}" is not a yearly rate; write a percentage from 0 to 100 with at most two decimals (12.15).',
)
BAD_ECB_RATE = Wording(
    "interest.bad_ecb_rate",
    fr="--ecb-rate : « {value} » n'est pas compris ; écrivez SEMESTRE=TAUX, par exemple 2026-2=2,15.",
    en='--ecb-rate: "{value}" is not understood; write HALF=PERCENT, such as 2026-2=2.15.',
)
OTHER_ECB_RATE = Wording(
    "interest.other_ecb_rate",
    fr="Pour le {half}, le taux que vous indiquez ({given}) remplace celui du barème ({known}).",
    en="For the {half} the rate you give ({given}) takes the place of the table's ({known}).",
)
BAD_PAYMENT = Wording(
    "interest.bad_payment",
    fr="--payment : « {value} » n'est pas compris ; écrivez DATE=CENTIMES, par exemple 2026-03-31=50000 pour 500 €.",
    en='--payment: "{value}" is not understood; write DATE=CENTS, such as 2026-03-31=50000 for €500.',
)
BAD_CHOICE = Wording(
    "interest.bad_choice",
    fr="{name} : « {value} » n'existe pas ; choisissez {first} ou {second}.",
    en='{name}: there is no "{value}"; choose {first} or {second}.',
)
NO_RATE = Wording(
    "interest.no_rate",
    fr="{reason} Donnez le taux publié par la BCE avec --ecb-rate {half}=TAUX, ou celui du contrat avec --rate TAUX.",
    en="{reason} Give the rate the ECB published with --ecb-rate {half}=PERCENT, or that of the contract with --rate PERCENT.",
)

_COLUMNS = (
    Wording("interest.column_from", fr="du", en="from"),
    Wording("interest.column_to", fr="au", en="to"),
    Wording("interest.column_days", fr="jours", en="days"),
    Wording("interest.column_principal", fr="principal", en="principal"),
    Wording("interest.column_rate", fr="taux annuel", en="yearly rate"),
    Wording("interest.column_interest", fr="pénalités", en="interest"),
)
TOTAL = Wording("interest.total", fr="Pénalités de retard au {on} : {amount}", en="Late-payment interest on {on}: {amount}")  # fmt: skip
INDEMNITY = Wording(
    "interest.indemnity",
    fr="Indemnité forfaitaire de recouvrement : {amount}",
    en="Fixed recovery indemnity: {amount}",
)
NOTHING_LATE = Wording(
    "interest.nothing_late",
    fr="Rien n'est en retard au {on} : ni pénalités, ni indemnité.",
    en="Nothing is late on {on}: no interest, no indemnity.",
)
PAID = Wording(
    "interest.paid",
    fr="Paiement du {date}, {amount} : {interest} de pénalités, {principal} de principal ; restent {principal_left} de principal et {interest_left} de pénalités.",
    en="Payment of {date}, {amount}: {interest} of interest, {principal} of principal; {principal_left} of principal and {interest_left} of interest are left.",
)
LEFT = Wording(
    "interest.left",
    fr="Reste dû au {on} : {principal} de principal et {interest} de pénalités.",
    en="Still owed on {on}: {principal} of principal and {interest} of interest.",
)
_FORMULAS: Mapping[DayCount, Wording] = {
    "actual/365": Wording(
        "interest.formula_365",
        fr="Principal × taux × jours ÷ 365, du lendemain de l'échéance au {on} inclus ; chaque ligne est arrondie au centime.",
        en="Principal × rate × days ÷ 365, from the day after the due date until {on} included; each line is rounded to the cent.",
    ),
    "actual/actual": Wording(
        "interest.formula_actual",
        fr="Principal × taux × jours ÷ 365 (366 les années bissextiles), du lendemain de l'échéance au {on} inclus ; chaque ligne est arrondie au centime.",
        en="Principal × rate × days ÷ 365 (366 in leap years), from the day after the due date until {on} included; each line is rounded to the cent.",
    ),
}
_RATE_COLUMNS = (
    Wording("interest.rates_half", fr="semestre", en="half-year"),
    Wording("interest.rates_ecb", fr="BCE", en="ECB"),
    Wording("interest.rates_since", fr="depuis le", en="since"),
    Wording("interest.rates_company", fr="BCE + 10", en="ECB + 10"),
    Wording("interest.rates_public", fr="public : + 8", en="public: + 8"),
    Wording("interest.rates_legal", fr="légal", en="legal"),
    Wording("interest.rates_floor", fr="légal × 3", en="legal × 3"),
)

app = typer.Typer(invoke_without_command=True, add_completion=False)
app.add_typer(interest_claims.app, name="claims")


@app.callback()
@french("Calculer les pénalités de retard d'une créance et l'indemnité de 40 €, période par période.")
def interest(
    ctx: typer.Context,
    principal_cents: Annotated[
        str | None,
        typer.Option(
            "--principal-cents",
            help=help_text(
                "interest.principal_cents",
                fr="Montant TTC dû à l'échéance, en centimes d'euro.",
                en="Amount owed on the due date, VAT included, in euro cents.",
            ),
            metavar=help_text("interest.cents_value", fr="CENTIMES", en="CENTS"),
        ),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option(
            "--due",
            help=help_text("interest.due", fr="Date d'échéance, AAAA-MM-JJ.", en="Due date, YYYY-MM-DD."),
            metavar="DATE",
        ),
    ] = None,
    on: OnOption = "",
    public_buyer: Annotated[
        bool,
        typer.Option(
            "--public-buyer",
            help=help_text(
                "interest.public_buyer",
                fr="Le débiteur est un acheteur public (BCE + 8 points, taux fixe).",
                en="The debtor is a public buyer (ECB + 8 points, one rate throughout).",
            ),
        ),
    ] = False,
    rate: Annotated[
        str | None,
        typer.Option(
            "--rate",
            help=help_text(
                "interest.rate",
                fr="Taux annuel convenu au contrat, en pour cent, pour toute la période ; par défaut celui de la loi.",
                en="Yearly rate agreed in the contract, in percent, for the whole period; by default that of the law.",
            ),
            metavar=help_text("interest.percent_value", fr="TAUX", en="PERCENT"),
        ),
    ] = None,
    ecb_rate: Annotated[
        list[str] | None,
        typer.Option(
            "--ecb-rate",
            help=help_text(
                "interest.ecb_rate",
                fr="Taux de la BCE d'un semestre absent du barème, comme 2026-2=2,15 ; répétable.",
                en="ECB rate of a half-year that the table lacks, such as 2026-2=2.15; repeatable.",
            ),
            metavar=help_text("interest.half_value", fr="SEMESTRE=TAUX", en="HALF=PERCENT"),
        ),
    ] = None,
    payment: Annotated[
        list[str] | None,
        typer.Option(
            "--payment",
            help=help_text(
                "interest.payment",
                fr="Paiement partiel, comme 2026-03-31=50000 ; répétable.",
                en="Part payment, such as 2026-03-31=50000; repeatable.",
            ),
            metavar=help_text("interest.payment_value", fr="DATE=CENTIMES", en="DATE=CENTS"),
        ),
    ] = None,
    imputation: Annotated[
        str,
        typer.Option(
            "--imputation",
            help=help_text(
                "interest.imputation",
                fr="Ce qu'un paiement règle d'abord : interest, les pénalités (C. civ. 1343-1), ou principal, si c'est convenu.",
                en="What a payment settles first: interest (French Code civil, 1343-1), or principal if that was agreed.",
            ),
            metavar=help_text("interest.order_value", fr="ORDRE", en="ORDER"),
        ),
    ] = "interest",
    day_count: Annotated[
        str,
        typer.Option(
            "--day-count",
            help=help_text(
                "interest.day_count",
                fr="Jours de l'année : actual/365, ou actual/actual (366 les années bissextiles).",
                en="Days of the year: actual/365, or actual/actual (366 in leap years).",
            ),
            metavar=help_text("interest.basis_value", fr="BASE", en="BASIS"),
        ),
    ] = "actual/365",
    as_json: JsonOption = False,
) -> None:
    """Compute the late-payment interest of a debt and the indemnity of €40, piece by piece."""
    if ctx.invoked_subcommand:
        return
    principal = _principal(principal_cents, as_json=as_json)
    if due is None:
        fail(OPTION_MISSING(name="--due"), as_json=as_json)
    due_date, until = _date("--due", due, as_json=as_json), day(on, as_json=as_json)
    if due_date > until:
        fail(NOT_DUE_YET(due=due_date.isoformat(), on=until.isoformat()), as_json=as_json)
    ecb_rates = dict(_ecb_rate(each, as_json=as_json) for each in ecb_rate or ())
    terms = InterestTerms(
        debtor="public_buyer" if public_buyer else "company",
        agreed_basis_points=_rate("--rate", rate, as_json=as_json) if rate is not None else None,
        day_count=_day_count(day_count, as_json=as_json),
        ecb_rates={**ECB_RATES, **ecb_rates},
    )
    try:
        found = late_interest(
            principal_cents=principal,
            due_date=due_date,
            on=until,
            terms=terms,
            payments=[_payment(each, as_json=as_json) for each in payment or ()],
            imputation=_imputation(imputation, as_json=as_json),
        )
    except UnableToImputePayment as error:
        finish({}, problems=[Problem(error.sentence, field="payment")], as_json=as_json)
    except UnableToComputeInterest as error:
        half = f"{error.half[0]}-{error.half[1]}"
        finish(
            {}, problems=[Problem(NO_RATE(reason=error.sentence, half=half), field="rate")], as_json=as_json
        )
    if not as_json:
        _show(found, until)
    warnings = [
        *(Problem(each, field="rate", severity="warning") for each in agreed_rate_warnings(found=found, terms=terms)),
        *_replaced(ecb_rates),
    ]  # fmt: skip
    finish(_answer(found), problems=warnings, as_json=as_json)


@app.command()
@french("Montrer le barème des taux par semestre, avec ses sources.")
def rates(as_json: JsonOption = False) -> None:
    """Show the table of rates by half-year, with its sources."""
    if not as_json:
        _show_rates()
    sources = {"ecb": ECB().say(language()), "legal": LEGAL().say(language())}
    finish({"rates": [_rate_as_json(row) for row in REFERENCE_RATES], "sources": sources}, as_json=as_json)


def _principal(text: str | None, *, as_json: bool) -> int:
    name = "--principal-cents"
    if text is None:
        fail(OPTION_MISSING(name=name), as_json=as_json)
    if not _WHOLE.fullmatch(text):
        fail(NOT_A_WHOLE_NUMBER(name=name, value=text), as_json=as_json)
    if len(text.lstrip("+-0")) > len(str(MAX_CENTS)) or int(text) > MAX_CENTS:
        fail(TOO_LARGE(name=name, limit=MAX_CENTS), as_json=as_json)
    if int(text) <= 0:
        fail(NOT_POSITIVE(name=name, value=text), as_json=as_json)
    return int(text)


def _date(name: str, text: str, *, as_json: bool) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(BAD_DATE(name=name, value=text), as_json=as_json)


def _rate(name: str, text: str, *, as_json: bool) -> int:
    try:
        basis_points = parse_rate(text)
    except UnableToReadAmount:
        basis_points = MAX_BASIS_POINTS + 1
    if basis_points > MAX_BASIS_POINTS:
        fail(BAD_RATE(name=name, value=text), as_json=as_json)
    return basis_points


def _ecb_rate(text: str, *, as_json: bool) -> tuple[Half, int]:
    half, _, percent = text.partition("=")
    year, _, number = half.strip().partition("-")
    if not (len(year) == 4 and year.isascii() and year.isdigit() and number in ("1", "2") and percent):
        fail(BAD_ECB_RATE(value=text), as_json=as_json)
    return (int(year), int(number)), _rate("--ecb-rate", percent, as_json=as_json)


def _payment(text: str, *, as_json: bool) -> PartPayment:
    on, _, cents = text.partition("=")
    cents = cents.strip()
    if not re.fullmatch(r"[0-9]{1,15}", cents):
        fail(BAD_PAYMENT(value=text), as_json=as_json)
    return PartPayment(_date("--payment", on.strip(), as_json=as_json), int(cents))


def _imputation(text: str, *, as_json: bool) -> Imputation:
    if text not in ("interest", "principal"):
        fail(
            BAD_CHOICE(name="--imputation", value=text, first="interest", second="principal"), as_json=as_json
        )
    return text


def _day_count(text: str, *, as_json: bool) -> DayCount:
    if text not in ("actual/365", "actual/actual"):
        choice = BAD_CHOICE(name="--day-count", value=text, first="actual/365", second="actual/actual")
        fail(choice, as_json=as_json)
    return text


def _replaced(given: Mapping[Half, int]) -> list[Problem]:
    """Rates of the table that the caller's replace."""
    return [
        Problem(
            OTHER_ECB_RATE(half=half_name(half), given=Rate(given[half]), known=Rate(ECB_RATES[half])),
            field="ecb_rate",
            severity="warning",
        )
        for half in sorted(given.keys() & ECB_RATES.keys())
        if given[half] != ECB_RATES[half]
    ]


def _half_code(half: Half) -> str:
    """As `--ecb-rate` takes it."""
    return f"{half[0]}-{half[1]}"


def _percent(basis_points: int) -> float:
    """For JSON, whose numbers are decimal: written out it has the two decimals of the rate, and nothing is computed with it."""
    return basis_points / 100


def _answer(found: LateInterest) -> dict[str, Any]:
    """What the script asked for; with part payments, also the principal of each piece and what they settled."""
    answer: dict[str, Any] = {
        "pieces": [_piece(piece, with_principal=bool(found.payments)) for piece in found.pieces],
        "interest_cents": found.interest_cents,
        "indemnity_cents": found.indemnity_cents,
    }
    if found.payments:
        answer |= {
            "payments": [
                {
                    "date": each.payment.date,
                    "amount_cents": each.payment.cents,
                    "to_interest_cents": each.interest_cents,
                    "to_principal_cents": each.principal_cents,
                }
                for each in found.payments
            ],
            "principal_left_cents": found.principal_left_cents,
            "interest_left_cents": found.interest_left_cents,
        }
    return answer


def _piece(piece: InterestPiece, *, with_principal: bool) -> dict[str, Any]:
    span = piece.span
    return {
        "from": span.from_date,
        "to": span.until_date,
        "days": span.days,
        **({"principal_cents": piece.principal_cents} if with_principal else {}),
        "rate_percent": _percent(span.rate_basis_points),
        "interest_cents": piece.interest_cents,
    }


def _rate_as_json(row: ReferenceRate) -> dict[str, Any]:
    return {
        "half_year": _half_code(row.half),
        "on": first_day_of(row.half),
        "ecb_percent": _percent(row.ecb_basis_points),
        "ecb_since": row.ecb_since,
        "company_percent": _percent(row.ecb_basis_points + MARGIN_BASIS_POINTS),
        "public_buyer_percent": _percent(row.ecb_basis_points + PUBLIC_MARGIN_BASIS_POINTS),
        "legal_percent": _percent(row.legal_basis_points),
        "contract_minimum_percent": _percent(FLOOR_FACTOR * row.legal_basis_points),
    }


def _show(found: LateInterest, on: date) -> None:
    if not found.pieces:
        out.print(NOTHING_LATE(on=on).say(language()))
        return
    table = Table(box=None, header_style="bold")
    for place, title in enumerate(_COLUMNS):
        table.add_column(title().say(language()), justify="left" if place < 2 else "right")
    for piece in found.pieces:
        span = piece.span
        table.add_row(
            format_date(span.from_date, language()),
            format_date(span.until_date, language()),
            str(span.days),
            Money(piece.principal_cents).format(language()),
            Rate(span.rate_basis_points).format(language()),
            Money(piece.interest_cents).format(language()),
        )
    out.print(table)
    for each in found.payments:
        paid = PAID(
            date=each.payment.date,
            amount=Money(each.payment.cents),
            interest=Money(each.interest_cents),
            principal=Money(each.principal_cents),
            principal_left=Money(each.principal_left_cents),
            interest_left=Money(each.interest_left_cents),
        )
        out.print(paid.say(language()))
    out.print(f"[bold]{TOTAL(on=on, amount=Money(found.interest_cents)).say(language())}[/]")
    out.print(INDEMNITY(amount=Money(found.indemnity_cents)).say(language()))
    if found.payments:
        left = LEFT(
            on=on, principal=Money(found.principal_left_cents), interest=Money(found.interest_left_cents)
        )
        out.print(left.say(language()))
    out.print(f"[dim]{_FORMULAS[found.day_count](on=on).say(language())}[/]")


def _show_rates() -> None:
    table = Table(box=None, header_style="bold")
    for place, title in enumerate(_RATE_COLUMNS):
        table.add_column(title().say(language()), justify="left" if place == 0 else "right")
    for row in REFERENCE_RATES:
        table.add_row(
            _half_code(row.half),
            Rate(row.ecb_basis_points).format(language()),
            format_date(row.ecb_since, language()),
            Rate(row.ecb_basis_points + MARGIN_BASIS_POINTS).format(language()),
            Rate(row.ecb_basis_points + PUBLIC_MARGIN_BASIS_POINTS).format(language()),
            Rate(row.legal_basis_points).format(language()),
            Rate(FLOOR_FACTOR * row.legal_basis_points).format(language()),
        )
    out.print(table)
    for source in (ECB, LEGAL):
        out.print(f"[dim]{source().say(language())}[/]")
