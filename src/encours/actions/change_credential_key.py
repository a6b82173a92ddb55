"""Seals every stored credential of the installation with a new key."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction

from encours.actions.change_webhook import owner_of as owner_of_webhook
from encours.actions.journal import record
from encours.actions.read_second import seal_reader_again
from encours.actions.seal_mandate import seal_accounts_again
from encours.store.models import Company, WebhookEndpoint
from encours.store.models.connections import connection_models
from encours.store.secrets import add_key, drop_old_keys, is_sealed_with_current_key, seal, unseal
from encours.store.tenancy import company_scope


def change_credential_key(*, companies: Iterable[Company], actor: str) -> int:
    """Seals every stored credential with a new key and forgets the keys before the last one. How many were sealed.

    `companies` are all there are. Interrupted, it may be run again: old keys go only at the end.
    """
    add_key()
    sealed = 0
    for company in companies:
        with company_scope(company.pk), transaction.atomic():
            sealed += _seal_again(company, actor)
    drop_old_keys()
    return sealed


def _seal_again(company: Company, actor: str) -> int:
    changed = sum(
        _seal_rows(model, company, lambda connection: connection.seal_owner) for model in connection_models()
    )
    changed += _seal_rows(WebhookEndpoint, company, owner_of_webhook)
    changed += seal_reader_again(company=company)
    changed += seal_accounts_again(company=company)
    if changed:
        record(
            company=company, actor=actor, action="credentials.sealed_again", subject_type="company",
            subject_id=company.pk, data={"count": changed},
        )  # fmt: skip
    return changed


def _seal_rows(model: Any, company: Company, owner_of_row: Callable[[Any], str]) -> int:
    rows = model.objects.select_for_update(no_key=True).filter(company=company).order_by("pk")
    stale = [row for row in rows if row.sealed and not is_sealed_with_current_key(row.sealed)]
    for row in stale:
        owner = owner_of_row(row)
        row.sealed = seal(unseal(row.sealed, owner=owner), owner=owner)
        row.save(update_fields=["sealed"])
    return len(stale)
