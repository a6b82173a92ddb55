"""A code sent by e-mail, which shows that who holds a link also reads the mail of an address the company knows."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from encours.core.wording import Wording

DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
MAX_WRONG = 5
# a link asks for no more codes than this within an hour: nobody's mailbox is filled, nobody guesses on
MAX_AN_HOUR = 3
SESSION = timedelta(minutes=30)

SUBJECT = Wording(
    "portal_code.subject", fr="Votre code pour {company} : {code}", en="Your code for {company}: {code}"
)
BODY = Wording(
    "portal_code.body",
    fr="Bonjour,\n\nVotre code est {code}. Il est valable dix minutes, sur la page où vous l’avez demandé.\n\n"
    "Si vous n’avez rien demandé, ignorez ce message : sans ce code rien ne peut être changé. Ne le communiquez à personne.\n\n{company}",
    en="Hello,\n\nYour code is {code}. It is good for ten minutes, on the page where you asked for it.\n\n"
    "If you asked for nothing, ignore this message: nothing can be changed without the code. Tell it to nobody.\n\n{company}",
)
UNKNOWN_ADDRESS = Wording(
    "portal_code.unknown_address", fr="Choisissez une des adresses.", en="Choose one of the addresses."
)
TOO_MANY = Wording(
    "portal_code.too_many",
    fr="Trois codes ont été envoyés dans l’heure. Attendez avant d’en demander un autre, ou appelez-nous.",
    en="Three codes were sent within an hour. Wait before you ask for another, or call us.",
)
NOT_SENT = Wording(
    "portal_code.not_sent",
    fr="L’e-mail n’a pas pu partir. Réessayez dans quelques minutes, ou appelez-nous.",
    en="The e-mail could not be sent. Try again in a few minutes, or call us.",
)
WRONG = Wording(
    "portal_code.wrong",
    fr="Ce n’est pas le code que nous avons envoyé en dernier.",
    en="This is not the code we sent last.",
)
OVER = Wording(
    "portal_code.over",
    fr="Ce code n’est plus valable : demandez-en un autre.",
    en="This code is no longer good: ask for another.",
)


def code_digest(code: str, *, key: bytes, link_id: int, sent_at: datetime) -> str:
    """What is stored of a code. Six digits are soon tried: without the installation's key nobody can."""
    said = f"encours portal code\0{link_id}\0{sent_at.isoformat()}\0{code}"
    return hmac.new(key, said.encode(), sha256).hexdigest()


def session_digest(session: str, *, link_id: int) -> str:
    """What is stored of the cookie a right code gives: it opens nothing with another link."""
    return sha256(f"{link_id}\0{session}".encode()).hexdigest()


def masked(email: str) -> str:
    """Enough to know one's own address by, and nobody else's.

    >>> masked("comptabilite@lefevre.fr"), masked("a@b")
    ('c•••e@l•••.fr', 'a•••@b•••')
    """
    local, _, domain = email.rpartition("@")
    host, dot, end = domain.rpartition(".")
    name = host if dot else domain
    last = local[-1] if len(local) > 2 else ""
    return f"{local[:1]}•••{last}@{name[:1]}•••" + (f".{end}" if dot else "")
