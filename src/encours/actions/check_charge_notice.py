"""The last look at a notice of automatic charges before it leaves: it tells what will be charged as of now, or stays here."""

from datetime import date

import polars as pl

from encours.core.dunning import Checked, Situation
from encours.core.dunning.assessing import assess
from encours.core.payments.automatic import still_owed
from encours.core.payments.mandates import ACTIVE
from encours.core.wording import Sentence, Wording
from encours.queries.charge_plan import announced_frame, charge_rules
from encours.store.models import ChargeNotice, Company, Message

NOTHING_LEFT = Wording(
    "charge_notice.nothing_left",
    fr="Plus rien à prélever : réglé, contesté, promis ou changé entre-temps",
    en="Nothing left to charge: paid, disputed, promised or changed meanwhile",
)
MANDATE_ENDED = Wording(
    "charge_notice.mandate_ended",
    fr="Le mandat n’est plus en vigueur",
    en="The mandate is no longer in force",
)
NO_ADDRESS = Wording(
    "charge_notice.no_address",
    fr="Aucune adresse e-mail ne joint ce client",
    en="No e-mail address reaches this customer",
)


def check_charge_notice(*, company: Company, message: Message, situation: Situation, on: date) -> Checked:
    """What may still be announced. A document of which more is left than was planned drops out: it is announced anew."""
    notices = ChargeNotice.objects.filter(
        company=company, message=message, state=ChargeNotice.State.ANNOUNCED, mandate__state=ACTIVE
    )
    announced = announced_frame(notices)
    rows = still_owed(
        assessed=assess(situation=situation, on=on, is_for_charge=True),
        announced=announced,
        rules=charge_rules(company=company),
    )
    grown = (
        rows.group_by("document_id")
        .agg(pl.col("remaining_cents").sum(), pl.col("announced_cents").first())
        .filter(pl.col("remaining_cents") > pl.col("announced_cents"))["document_id"]
    )
    stays = ~rows["document_id"].is_in(grown.implode())
    lines = rows.filter(stays).with_columns(step_code=pl.lit(message.step_code))
    reason = _why_not(situation, has_mandate=not announced.is_empty(), has_lines=not lines.is_empty())
    return Checked(lines=lines, dropped=rows.filter(~stays), cancelled=reason)


def keep_charge_notice(*, company: Company, message: Message, checked: Checked, charge_date: date) -> None:
    """Notes what the message tells: those and no others are charged, on that day, none for more. In its transaction."""
    told: dict[int, int] = {}
    for document_id, cents in checked.lines.select("document_id", "remaining_cents").iter_rows():
        told[document_id] = told.get(document_id, 0) + cents
    notices = list(
        ChargeNotice.objects.select_for_update().filter(
            company=company, message=message, state=ChargeNotice.State.ANNOUNCED
        )
    )
    for each in notices:
        each.charge_date = charge_date
        each.amount_cents = told.get(each.document_id, each.amount_cents)
        if each.document_id not in told:
            each.state, each.reason = ChargeNotice.State.CANCELED, NOTHING_LEFT().as_json()
    ChargeNotice.objects.bulk_update(notices, ["charge_date", "amount_cents", "state", "reason"])


def _why_not(situation: Situation, *, has_mandate: bool, has_lines: bool) -> Sentence | None:
    if not has_mandate:
        return MANDATE_ENDED()
    if not has_lines:
        return NOTHING_LEFT()
    reached = situation.customers.row(0, named=True)
    return None if reached["email"] and not reached["bounced"] else NO_ADDRESS()
