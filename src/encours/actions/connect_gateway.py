"""Connects a payment service, and asks it whose account the credentials open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from encours.actions.new_connection import UnableToConnect, new_connection, record_connection
from encours.actions.note_asking import note
from encours.actions.open_connection import open_connection
from encours.core.payments.methods import METHODS, TRANSFER
from encours.core.wording import Sentence, Wording
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.ports.gateways import ToldMerchant
from encours.ports.registry import gateways
from encours.store.models import Company, GatewayConnection, PaymentOption

# a setting that is ours and not a provider's: whose account it is, as the service said
MERCHANT = "merchant"

CONNECTED_ALREADY = Wording(
    "connect_gateway.connected_already",
    fr="Ce service est déjà connecté. Pour en changer les clés, remplacez ses identifiants ; pour changer de compte,"
    " révoquez d'abord la connexion.",
    en="This service is connected already. To change its keys, replace its credentials; to change the account, revoke the"
    " connection first.",
)
OTHER_ACCOUNT = Wording(
    "connect_gateway.other_account",
    fr="Ces clés ouvrent un autre compte ({name}). Remettez celles du compte connecté, ou révoquez la connexion et"
    " ajoutez-en une nouvelle.",
    en="These keys open another account ({name}). Give those of the connected account again, or revoke the connection and"
    " add a new one.",
)


@transaction.atomic
def connect_gateway(
    *,
    company: Company,
    provider: str,
    name: str,
    given: Mapping[str, Any],
    actor: str,
    may_set_hidden: bool = False,
) -> GatewayConnection:
    """The connection. What it can take is not offered to customers before somebody says so (`update_payment_options`).

    `given` holds settings and secrets by name. Nothing is asked of the service (`check_gateway`). Raises `UnableToConnect`.
    """
    connection: GatewayConnection = new_connection(
        kind=ConnectionKind.GATEWAY,
        company=company,
        provider=provider,
        name=name,
        given=given,
        may_set_hidden=may_set_hidden,
    )
    kept = GatewayConnection.objects.filter(company=company, provider=provider)
    if kept.exclude(state=GatewayConnection.State.REVOKED).exists():
        raise UnableToConnect(CONNECTED_ALREADY())
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as error:  # somebody else was faster
        raise UnableToConnect(CONNECTED_ALREADY()) from error
    _make_options(connection)
    record_connection(connection, "added", actor=actor)
    return connection


def check_gateway(*, company: Company, connection_id: int, now: datetime) -> Sentence | None:
    """Why the service cannot be used, None when it answers for the same account as before. Nothing is paid.

    Whose account it is and what it lacks is kept for the page. An account in live mode is another than in test mode.
    """
    connection = GatewayConnection.objects.get(company=company, pk=connection_id)
    try:
        gateway = open_connection(connection)
        try:
            told: ToldMerchant = gateway.merchant_told()
        finally:
            gateway.close()
    except UnableToAsk as error:
        note(connection, checked_at=now, problem=error.sentence.as_json())
        return error.sentence
    before = connection.settings.get(MERCHANT) or {}
    problem = None
    if before and (before["name"], before["is_test"]) != (told.name, told.is_test):
        problem = OTHER_ACCOUNT(name=told.name)
        note(connection, checked_at=now, problem=problem.as_json())
        return problem
    merchant = {
        "name": told.name,
        "is_test": told.is_test,
        "methods": sorted(told.methods),
        "lacking": [each.as_json() for each in told.lacking],
    }
    settings = {**connection.settings, MERCHANT: merchant}
    note(connection, checked_at=now, problem=None, failure_count=0, next_check_at=None, settings=settings)
    return None


def _make_options(connection: GatewayConnection) -> None:
    """A way of paying that only this service can take now goes through it; new ones wait to be offered."""
    able = gateways()[connection.provider].methods
    for method in METHODS:
        if method not in able or method == TRANSFER:
            continue
        option, is_new = PaymentOption.objects.get_or_create(
            company=connection.company,
            method=method,
            defaults={"connection": connection, "is_offered": False},
        )
        if not is_new and (
            option.connection is None or option.connection.state == GatewayConnection.State.REVOKED
        ):
            option.connection, option.is_offered = connection, False
            option.save(update_fields=["connection", "is_offered"])
