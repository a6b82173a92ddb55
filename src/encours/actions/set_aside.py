"""A person says that a bank line is no customer receipt, with a reason; and takes that back."""

from django.db import transaction

from encours.actions.journal import record
from encours.actions.match_by_hand import NO_LINE
from encours.actions.supersede_proposals import supersede_proposals
from encours.actions.unable_to_match import UnableToMatch
from encours.core.matching.reasons import BY_PERSON
from encours.core.statements import TAKEN_BACK
from encours.core.wording import Wording
from encours.store.models import Company, Transaction

NO_REASON = Wording(
    "line.set_aside_without_reason",
    fr="Dites pourquoi cette ligne n'est pas un encaissement.",
    en="Say why this line is no receipt.",
)


@transaction.atomic
def set_aside(*, company: Company, transaction_id: int, reason: str, actor: str) -> None:
    """The line no longer waits; its proposals give way. Set aside already: nothing more happens. Raises `UnableToMatch`."""
    if not reason.strip():
        raise UnableToMatch(NO_REASON())
    line = _locked(company, transaction_id)
    if line.state == Transaction.State.SET_ASIDE:
        return
    if line.state not in (Transaction.State.NEW, Transaction.State.PROPOSED):
        raise UnableToMatch(NO_LINE())
    supersede_proposals(company=company, line_ids=[line.pk])
    line.state = Transaction.State.SET_ASIDE
    line.reason = BY_PERSON(reason=reason.strip()).as_json()
    line.save(update_fields=["state", "reason"])
    _tell(company, line, "transaction.set_aside", actor, {"reason": reason.strip()})


@transaction.atomic
def take_back(*, company: Company, transaction_id: int, actor: str) -> None:
    """A line set aside waits again. Raises `UnableToMatch`."""
    line = _locked(company, transaction_id)
    if line.state == Transaction.State.NEW:
        return
    if line.state != Transaction.State.SET_ASIDE:
        raise UnableToMatch(NO_LINE())
    line.state, line.reason = Transaction.State.NEW, None
    line.extra[TAKEN_BACK] = "yes"  # it is not set aside by itself again
    line.save(update_fields=["state", "reason", "extra"])
    _tell(company, line, "transaction.taken_back", actor, {})


def _locked(company: Company, transaction_id: int) -> Transaction:
    line = Transaction.objects.select_for_update().filter(company=company, pk=transaction_id).first()
    if line is None:
        raise UnableToMatch(NO_LINE())
    return line


def _tell(company: Company, line: Transaction, action: str, actor: str, data: dict[str, str]) -> None:
    record(
        company=company, actor=actor, action=action, subject_type="transaction", subject_id=line.pk, data=data
    )
