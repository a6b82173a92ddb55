"""A person says yes to several proposals at once: each stands or falls by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.core.wording import Sentence
from encours.store.models import Company


@dataclass(frozen=True)
class Confirmed:
    """How many were applied, and why the others were not."""

    count: int
    refused: tuple[Sentence, ...]


def confirm_matches(*, company: Company, match_ids: Sequence[int], actor: str) -> Confirmed:
    """Applies the proposals one by one, each in its own transaction: what one of them meets does not hold the rest."""
    refused: list[Sentence] = []
    for match_id in match_ids:
        try:
            confirm_match(company=company, match_id=match_id, actor=actor)
        except UnableToMatch as error:
            refused.append(error.sentence)
    return Confirmed(len(match_ids) - len(refused), tuple(refused))
