"""What of an order somebody should look at: an invoice nobody made, a deposit asked twice, kept or never paid."""

import polars as pl

from encours.core.money import Money
from encours.core.orders.chains import TOLERANCE_CENTS
from encours.core.wording import Sentence, Wording

FORGOTTEN = Wording(
    "order.forgotten_invoice",
    fr="Facture oubliée : {amount} livrés et non facturés, depuis {days} jours.",
    en="Forgotten invoice: {amount} delivered and not invoiced for {days} days.",
)
NOT_DEDUCTED = Wording(
    "order.deposit_not_deducted",
    fr="La facture finale ne déduit pas l’acompte : {amount} demandés deux fois. Émettez un avoir ; d’ici là, ce montant n’est pas relancé.",
    en="The final invoice does not take the deposit off: {amount} is asked twice. Issue a credit note; until then no reminder asks for it.",
)
NEVER_DEDUCTED = Wording(
    "order.deposit_never_deducted",
    fr="Acompte de {amount} payé et jamais déduit : la commande est livrée, soldée ou annulée et aucune facture ne le reprend.",
    en="Deposit of {amount} paid and never taken off: the order is delivered, closed or cancelled and no invoice takes it up.",
)
UNPAID = Wording(
    "order.deposit_unpaid",
    fr="Acompte impayé : {amount} demandés et non payés, alors que la livraison a commencé.",
    en="Deposit unpaid: {amount} asked and not paid, though delivery began.",
)
NOT_ASKED = Wording(
    "order.deposit_not_asked",
    fr="Acompte jamais demandé : {amount} étaient prévus et la livraison a commencé.",
    en="Deposit never asked: {amount} was agreed on and delivery began.",
)
BEYOND = Wording(
    "order.beyond",
    fr="Facturé {amount} au-delà de la commande.",
    en="Invoiced {amount} beyond the order.",
)
# the gravest first
FLAGS = {
    "deposit_not_deducted": NOT_DEDUCTED,
    "forgotten_invoice": FORGOTTEN,
    "deposit_never_deducted": NEVER_DEDUCTED,
    "deposit_unpaid": UNPAID,
    "deposit_not_asked": NOT_ASKED,
    "beyond_order": BEYOND,
}
FLAG_NAMES = {
    code: Wording(f"order.flag.{code}", fr=fr, en=en)
    for code, fr, en in (
        ("deposit_not_deducted", "Acompte demandé deux fois", "Deposit asked twice"),
        ("forgotten_invoice", "Facture oubliée", "Forgotten invoice"),
        ("deposit_never_deducted", "Acompte jamais déduit", "Deposit never deducted"),
        ("deposit_unpaid", "Acompte impayé", "Deposit unpaid"),
        ("deposit_not_asked", "Acompte jamais demandé", "Deposit never asked"),
        ("beyond_order", "Au-delà de la commande", "Beyond the order"),
    )
}
# what a person gets a task for; the others are only told
WITH_TASK = ("deposit_not_deducted", "forgotten_invoice", "deposit_never_deducted")


def with_flags(*, chains: pl.DataFrame, forgotten_after_days: int) -> pl.DataFrame:
    """The chains with one column a flag: `flag_<code>` is the amount it is about, null where there is nothing to say."""
    col = pl.col
    began = col("delivered_cents") > 0
    is_delivered = col("delivered_cents") >= col("payable_cents") - TOLERANCE_CENTS
    beyond = col("invoiced_cents") - col("payable_cents") - col("not_deducted_cents")
    amounts = {
        "deposit_not_deducted": (col("not_deducted_cents"), col("not_deducted_cents") > 0),
        "forgotten_invoice": (col("unbilled_cents"), _is_forgotten(forgotten_after_days)),
        "deposit_never_deducted": (
            col("deposit_paid_cents") - col("deducted_cents"),
            ~col("is_final")
            & (col("deposit_paid_cents") > col("deducted_cents"))
            & (
                (col("state") != "open")
                | (is_delivered & (_is_forgotten(forgotten_after_days) | (col("unbilled_cents") == 0)))
            ),
        ),
        "deposit_unpaid": (col("deposit_open_cents"), began & (col("deposit_open_cents") > 0)),
        "deposit_not_asked": (
            col("expected_deposit_cents"),
            began
            & (col("state") == "open")
            & (col("expected_deposit_cents") > 0)
            & (col("deposit_asked_cents") <= 0)
            & (col("proposed_count") == 0)
            & (col("invoice_count") == 0),
        ),
        "beyond_order": (beyond, (col("invoice_count") > 0) & (beyond > TOLERANCE_CENTS)),
    }
    return chains.with_columns(
        pl.when(holds.fill_null(False)).then(amount).alias(f"flag_{code}")
        for code, (amount, holds) in amounts.items()
    ).with_columns(forgotten=_is_forgotten(forgotten_after_days).fill_null(False))


def _is_forgotten(after_days: int) -> pl.Expr:
    return (pl.col("unbilled_cents") > 0) & (pl.col("unbilled_days") > after_days)


def sentence_of(*, code: str, amount_cents: int, currency: str, days: int | None) -> Sentence:
    """What a flag says of one order."""
    amount = Money(amount_cents, currency)
    return (
        FLAGS[code](amount=amount, days=days or 0)
        if code == "forgotten_invoice"
        else FLAGS[code](amount=amount)
    )
