"""Switches a dunning policy off: it applies to nobody any more, those who have it fall back to the next in line."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.wording import Sentence, Wording
from encours.store.models import Company, Policy

NOT_THERE = Wording(
    "policy.not_there", fr="Il n’y a pas de scénario « {slug} »", en='There is no policy "{slug}"'
)
IS_DEFAULT = Wording(
    "policy.is_default",
    fr="« {slug} » est le scénario de la société : choisissez-en d’abord un autre pour elle",
    en='"{slug}" is the company\'s policy: choose another one for it first',
)


class UnableToSwitchOffPolicy(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def switch_off_policy(*, company: Company, slug: str, actor: str) -> Policy:
    """The last version. Customers, segments and documents keep it: any version that is made current again applies to them.

    Reminders planned under it stay. Raises `UnableToSwitchOffPolicy`.
    """
    Company.objects.select_for_update().get(pk=company.pk)  # as save_policy: one writer at a time
    last = Policy.objects.filter(company=company, slug=slug).order_by("-version").first()
    if last is None:
        raise UnableToSwitchOffPolicy(NOT_THERE(slug=slug))
    if last.is_default:
        raise UnableToSwitchOffPolicy(IS_DEFAULT(slug=slug))
    if not last.is_active:
        return last
    last.is_active = False
    last.save(update_fields=["is_active"])
    record(
        company=company,
        actor=actor,
        action="policy.switched_off",
        subject_type="policy",
        subject_id=last.pk,
        data={"slug": last.slug, "version": last.version},
    )
    return last
