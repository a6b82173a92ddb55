"""Says who collects direct debits by file: the creditor's name, identifier and account, as they stand in every file."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from encours.actions.connect_gateway import connect_gateway
from encours.actions.new_connection import UnableToConnect, record_connection
from encours.core.payments.direct_debits import GATEWAY
from encours.ports.connections import UnableToConfigure, configured, settings_of
from encours.ports.registry import gateways
from encours.store.models import Company, GatewayConnection


@transaction.atomic
def change_creditor(*, company: Company, given: Mapping[str, Any], actor: str) -> GatewayConnection:
    """The connection that stands for the company's bank, made or changed; what is not given stays as it is.

    `given` are values of the provider's settings by name. Mandates stay in force: another account of the same creditor
    changes nothing for who is debited. Raises `UnableToConnect`.
    """
    rows = GatewayConnection.objects.select_for_update().filter(company=company, provider=GATEWAY)
    connection = rows.exclude(state=GatewayConnection.State.REVOKED).first()
    made = gateways()[GATEWAY]
    said = {name: value for name, value in given.items() if value not in ("", None)}
    if connection is None:
        title = made.title().say(company.language)
        return connect_gateway(company=company, provider=GATEWAY, name=title, given=said, actor=actor)
    values = {**connection.settings, **said}
    names = {each.name for each in settings_of(made.Config)}
    try:
        configured(made.Config, {name: value for name, value in values.items() if name in names})
    except UnableToConfigure as error:
        raise UnableToConnect(error.sentence) from error
    if values != connection.settings:
        connection.settings = values
        connection.save(update_fields=["settings"])
        record_connection(connection, "changed", actor=actor)
    return connection
