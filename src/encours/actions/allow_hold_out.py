"""Lets a share of reminders be held back at random, or lets none be held back any more."""

from secrets import randbits

from django.db import transaction

from encours.actions.journal import record
from encours.core.dunning.hold_out import MAX_PERCENT
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, HoldOut

OUT_OF_RANGE = Wording(
    "hold_out.out_of_range",
    fr="La part retenue va de 0 à {most} %, le montant ne peut pas être négatif",
    en="The share held back goes from 0 to {most} %, the amount cannot be negative",
)


class UnableToAllowHoldOut(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def allow_hold_out(
    *, company: Company, percent: int, max_amount_cents: int, seed: int | None = None, actor: str
) -> HoldOut:
    """From the next plan on. 0 ends it; what was held back stays known. The seed is drawn once and kept, so that planning
    again draws the same. Raises `UnableToAllowHoldOut`."""
    if not 0 <= percent <= MAX_PERCENT or max_amount_cents < 0:
        raise UnableToAllowHoldOut(OUT_OF_RANGE(most=MAX_PERCENT))
    values = {"percent": percent, "max_amount_cents": max_amount_cents}
    rule, is_new = HoldOut.objects.select_for_update().get_or_create(
        company=company, defaults=values | {"seed": randbits(62) if seed is None else seed}
    )
    before = {"percent": 0 if is_new else rule.percent, "max_amount_cents": rule.max_amount_cents}
    if not is_new:
        rule.percent, rule.max_amount_cents = percent, max_amount_cents
        rule.save(update_fields=["percent", "max_amount_cents"])
    if before != values:
        record(
            company=company,
            actor=actor,
            action="hold_out.changed",
            subject_type="company",
            subject_id=company.pk,
            data={**values, "percent_before": before["percent"]},
        )
    return rule
