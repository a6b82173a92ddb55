"""Shows what a message would say if it left today. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import date

from encours.actions.check_charge_notice import check_charge_notice
from encours.actions.make_portal_link import sample_portal_url
from encours.actions.prepare_message import draft_of
from encours.actions.render_message import Rendered, render_message
from encours.actions.render_statement import render_statement
from encours.actions.say_thanks import check_thanks
from encours.core.dunning import check
from encours.core.letter_templates.library import ASKS_NOTHING, CHARGE_NOTICE
from encours.core.letters import Letter
from encours.core.wording import Sentence
from encours.queries.dunning import customer_situation
from encours.queries.letters import letter, statement_lines
from encours.store.models import Company, Message


@dataclass(frozen=True)
class Preview:
    """The letter, or why it would be cancelled today."""

    rendered: Rendered | None
    cancelled: Sentence | None


def preview_message(*, company: Company, message_id: int, on: date) -> Preview:
    """The same check and the same letter as at sending, for a planned message that has not left."""
    found = _letter(company, _message(company, message_id), on)
    if isinstance(found, Sentence):
        return Preview(rendered=None, cancelled=found)
    # the real link is the customer's alone: it is made when the message leaves
    shown = replace(found, portal_url=sample_portal_url(company=company))
    return Preview(rendered=render_message(letter=shown), cancelled=None)


def preview_statement(*, company: Company, message_id: int, on: date) -> tuple[str, bytes] | None:
    """Name and PDF of the statement of account the message would carry; None when it would be cancelled."""
    message = _message(company, message_id)
    found = _letter(company, message, on)
    if isinstance(found, Sentence):
        return None
    lines = statement_lines(company=company, message=message, language=found.language)
    return render_message(letter=found).statement_name, render_statement(letter=found, lines=lines)


def _message(company: Company, message_id: int) -> Message:
    return Message.objects.select_related("policy", "contact").get(company=company, pk=message_id)


def _letter(company: Company, message: Message, on: date) -> Letter | Sentence:
    situation = customer_situation(
        company=company,
        customer_id=message.customer_id,
        message_id=message.pk,
        currency=message.currency,
        on=on,
    )
    if message.template in ASKS_NOTHING:
        checked = check_thanks(company=company, message=message, situation=situation, on=on)
        return checked.cancelled or letter(company=company, message=message, lines=checked.lines, on=on)
    if message.template == CHARGE_NOTICE:
        checked = check_charge_notice(company=company, message=message, situation=situation, on=on)
        return checked.cancelled or letter(company=company, message=message, lines=checked.lines, on=on)
    # who looks is about to approve: a missing approval is no reason to show nothing
    draft = replace(draft_of(company, message), approved_by="preview")
    checked = check(draft=draft, situation=situation, on=on)
    if checked.cancelled is not None:
        return checked.cancelled
    return letter(company=company, message=message, lines=checked.lines, on=on)
