"""Sends a customer the link to its portal by e-mail: invited by the company, or asked for where a link had expired.

The message goes through the outbox like any other; its link is made when it leaves and is nowhere before.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from encours.actions.defer_job import defer
from encours.actions.journal import record
from encours.core.dunning.checking import BY_POLICY
from encours.core.letter_templates.library import INVITATION
from encours.core.portal_tokens import is_digest_of, read_token, token_digest
from encours.core.wording import Sentence, Wording
from encours.queries.portal_settings import portal_settings
from encours.store.models import Company, Contact, Customer, Message, PortalLink

# a link that was good so long ago is in nobody's hands for a good reason
RENEWED_WITHIN = timedelta(days=400)
MAX_A_DAY = 2

INVITED = Wording(
    "invitation.planned",
    fr="Invitation à l’espace client, envoyée à la main",
    en="Invitation to the portal, sent by hand",
)
RENEWED = Wording(
    "invitation.renewed",
    fr="Le client a demandé un nouveau lien : le sien avait expiré",
    en="The customer asked for a new link: its own had expired",
)
NOT_REACHED = Wording(
    "invitation.not_reached",
    fr="Aucune adresse e-mail ne joint ce client : ajoutez un contact.",
    en="No e-mail address reaches this customer: add a contact.",
)
NOWHERE = Wording(
    "invitation.nowhere",
    fr="L’espace client est fermé, ou son adresse publique n’est pas réglée (ENCOURS_URL) : aucun lien ne peut partir.",
    en="The portal is closed, or its public address is not set (ENCOURS_URL): no link can leave.",
)
TEST_MODE = Wording(
    "invitation.test_mode", fr="En mode test, rien ne part.", en="Nothing leaves in test mode."
)
ENOUGH = Wording(
    "invitation.enough",
    fr="Deux liens sont déjà partis aujourd’hui à ce client.",
    en="Two links were sent to this customer today already.",
)


class UnableToInvite(Exception):
    """Nothing will leave; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def send_invitation(
    *, company: Company, customer_id: int, on: date, actor: str, reason: Wording = INVITED
) -> Message:
    """Puts the link of a customer into the outbox; it leaves at once, on any day. Raises `UnableToInvite`, and
    `Customer.DoesNotExist` for another company's."""
    customer = Customer.objects.select_for_update(no_key=True).get(company=company, pk=customer_id)
    if company.is_test_mode:
        raise UnableToInvite(TEST_MODE())
    if not settings.PORTAL_URL or not portal_settings(company=company).is_open:
        raise UnableToInvite(NOWHERE())
    reached = Contact.objects.filter(company=company, customer=customer, bounced_at=None).exclude(email="")
    if not reached.exists():
        raise UnableToInvite(NOT_REACHED())
    today = Message.objects.filter(company=company, customer=customer, template=INVITATION, planned_date=on)
    if today.count() >= MAX_A_DAY:
        raise UnableToInvite(ENOUGH())
    message = Message.objects.create(
        company=company,
        customer=customer,
        channel="email",
        template=INVITATION,
        step_code="",
        currency="EUR",
        amount_cents=0,
        planned_date=on,
        state=Message.State.APPROVED,
        reason=reason().as_json(),
        approval="automatic",
        approved_by=BY_POLICY,
    )
    record(
        company=company, actor=actor, action="portal.invitation_planned", subject_type="message", subject_id=message.pk,
        customer_id=customer.pk, data={"reason": reason().as_json()},
    )  # fmt: skip
    defer("send_messages", company_id=company.pk)
    return message


def renew_portal_link(*, company_id: int, token: str, now: datetime, on: date) -> bool:
    """Whether a new link goes to who had this one, by the addresses the company knows. Only for one that expired lately: not
    for one that was revoked, or that nobody ever had. Call it in the company's scope; the answer is not for the visitor."""
    spelled = read_token(token)
    digest = token_digest(company_id=company_id, token=spelled)
    link = PortalLink.objects.select_related("company").filter(company_id=company_id, digest=digest).first()
    if not spelled or link is None or not is_digest_of(link.digest, company_id=company_id, token=spelled):
        return False
    if link.revoked_at is not None or not now - RENEWED_WITHIN < link.expires_at <= now:
        return False
    try:
        send_invitation(
            company=link.company,
            customer_id=link.customer_id,
            on=on,
            actor=f"portal:{link.pk}",
            reason=RENEWED,
        )
    except UnableToInvite:
        return False
    return True
