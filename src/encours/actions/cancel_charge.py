"""Makes sure that nothing more is taken for a charge: at the service first, then here."""

from datetime import datetime

from encours.actions.apply_told_charge import apply_told_charge
from encours.actions.follow_charge import follow_charge
from encours.actions.open_connection import open_connection
from encours.core.payments.charges import OPEN, PENDING
from encours.core.wording import Sentence, Wording
from encours.ports.gateways import PaymentGateway, UnableToCharge
from encours.store.models import Charge, Company

ON_ITS_WAY = Wording(
    "charge.on_its_way",
    fr="Ce paiement est déjà en cours : il ne peut plus être annulé.",
    en="This payment is on its way already: it can no longer be canceled.",
)


class UnableToCancel(Exception):
    """The charge may still be paid; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


def cancel_charge(
    *, company: Company, charge_id: int, now: datetime, actor: str, gateway: PaymentGateway | None = None
) -> str:
    """The charge's state afterwards: paid at the last moment it is `succeeded`. Canceled already, nothing more happens.

    Raises `UnableToCancel`, or `UnableToAsk` when the service cannot be asked. Not in a transaction.
    """
    charge = Charge.objects.select_related("connection").get(company=company, pk=charge_id)
    opened = gateway or open_connection(charge.connection)
    try:
        state = charge.state
        if not charge.external_id:
            state = follow_charge(company=company, charge_id=charge_id, now=now, actor=actor, gateway=opened)
            charge.refresh_from_db(fields=["external_id"])
        if state == PENDING:
            raise UnableToCancel(ON_ITS_WAY())
        if state != OPEN:
            return state
        told = opened.cancel(charge.external_id, key=f"cancel:{charge.reference}")
        return apply_told_charge(company=company, charge_id=charge_id, told=told, now=now, actor=actor)
    except UnableToCharge as error:
        raise UnableToCancel(error.sentence) from error
    finally:
        if gateway is None:
            opened.close()
