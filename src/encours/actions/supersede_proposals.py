"""Keeps the proposals a person answered otherwise, so that taking the answer back brings the choice back."""

from collections.abc import Collection

from encours.store.models import Company, Match


def supersede_proposals(*, company: Company, line_ids: Collection[int], chosen: Collection[int] = ()) -> None:
    """The proposals of these lines, but the chosen ones, no longer wait; those of an earlier answer are forgotten.

    The caller holds the locks of the lines.
    """
    of_lines = Match.objects.filter(company=company, transaction__in=line_ids)
    of_lines.filter(state=Match.State.SUPERSEDED).delete()
    of_lines.filter(state=Match.State.PROPOSED).exclude(pk__in=chosen).update(state=Match.State.SUPERSEDED)


def restore_proposals(*, company: Company, line_ids: Collection[int]) -> bool:
    """They wait again; whether there were any. The caller holds the locks of the lines and says the lines' states."""
    of_lines = Match.objects.filter(company=company, transaction__in=line_ids)
    return bool(of_lines.filter(state=Match.State.SUPERSEDED).update(state=Match.State.PROPOSED))
