"""A message as the bytes that travel (RFC 5322, MIME)."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from encours.ports.channels import OutgoingMessage


def mime(message: OutgoingMessage) -> EmailMessage:
    """Text with its HTML alternative and attachments. Header values cannot break out of their line."""
    made = EmailMessage(policy=SMTP)
    made["Subject"] = _one_line(message.subject)
    made["From"] = _address(message.sender_name, message.sender_address)
    made["To"] = _address(message.recipient_name, message.recipient_address)
    if message.reply_to:
        made["Reply-To"] = _address("", message.reply_to)
    if message.copy_to:
        made["Cc"] = _address("", message.copy_to)
    made["Message-ID"] = f"<{message.mail_id}>"
    if (
        message.references
    ):  # RFC 5322, 3.6.4: mail programs show what is about the same documents as one thread
        made["In-Reply-To"] = f"<{message.references[-1]}>"
        made["References"] = " ".join(f"<{each}>" for each in message.references)
    made["Content-Language"] = message.language
    # no answer from holiday robots (RFC 3834)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text)
    if message.html:
        made.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        main, _, sub = attachment.media_type.partition("/")
        made.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return made


def _address(name: str, address: str) -> Address:
    return Address(display_name=_one_line(name), addr_spec=address)


def _one_line(text: str) -> str:
    return " ".join(text.split())
