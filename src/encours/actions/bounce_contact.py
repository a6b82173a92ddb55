"""Marks an address that a mail server says does not exist: nothing automatic is sent to it until somebody corrects it."""

from datetime import datetime

from encours.actions.journal import record
from encours.core.replies.bounces import Bounce
from encours.core.wording import Wording
from encours.store.models import Contact, Reply

BOUNCED = Wording(
    "reply.address_bounced",
    fr="{address} n'existe pas ou refuse les messages ({status}) : plus rien ne lui est envoyé avant correction.",
    en="{address} does not exist or refuses mail ({status}): nothing more is sent to it until it is corrected.",
)
LATE = Wording(
    "reply.delivery_late",
    fr="Le serveur de {address} tarde ({status}) : le message peut encore arriver.",
    en="The server of {address} is slow ({status}): the message may still arrive.",
)


def bounce_contact(*, reply: Reply, bounce: Bounce, now: datetime, actor: str) -> None:
    """Follows a delivery report about a message of ours, in the caller's transaction.

    Anybody can write such a report: it counts for the address that very message went to, and for no other.
    """
    message = reply.message
    assert message is not None, "a bounce of none of our messages"
    address = message.recipient or bounce.recipient
    said = {"address": address, "status": bounce.status or "?"}
    reply.outcome = [(BOUNCED if bounce.is_final else LATE)(**said).as_json()]
    reply.save(update_fields=["outcome"])
    if not bounce.is_final:
        return
    marked = Contact.objects.filter(
        company=reply.company, pk=message.contact_id, email=message.recipient, bounced_at=None
    ).update(bounced_at=now)
    if marked:
        record(
            company=reply.company,
            actor=actor,
            action="contact.bounced",
            subject_type="contact",
            subject_id=message.contact_id,
            customer_id=message.customer_id,
            data={"email": message.recipient, "status": bounce.status, "reply": reply.pk},
        )
