"""What the company knows of whoever wrote a mail and of what the mail names."""

from collections.abc import Iterable, Mapping

from django.db.models import Q

from encours.core.references import normalised_number
from encours.core.replies.free_mail import company_domain
from encours.core.replies.matching import Known, KnownContact, OurMessage, keys_in
from encours.store.models import Attempt, Company, Contact, Document

# a customer with more open documents is asked which one by a person
_NUMBERS_READ = 5_000
_MOST = 20


def known_of_sender(
    *,
    company: Company,
    answers: Iterable[str],
    recipients: Iterable[str],
    sender_address: str,
    numbers: Iterable[str],
) -> Known:
    """The facts `core.replies.matching.whose` decides by. `numbers` are documents the mail cites, as it writes them. A few queries, each
    by an index.
    """
    by_mail_id = _messages_by_mail_id(company, list(answers))
    by_key = _messages_by_key(company, keys_in(list(recipients)))
    contacts = Contact.objects.filter(company=company, email__iexact=sender_address).order_by(
        "-is_primary", "pk"
    )
    domain = company_domain(sender_address)
    own = company_domain(company.email)
    same_domain = (
        Contact.objects.filter(company=company, email__iendswith=f"@{domain}")
        if domain and domain != own
        else Contact.objects.none()
    )
    searched = {normalised_number(number) for number in numbers}
    cited = Document.objects.filter(company=company, search_number__in=searched - {"", "0"})
    return Known(
        by_mail_id=by_mail_id,
        by_key=by_key,
        contacts=[
            KnownContact(contact_id, customer_id)
            for contact_id, customer_id in contacts.values_list("pk", "customer_id")[:_MOST]
        ]
        if sender_address
        else [],
        domain_customer_ids=list(same_domain.values_list("customer_id", flat=True).distinct()[:2]),
        cited_customer_ids=list(cited.values_list("customer_id", flat=True).distinct()[:_MOST]),
    )


def message_of_mail_id(*, company: Company, mail_id: str) -> OurMessage | None:
    """The message of ours that left under this Message-ID (without brackets)."""
    return _messages_by_mail_id(company, [mail_id]).get(mail_id) if mail_id else None


def document_numbers(*, company: Company, customer_id: int, numbers: Iterable[str]) -> dict[int, str]:
    """Numbers of the customer's open documents by id, and of settled ones the mail names in full."""
    searched = {normalised_number(number) for number in numbers} - {"", "0"}
    wanted = ~Q(open_cents=0) | Q(search_number__in=searched)
    found = Document.objects.filter(wanted, company=company, customer_id=customer_id)
    return dict(found.order_by("due_date", "pk").values_list("pk", "number")[:_NUMBERS_READ])


def _messages_by_mail_id(company: Company, mail_ids: list[str]) -> Mapping[str, OurMessage]:
    """Our Message-ID is made of the attempt's idempotency key; a service that gives its own tells it as the provider's id."""
    keys = {mail_id.partition("@")[0]: mail_id for mail_id in reversed(mail_ids)}
    told = {form: mail_id for mail_id in reversed(mail_ids) for form in (mail_id, f"<{mail_id}>")}
    found: dict[str, OurMessage] = {}
    if not mail_ids:
        return found
    attempts = Attempt.objects.filter(
        Q(idempotency_key__in=list(keys)) | Q(provider_id__in=list(told)), company=company
    ).select_related("message")
    for attempt in attempts.order_by("pk"):
        mail_id = keys.get(attempt.idempotency_key) or told[attempt.provider_id]
        found[mail_id] = _ours(attempt)
    return found


def _messages_by_key(company: Company, keys: list[str]) -> Mapping[str, OurMessage]:
    if not keys:
        return {}
    attempts = Attempt.objects.filter(company=company, idempotency_key__in=keys).select_related("message")
    return {attempt.idempotency_key: _ours(attempt) for attempt in attempts.order_by("pk")}


def _ours(attempt: Attempt) -> OurMessage:
    message = attempt.message
    return OurMessage(message.pk, message.customer_id, message.contact_id)
