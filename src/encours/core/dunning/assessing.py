"""What each receivable still asks for, and what stands in the way. Shared by the plan and the last check."""

from collections.abc import Set
from datetime import date

import polars as pl

from encours.core.cases.holding import held_by_cases
from encours.core.dunning import reasons
from encours.core.dunning.situation import Situation

# What a mailbox looks like; whether it exists only its server can say.
ADDRESS = r"^[^@\s<>\"(),;:]+@[^@\s<>\"(),;:]+\.[^@\s<>\"(),;:.]{2,}$"

# A French mobile number, overseas included, or any number of another country: what it truly is, its service knows.
MOBILE = r"^(?:(?:(?:\+|00)33)?0?[67][0-9]{8}|(?:\+|00)(?:[124-9]|3[0-24-9])[0-9]{6,13})$"


def assess(*, situation: Situation, on: date, is_for_charge: bool = False) -> pl.DataFrame:
    """RECEIVABLES with `remaining_cents`, and `reason`, `until_date`, `detail` where something blocks.

    Credit notes and unallocated receipts cover the customer's documents from the oldest on (Code civil, art.
    1342-10), those on hold last: a document that waits for a dispute must not hide that another one is paid. What is
    contested of a document in part is not left to pay, the rest of it is. What the customer was told is charged on a day is
    not asked for in another way until then; `is_for_charge` leaves that out: a charge is not blocked by its own notice.
    """
    rows = _by_cases(_held(situation, on), situation, on)
    if situation.pending.is_empty():
        rows = rows.with_columns(pending_cents=pl.lit(0, pl.Int64), is_on_its_way=pl.lit(value=False))
    else:
        # a receipt proposed for a document with instalments covers the earliest first
        before = (pl.col("open_cents").cum_sum() - pl.col("open_cents")).over(
            "document_id", order_by=["due_date", "position"]
        )
        rows = (
            rows.join(situation.pending, on="document_id", how="left", maintain_order="left")
            .with_columns(
                pl.col("pending_cents").fill_null(0), pl.col("is_on_its_way").fill_null(value=False)
            )
            .with_columns(
                pending_cents=(pl.col("pending_cents") - before)
                .clip(0)
                .clip(upper_bound=pl.col("open_cents"))
            )
        )
    # what is held whole keeps its amount, to be told with the reason
    held_cents = pl.when(pl.col("case_cents") < pl.col("open_cents")).then("case_cents").otherwise(0)
    remaining = (pl.col("open_cents") - pl.col("pending_cents") - held_cents).clip(0)
    rows = _covered(rows.with_columns(remaining_cents=remaining), situation).drop("case_cents")
    paid = pl.col("remaining_cents") <= 0
    waits = pl.col("pending_cents") > 0
    rows = rows.with_columns(
        reason=pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(paid & waits & pl.col("is_on_its_way"))
        .then(pl.lit(reasons.PAYMENT_ON_ITS_WAY.code))
        .when(paid & waits)
        .then(pl.lit(reasons.PENDING_RECEIPT.code))
        .when(paid)
        .then(pl.lit(reasons.COVERED.code))
    ).drop("is_on_its_way")
    return rows if is_for_charge else _announced(rows, situation, on)


def _announced(rows: pl.DataFrame, situation: Situation, on: date) -> pl.DataFrame:
    """Documents whose charge is announced wait until its day is over."""
    waiting = situation.announced.filter(pl.col("charge_date") >= on)
    if waiting.is_empty():
        return rows
    told = pl.col("reason").is_null() & pl.col("charge_date").is_not_null()
    return (
        rows.join(waiting, on="document_id", how="left", maintain_order="left")
        .with_columns(
            until_date=pl.when(told).then("charge_date").otherwise("until_date"),
            reason=pl.when(told).then(pl.lit(reasons.CHARGE_ANNOUNCED.code)).otherwise("reason"),
        )
        .drop("charge_date")
    )


