"""A match is accepted, rejected or undone; the answer is its bank line as it stands then."""

from collections.abc import Callable
from typing import Any

from ninja import Path, Router

from encours.actions.answer_once import Answer
from encours.actions.confirm_match import confirm_match
from encours.actions.reject_match import reject_match
from encours.actions.undo_match import undo_match
from encours.api.access import scoped, within_company
from encours.api.bank_lines import BankLine, line_json
from encours.api.clock import today
from encours.api.problems import NOT_FOUND, refused
from encours.api.values import RowId
from encours.queries.bank_lines import line_of_match

router = Router(tags=["Matches"])
router.add_decorator(within_company)


@router.post("/matches/{match_id}/accept", response=BankLine, **scoped("receipts:write"))
def accept_match(request: Any, match_id: Path[RowId]) -> Answer:
    """Apply a proposal: the line becomes a receipt and settles what was proposed. Applied already: nothing more happens."""
    return _decide(request, match_id, confirm_match)


@router.post("/matches/{match_id}/reject", response=BankLine, **scoped("receipts:write"))
def reject(request: Any, match_id: Path[RowId]) -> Answer:
    """Say no to a proposal: it is not brought up again."""
    return _decide(request, match_id, reject_match)


@router.post("/matches/{match_id}/undo", response=BankLine, **scoped("receipts:write"))
def undo(request: Any, match_id: Path[RowId]) -> Answer:
    """Take an applied match back whole: every balance is what it was before, and the line waits again."""
    return _decide(request, match_id, undo_match, on=today(request.auth.company))


def _decide(request: Any, match_id: int, action: Callable[..., Any], **arguments: Any) -> Answer:
    access = request.auth
    line_id = line_of_match(company=access.company, match_id=match_id)
    if line_id is None:
        raise refused(404, NOT_FOUND(), field="match_id")
    action(company=access.company, match_id=match_id, actor=access.actor, **arguments)
    return Answer(200, line_json(request, line_id))
