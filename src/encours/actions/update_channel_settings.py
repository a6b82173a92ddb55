"""What channels cost, who gets copies, whether opens are told: settings of the company's sending."""

from collections.abc import Mapping

from django.db import transaction

from encours.actions.journal import record
from encours.core.dunning.policy import CHANNELS
from encours.store.models import Company

COPIES = ("never", "blind", "copy")


@transaction.atomic
def update_channel_settings(
    *,
    company: Company,
    costs: Mapping[str, int],
    account_manager_copy: str,
    tracks_opens: bool,
    actor: str,
) -> None:
    """`costs` are cents a message by channel, of those the company knows; `account_manager_copy` is one of COPIES."""
    assert account_manager_copy in COPIES
    assert all(channel in CHANNELS and cents >= 0 for channel, cents in costs.items())
    locked = Company.objects.select_for_update().get(pk=company.pk)
    locked.channel_costs = dict(costs)
    locked.account_manager_copy, locked.tracks_opens = account_manager_copy, tracks_opens
    fields = ["channel_costs", "account_manager_copy", "tracks_opens"]
    locked.save(update_fields=fields)
    for field in fields:
        setattr(company, field, getattr(locked, field))
    record(
        company=company,
        actor=actor,
        action="channels.settings_changed",
        subject_type="company",
        subject_id=company.pk,
        data={"costs": locked.channel_costs, "copies": account_manager_copy, "opens": tracks_opens},
    )
