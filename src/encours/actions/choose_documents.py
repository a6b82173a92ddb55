"""Which documents a promise or a plan may be about, and which open promises end with it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from encours.core.wording import Sentence, Wording
from encours.queries.free_amounts import FreeDocument
from encours.store.models import Company, Promise, PromiseDocument


@dataclass(frozen=True)
class Refusals:
    """Why documents cannot be chosen, in the words of what they are chosen for; `error` is raised with the sentence."""

    error: Callable[[Sentence], Exception]
    unknown: Wording
    several_currencies: Wording
    in_plan: Wording
    in_dispute: Wording
    promised_with_others: Wording


def choose_documents(
    *, found: Sequence[FreeDocument], document_ids: Collection[int], refusals: Refusals
) -> list[FreeDocument]:
    """Those of `found` with these ids, of one currency, none in a plan or wholly in dispute. Raises `refusals.error`."""
    chosen = [each for each in found if each.id in set(document_ids)]
    if len(chosen) < len(set(document_ids)) or not chosen:
        raise refusals.error(refusals.unknown())
    if len({each.currency for each in chosen}) > 1:
        raise refusals.error(refusals.several_currencies())
    for each in chosen:
        if each.plan_id is not None:
            raise refusals.error(refusals.in_plan(number=each.number))
        if each.uncontested_cents <= 0:
            raise refusals.error(refusals.in_dispute(number=each.number))
    return chosen


def promises_ended(*, company: Company, chosen: Sequence[FreeDocument], refusals: Refusals) -> list[Promise]:
    """Open promises about these documents, with theirs: all must be among those chosen, for nobody can keep a promise
    of which only a part moves. Raises `refusals.error`.
    """
    numbers = {each.id: each.number for each in chosen}
    sharing = PromiseDocument.objects.filter(
        company=company, promise__state=Promise.State.OPEN, document__in=numbers
    )
    found = Promise.objects.filter(company=company, pk__in=sharing.values("promise_id"))
    ended = list(found.prefetch_related("documents").order_by("pk"))
    for promise in ended:
        theirs = {each.document_id for each in promise.documents.all()}
        if not theirs <= numbers.keys():
            shared = min(theirs & numbers.keys())
            raise refusals.error(
                refusals.promised_with_others(number=numbers[shared], promised=promise.promised_date)
            )
    return ended