def _held(situation: Situation, on: date) -> pl.DataFrame:
    active = situation.holds.filter(
        (pl.col("from_date") <= on) & (pl.col("until_date").is_null() | (pl.col("until_date") >= on))
    )
    nothing = {
        "reason": pl.lit(None, pl.String),
        "until_date": pl.lit(None, pl.Date),
        "detail": pl.lit(None, pl.String),
    }
    rows = situation.receivables
    if active.is_empty():
        return rows.with_columns(**nothing)
    # of several holds the one that lasts longest is told
    longest = active.sort(pl.col("until_date").fill_null(date.max), descending=True)
    on_document = (
        longest.filter(pl.col("document_id").is_not_null())
        .unique("document_id", keep="first", maintain_order=True)
        .select(
            "document_id",
            d_reason=pl.lit(reasons.DOCUMENT_HELD.code),
            d_until="until_date",
            d_detail="hold_reason",
        )
    )
    on_customer = (
        longest.filter(pl.col("document_id").is_null())
        .unique("customer_id", keep="first", maintain_order=True)
        .select(
            "customer_id",
            c_reason=pl.lit(reasons.CUSTOMER_HELD.code),
            c_until="until_date",
            c_detail="hold_reason",
        )
    )
    by_document = pl.col("d_reason").is_not_null()
    return (
        rows.join(on_document, on="document_id", how="left", maintain_order="left")
        .join(on_customer, on="customer_id", how="left", maintain_order="left")
        .with_columns(
            reason=pl.coalesce("d_reason", "c_reason"),
            until_date=pl.when(by_document).then("d_until").otherwise("c_until"),
            detail=pl.coalesce("d_detail", "c_detail"),
        )
        .drop("d_reason", "d_until", "d_detail", "c_reason", "c_until", "c_detail")
    )


def _by_cases(rows: pl.DataFrame, situation: Situation, on: date) -> pl.DataFrame:
    """`reason`, `until_date` and `detail` of what a dispute, a promise or a plan holds whole, before any other hold;
    `case_cents` of each receivable that they hold."""
    rows = held_by_cases(rows=rows, cases=situation.cases, on=on, bank_known_until=situation.bank_known_until)
    whole = pl.col("case_cents") >= pl.col("open_cents")
    return rows.with_columns(
        reason=pl.when(whole).then("case_code").otherwise("reason"),
        until_date=pl.when(whole).then("case_until_date").otherwise("until_date"),
        detail=pl.when(whole).then("case_words").otherwise("detail"),
    ).drop("case_code", "case_words", "case_until_date")


def _covered(rows: pl.DataFrame, situation: Situation) -> pl.DataFrame:
    """`remaining_cents` less what the customer's credits cover."""
    credits = situation.credits.filter(pl.col("credit_cents") > 0)
    if credits.is_empty():
        return rows
    order = [pl.col("reason").is_not_null(), pl.col("due_date"), pl.col("document_id"), pl.col("position")]
    owner = ["customer_id", "currency"]
    touched = rows.join(credits, on=owner, how="inner").sort(*owner, *order)
    before = (pl.col("remaining_cents").cum_sum() - pl.col("remaining_cents")).over(owner)
    used = (pl.col("credit_cents") - before).clip(0).clip(upper_bound=pl.col("remaining_cents"))
    return pl.concat(
        [
            rows.join(credits, on=owner, how="anti"),
            touched.with_columns(remaining_cents=pl.col("remaining_cents") - used).select(rows.columns),
        ]
    )


def unreachable(channel: str, *, channels: Set[str]) -> pl.Expr:
    """Reason code where a channel does not reach a customer (a row of CUSTOMERS), else null. Only by `channels` anything
    here can send at all."""
    if channel not in channels:
        return pl.lit(reasons.NO_SERVICE.code)
    match channel:
        case "email":
            return _no_mailbox()
        case "registered":
            return pl.coalesce(_no_mailbox(), pl.when("lacks_consent").then(pl.lit(reasons.NO_CONSENT.code)))
        case "letter":
            return (
                pl.when(~pl.col("has_address"))
                .then(pl.lit(reasons.NO_POSTAL_ADDRESS.code))
                .when("letters_return")
                .then(pl.lit(reasons.LETTERS_RETURN.code))
            )
        case "sms":
            phone = pl.col("phone").fill_null("")
            return (
                pl.when(phone == "")
                .then(pl.lit(reasons.NO_PHONE.code))
                .when("texts_stopped")
                .then(pl.lit(reasons.TEXTS_STOPPED.code))
                .when("number_failed")
                .then(pl.lit(reasons.NUMBER_FAILED.code))
                .when(~phone.str.replace_all(r"[^0-9+]", "").str.contains(MOBILE))
                .then(pl.lit(reasons.NOT_A_MOBILE.code))
            )
        case _:
            # a person or a program of the company finds its own way to the customer
            return pl.lit(None, pl.String)


def _no_mailbox() -> pl.Expr:
    email = pl.col("email")
    return (
        pl.when(email.is_null() | (email == ""))
        .then(pl.lit(reasons.NO_ADDRESS.code))
        .when(~email.str.contains(ADDRESS))
        .then(pl.lit(reasons.BAD_ADDRESS.code))
        .when("bounced")
        .then(pl.lit(reasons.BOUNCED.code))
    )
