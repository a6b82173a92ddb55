"""Changes what a company lets replies do without a person."""

from collections.abc import Mapping

from django.db import transaction

from encours.actions.journal import record
from encours.core.replies.acting import FOLLOWED, LOWEST_PERCENT
from encours.core.wording import Sentence, Wording
from encours.queries.reply_settings import reply_settings
from encours.store.models import Company, ReplySettings

BAD_THRESHOLD = Wording(
    "reply_settings.bad_threshold",
    fr="Un seuil est un pourcentage de {lowest} à 100 ; vide, une personne décide.",
    en="A threshold is a percentage from {lowest} to 100; empty, a person decides.",
)
LONGEST_WAIT = 30
BAD_WAIT = Wording(
    "reply_settings.bad_wait",
    fr="L'attente est de 1 à {longest} jours.",
    en="The wait is from 1 to {longest} days.",
)


class UnableToUpdateReplySettings(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def update_reply_settings(
    *,
    company: Company,
    thresholds: Mapping[str, int],
    holds_while_waiting: bool,
    payment_wait_days: int,
    actor: str,
) -> bool:
    """Whether anything changed. `thresholds` are whole percents by intent (`core.replies.acting.FOLLOWED`), what is not in it waits
    for a person. Holds for replies that came before; acts only for those that come in from now on.
    Raises `UnableToUpdateReplySettings`.
    """
    if any(
        name not in FOLLOWED or not LOWEST_PERCENT <= percent <= 100 for name, percent in thresholds.items()
    ):
        raise UnableToUpdateReplySettings(BAD_THRESHOLD(lowest=LOWEST_PERCENT))
    if not 1 <= payment_wait_days <= LONGEST_WAIT:
        raise UnableToUpdateReplySettings(BAD_WAIT(longest=LONGEST_WAIT))
    before = reply_settings(company=company)
    new = {
        "thresholds": dict(sorted(thresholds.items())),
        "holds_while_waiting": holds_while_waiting,
        "payment_wait_days": payment_wait_days,
    }
    old = {name: getattr(before, name) for name in new}
    if old == new:
        return False
    ReplySettings.objects.update_or_create(company=company, defaults=new)
    record(
        company=company, actor=actor, action="reply_settings.changed", subject_type="company",
        subject_id=company.pk, data={"before": old, "after": new},
    )  # fmt: skip
    return True
