"""Chooses the dunning policy of a segment, a customer or a document, in place of the company's."""

from django.db import transaction

from encours.actions.journal import record
from encours.core.references import normalised_number
from encours.core.wording import Sentence, Wording
from encours.queries.policies import active_policy
from encours.store.models import Company, Customer, Document, Policy, PolicyAssignment

NO_POLICY = Wording(
    "policy.not_in_force",
    fr="Aucun scénario « {slug} » n’est en vigueur",
    en='No policy "{slug}" is in force',
)
NO_SEGMENT = Wording(
    "policy.no_segment",
    fr="Aucun client n’a le segment « {segment} »",
    en='No customer has the segment "{segment}"',
)
NO_CUSTOMER = Wording(
    "policy.no_customer", fr="Aucun client n’a le code « {code} »", en='No customer has the code "{code}"'
)
NO_DOCUMENT = Wording(
    "policy.no_document",
    fr="{found} document(s) portent le numéro « {number} » : il en faut un",
    en='{found} documents have the number "{number}": one is needed',
)


class UnableToAssignPolicy(Exception):
    """Nothing was changed; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@transaction.atomic
def assign_policy(
    *,
    company: Company,
    slug: str,
    segment: str = "",
    customer: str = "",
    document: str = "",
    document_id: int | None = None,
    actor: str,
) -> None:
    """Exactly one of a segment, a customer's code, a document's number and its id. Without `slug` it has none of its own
    any more.

    What applies is the document's, else the customer's, else the segment's, else the company's. Raises
    `UnableToAssignPolicy`.
    """
    assert sum(map(bool, (segment, customer, document, document_id))) == 1, "one thing at a time"
    policy = active_policy(company=company, slug=slug) if slug else None
    if slug and policy is None:
        raise UnableToAssignPolicy(NO_POLICY(slug=slug))
    if segment:
        _assign_segment(company, policy, segment)
    elif customer:
        _assign_customer(company, policy, customer)
    else:
        found = _document_of_id(company, document_id) if document_id else _document_named(company, document)
        document = found.number
        PolicyAssignment.objects.filter(company=company, document=found).delete()
        if policy is not None:
            PolicyAssignment.objects.create(company=company, policy=policy, document=found)
    record(
        company=company,
        actor=actor,
        action="policy.assigned",
        subject_type="policy",
        subject_id=policy.pk if policy else None,
        data={"slug": slug, "segment": segment, "code": customer, "number": document},
    )


def _assign_segment(company: Company, policy: Policy | None, segment: str) -> None:
    if policy is not None and not Customer.objects.filter(company=company, segment=segment).exists():
        raise UnableToAssignPolicy(NO_SEGMENT(segment=segment))
    PolicyAssignment.objects.filter(company=company, segment=segment).delete()
    if policy is not None:
        PolicyAssignment.objects.create(company=company, policy=policy, segment=segment)


def _assign_customer(company: Company, policy: Policy | None, code: str) -> None:
    if not Customer.objects.filter(company=company, code=code).update(policy=policy):
        raise UnableToAssignPolicy(NO_CUSTOMER(code=code))


def _document_named(company: Company, number: str) -> Document:
    named = Document.objects.filter(company=company, search_number=normalised_number(number), number=number)
    found = list(named.exclude(type=Document.Type.CREDIT_NOTE)[:2])
    if len(found) != 1:
        raise UnableToAssignPolicy(NO_DOCUMENT(found=len(found), number=number))
    return found[0]


def _document_of_id(company: Company, document_id: int) -> Document:
    found = Document.objects.filter(company=company, pk=document_id).exclude(type=Document.Type.CREDIT_NOTE)
    document = found.first()
    if document is None:
        raise UnableToAssignPolicy(NO_DOCUMENT(found=0, number=str(document_id)))
    return document
