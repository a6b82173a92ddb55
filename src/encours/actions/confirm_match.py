"""A person says yes to a proposal: the bank line becomes a receipt and settles what was proposed."""

from django.db import transaction

from encours.actions.confirm_matches import confirm_matches
from encours.actions.unable_to_match import UnableToMatch
from encours.store.models import Company


@transaction.atomic
def confirm_match(*, company: Company, match_id: int, actor: str) -> None:
    """Applies a proposed match, of a receipt or of a return. Confirmed already: nothing more happens.

    Raises `UnableToMatch`.
    """
    confirmed = confirm_matches(company=company, match_ids=[match_id], actor=actor)
    for refused in confirmed.refused:
        raise UnableToMatch(refused.sentence)
