"""What customers of the demo company answered to its last reminders, as mails."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

# (sender's name, words, headers more); {number} is an invoice the reminder asked for
ANSWERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Service comptable", "Bonjour,\n\nLe virement de la facture {number} partira vendredi, avec nos excuses pour ce retard.\n\nCordialement,\nLa comptabilité", {}),
    ("Achats", "Bonjour,\n\nNous contestons la facture {number} : une partie des articles est arrivée cassée. Nous attendons un avoir avant tout règlement.\n\nCordialement", {}),
    ("Comptabilité fournisseurs", "Bonjour,\n\nSauf erreur de notre part, la facture {number} a été réglée par virement la semaine dernière. Pouvez-vous vérifier ?\n\nBien à vous", {}),
    ("Direction", "Bonjour,\n\nÀ quoi correspond la facture {number} ? Merci de m'envoyer le bon de livraison signé.\n\nCordialement", {}),
    ("Hélène Marchand", "Bonjour,\n\nJe suis absente et de retour le {back}. En cas d'urgence, merci d'appeler le standard.", {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}),
    ("Paul Besson", "Bonjour,\n\nJe ne travaille plus dans cette société depuis janvier, merci de vous adresser à la comptabilité.\n\nPaul Besson", {}),
    ("Accounts payable", "Dear all,\n\nWe will pay 50% of invoice {number} on the 15th of next month and the rest two weeks later.\n\nKind regards", {}),
)  # fmt: skip
STRANGER = (
    "M. Vidal <m.vidal@cabinet-vidal.example>",
    "Votre relance",
    "Bonjour,\n\nMon client me transmet votre relance. Le règlement suivra sous dix jours.\n\nM. Vidal, expert-comptable",
)


def answer(
    *, place: int, sender_address: str, answered_id: str, subject: str, number: str, to: str, at: datetime
) -> bytes:
    """The answer of this place in `ANSWERS` to a message of ours."""
    name, words, headers = ANSWERS[place]
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = f'"{name}" <{sender_address}>', to, f"Re: {subject}"[:120]
    made["In-Reply-To"] = made["References"] = f"<{answered_id}>"
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<demo-{place}-{at:%Y%m%d%H%M}@{sender_address.rpartition('@')[2]}>"
    for header, value in headers.items():
        made[header] = value
    back = f"{(at + timedelta(days=9)):%d/%m/%Y}"
    quoted = "\n".join(f"> {line}" for line in (subject, "Merci de bien vouloir régler.", ""))
    said = words.format(number=number, back=back)
    made.set_content(f"{said}\n\nLe {at:%d/%m/%Y}, la comptabilité clients a écrit :\n{quoted}\n")
    return made.as_bytes()


def of_a_stranger(*, to: str, at: datetime) -> bytes:
    """A mail that answers nothing of ours, from an address nobody knows."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"], words = STRANGER
    made["To"], made["Date"] = to, format_datetime(at)
    made["Message-ID"] = f"<demo-stranger-{at:%Y%m%d}@cabinet-vidal.example>"
    made.set_content(words)
    return made.as_bytes()
