"""The words of a message and what goes with them, by the channel it leaves by."""

from dataclasses import dataclass, field

from encours.actions.render_letter import render_letter
from encours.actions.render_message import file_name, render_message
from encours.actions.render_short import render_script, render_text_message
from encours.actions.render_statement import render_statement
from encours.core.letter_templates.library import ASKS_NOTHING, RECEIPT, kind_of
from encours.core.letters import Letter
from encours.core.wording import Wording
from encours.ports.channels import Attachment
from encours.queries.letters import statement_lines
from encours.store.models import Company, Message, MessageAttachment

PDF = "application/pdf"
PRINTED = Wording("letter.printed", fr="Lettre", en="Letter")
RECEIPT_FILE = Wording("letter.receipt_file", fr="Reçu", en="Receipt")


@dataclass(frozen=True)
class Written:
    """`files` go with it, each with its `MessageAttachment.Kind` ("" for the statement of account)."""

    subject: str
    text: str
    html: str = ""
    files: tuple[tuple[str, Attachment], ...] = field(default=())


def write_message(*, company: Company, message: Message, letter: Letter) -> Written:
    """A letter with the statement of account; for a text message and a task a few words."""
    if message.channel == "sms":
        return Written("", render_text_message(company=company, letter=letter).text)
    if message.channel == "task":
        script = render_script(company=company, letter=letter)
        return Written(script.title, script.text)
    rendered = render_message(letter=letter)
    if letter.template in ASKS_NOTHING:  # no statement of account
        files = ()
        if letter.template == RECEIPT:
            name = file_name(letter, RECEIPT_FILE().say(letter.language))
            receipt = Attachment(name, PDF, render_letter(letter=letter))
            files = ((MessageAttachment.Kind.LETTER.value, receipt),)
        return Written(rendered.subject, rendered.text, rendered.html, files)
    lines = statement_lines(company=company, message=message, language=letter.language)
    statement = Attachment(rendered.statement_name, PDF, render_statement(letter=letter, lines=lines))
    files = (("", statement),)
    # a notice by e-mail has its letter with it: what is printed later, or shown to a court, is what was sent
    if message.channel in ("letter", "registered") or kind_of(letter.template).is_printed:
        printed = Attachment(
            file_name(letter, PRINTED().say(letter.language)), PDF, render_letter(letter=letter)
        )
        files = ((MessageAttachment.Kind.LETTER.value, printed), *files)
    return Written(rendered.subject, rendered.text, rendered.html, files)
