"""What disputes, promises and plans keep from being reminded: of each document, how much and until when."""

from datetime import date

import polars as pl

from encours.core.wording import Wording

CASES = pl.Schema(
    {
        "document_id": pl.Int64,
        "case_kind": pl.String,  # dispute, promise, plan or deposit
        "case_cents": pl.Int64,  # how much of it is held, null for all that is open
        # last day held once the bank is known that far; null until somebody or the money ends it
        "case_until_date": pl.Date,
        "case_words": pl.String,  # Sentence.as_json()
    }
)

DISPUTED = Wording(
    "dunning.disputed", fr="En litige depuis le {since} : {reason}", en="In dispute since {since}: {reason}"
)
PROMISED = Wording(
    "dunning.promised",
    fr="Paiement promis pour le {promised}, attendu jusqu’au {until}",
    en="Payment promised for {promised}, awaited until {until}",
)
PROMISE_AWAITS_BANK = Wording(
    "dunning.promise_awaits_bank",
    fr="Paiement promis pour le {promised} : la banque n’est pas encore connue jusqu’au {until}",
    en="Payment promised for {promised}: the bank is not known up to {until} yet",
)
PLANNED = Wording(
    "dunning.planned_instalments",
    fr="Échéancier convenu le {agreed} : prochaine échéance le {due}",
    en="Payment plan agreed on {agreed}: next instalment on {due}",
)
INSTALMENT_AWAITED = Wording(
    "dunning.instalment_awaited",
    fr="Échéancier convenu le {agreed} : l’échéance du {due} n’est pas encore arrivée, attendue jusqu’au {until}",
    en="Payment plan agreed on {agreed}: the instalment of {due} has not come yet, awaited until {until}",
)
DEPOSIT_ASKED_TWICE = Wording(
    "dunning.deposit_asked_twice",
    fr="La facture finale de la commande {order} ne déduit pas l’acompte de {amount}, qui ne se demande pas deux fois",
    en="The final invoice of order {order} does not take off the deposit of {amount}, which is not asked for twice",
)
CODES = frozenset(
    wording.code
    for wording in (DISPUTED, PROMISED, PROMISE_AWAITS_BANK, PLANNED, INSTALMENT_AWAITED, DEPOSIT_ASKED_TWICE)
)


def held_by_cases(
    *, rows: pl.DataFrame, cases: pl.DataFrame, on: date, bank_known_until: date | None
) -> pl.DataFrame:
    """RECEIVABLES with `case_cents` (what of each nobody may ask for on this day, never more than is open) and
    `case_code`, `case_words`, `case_until_date` of the case that holds it longest, null where none does.

    What is held of a document in instalments is held of the earliest first: those are the ones that would be reminded.
    """
    active = cases.filter(
        pl.col("case_until_date").is_null()
        | (pl.col("case_until_date") >= on)
        | (pl.lit(bank_known_until, pl.Date) < pl.col("case_until_date")).fill_null(False)
    )
    if active.is_empty():
        return rows.with_columns(
            case_cents=pl.lit(0, pl.Int64),
            case_code=pl.lit(None, pl.String),
            case_words=pl.lit(None, pl.String),
            case_until_date=pl.lit(None, pl.Date),
        )
    # told is one that holds all of it, of these the one that lasts longest
    told = active.sort(
        pl.col("case_cents").is_not_null(),
        pl.col("case_until_date").fill_null(date.max),
        "case_kind",
        descending=[False, True, False],
        maintain_order=True,
    )
    held = told.group_by("document_id").agg(
        held_cents=pl.col("case_cents").sum(),
        is_whole=pl.col("case_cents").is_null().any(),
        case_words=pl.col("case_words").first(),
        case_until_date=pl.col("case_until_date").first(),
    )
    before = (pl.col("open_cents").cum_sum() - pl.col("open_cents")).over(
        "document_id", order_by=["due_date", "position"]
    )
    part = (pl.col("held_cents") - before).clip(0).clip(upper_bound=pl.col("open_cents"))
    touched = (
        rows.with_row_index("_row")
        .join(held, on="document_id", how="inner")
        .with_columns(case_cents=pl.when("is_whole").then("open_cents").otherwise(part))
        .with_columns(
            case_code=pl.when(pl.col("case_cents") > 0).then(
                pl.col("case_words").str.json_path_match("$.code")
            )
        )
        .select("_row", "case_cents", "case_code", "case_words", "case_until_date")
    )
    return (
        rows.with_row_index("_row")
        .join(touched, on="_row", how="left", maintain_order="left")
        .drop("_row")
        .with_columns(pl.col("case_cents").fill_null(0))
    )
