"""Where a message goes: to whom, by what address, with a copy to whom, after which earlier messages."""

from dataclasses import dataclass

from django.db.models import Q

from encours.core.letters import Letter
from encours.ports.phone_numbers import e164
from encours.store.models import Attempt, Company, Contact, Customer, Membership, Message

# A mail program shows a long thread as well by its first and its latest messages (RFC 5322 advises to keep the first).
_REFERENCES = 10


@dataclass(frozen=True)
class Addressed:
    """`address` is what the channel reaches, for a letter its lines; `references` are Message-IDs, the oldest first, and
    `thread_id` the message that began the thread, None for one that begins it."""

    name: str
    address: str
    references: tuple[str, ...] = ()
    thread_id: int | None = None
    copy_to: str = ""
    blind_copy_to: str = ""


def addressed(
    *, company: Company, message: Message, contact: Contact | None, phone: str, letter: Letter
) -> Addressed:
    """By the channel of the message; `phone` as somebody wrote it."""
    name = contact.name if contact else ""
    match message.channel:
        case "email":
            assert contact is not None, "an e-mail without an address was not found reachable"
            thread_id, references = _thread(company, message)
            manager = _account_manager(company, message)
            is_open = company.account_manager_copy == "copy"
            return Addressed(
                name, contact.email, references, thread_id,
                copy_to=manager if is_open else "", blind_copy_to="" if is_open else manager,
            )  # fmt: skip
        case "registered":
            assert contact is not None, "registered mail without an address was not found reachable"
            return Addressed(name, contact.email)
        case "sms":
            customer = Customer.objects.get(company=company, pk=message.customer_id)
            return Addressed(name, e164(phone, country=customer.country) or phone)
        case "letter":
            return Addressed(letter.debtor.name, postal_address(letter))
        case _:
            return Addressed(name or letter.debtor.name, "")


def postal_address(letter: Letter) -> str:
    """The lines of an address as a postman reads them (NF Z 10-011), the town in capitals."""
    debtor = letter.debtor
    town = f"{debtor.postcode} {debtor.city.upper()}".strip()
    return "\n".join(line for line in (debtor.name, debtor.street, town) if line)


def _thread(company: Company, message: Message) -> tuple[int | None, tuple[str, ...]]:
    """The thread of the last e-mail to the customer that asked for one of the same documents: what is about the same
    debts belongs together, and a new cycle begins a new thread."""
    documents = message.reminders.filter(counts=True).values("document_id")
    before = (
        Message.objects.filter(
            company=company,
            customer_id=message.customer_id,
            channel="email",
            state=Message.State.SENT,
            reminders__document_id__in=documents,
        )
        .exclude(pk=message.pk)
        .order_by("-sent_at", "-pk")
        .first()
    )
    if before is None:
        return None, ()
    thread_id = before.thread_id or before.pk
    left = Attempt.objects.filter(
        Q(message_id=thread_id) | Q(message__thread_id=thread_id),
        company=company,
        outcome=Attempt.Outcome.ACCEPTED,
        message__state=Message.State.SENT,
    ).exclude(mail_id="")
    ids = list(left.order_by("outcome_at", "pk").values_list("mail_id", flat=True))
    return thread_id, tuple(ids if len(ids) <= _REFERENCES else [ids[0], *ids[1 - _REFERENCES :]])


def _account_manager(company: Company, message: Message) -> str:
    """The address of the customer's salesperson: of the member of the company who has this name; "" when nobody does, or
    the company wants no copies."""
    if company.account_manager_copy == "never":
        return ""
    name = Customer.objects.values_list("salesperson", flat=True).get(company=company, pk=message.customer_id)
    if not name.strip():
        return ""
    found = Membership.objects.filter(
        Q(user__name__iexact=name.strip()) | Q(user__email__iexact=name.strip()),
        company=company,
        user__is_active=True,
    )
    return found.order_by("pk").values_list("user__email", flat=True).first() or ""
