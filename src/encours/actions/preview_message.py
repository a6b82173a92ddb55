"""Shows what a message would say if it left today. Writes nothing."""

from dataclasses import dataclass, replace
from datetime import date

from encours.actions.prepare_message import draft_of
from encours.actions.render_message import Rendered, render_message
from encours.core.dunning import check
from encours.core.wording import Sentence
from encours.queries.dunning import customer_situation
from encours.queries.letters import letter
from encours.store.models import Company, Message


@dataclass(frozen=True)
class Preview:
    """The letter, or why it would be cancelled today."""

    rendered: Rendered | None
    cancelled: Sentence | None


def preview_message(*, company: Company, message_id: int, on: date) -> Preview:
    """The same check and the same letter as at sending, for a planned message that has not left."""
    message = Message.objects.select_related("policy", "contact").get(company=company, pk=message_id)
    situation = customer_situation(
        company=company,
        customer_id=message.customer_id,
        message_id=message.pk,
        currency=message.currency,
        on=on,
    )
    # who looks is about to approve: a missing approval is no reason to show nothing
    draft = replace(draft_of(company, message), approved_by="preview")
    checked = check(draft=draft, situation=situation, on=on)
    if checked.cancelled is not None:
        return Preview(rendered=None, cancelled=checked.cancelled)
    facts = letter(company=company, message=message, lines=checked.lines, on=on)
    return Preview(rendered=render_message(letter=facts), cancelled=None)
