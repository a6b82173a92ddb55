"""What each kind of mailbox over IMAP needs to know: any server with a password, Microsoft 365 and Google with a person's consent."""

from dataclasses import dataclass

from encours.core.wording import Wording
from encours.ports.connections import setting

_SECURITY = {
    "tls": Wording("imap.tls", fr="TLS dès la connexion (port 993)", en="TLS from the start (port 993)"),
    "starttls": Wording("imap.starttls", fr="STARTTLS (port 143)", en="STARTTLS (port 143)"),
}
_AFTER = {
    "leave": Wording("imap.leave", fr="N'y rien changer", en="Change nothing"),
    "read": Wording("imap.read", fr="Le marquer comme lu", en="Mark it as read"),
}

_FOLDER = Wording("imap.folder", fr="Dossier", en="Folder")
_FOLDER_HELP = Wording(
    "imap.folder_help",
    fr="Celui où arrivent les réponses aux relances.",
    en="Where replies to reminders arrive.",
)
_DAYS_BACK = Wording(
    "imap.days_back", fr="Jours à reprendre la première fois", en="Days to go back the first time"
)
_AFTER_LABEL = Wording("imap.after", fr="Une fois un message pris", en="Once a mail is taken")
_PORT = Wording("imap.port", fr="Port", en="Port")
_HOST = Wording("imap.host", fr="Serveur IMAP", en="IMAP server")
_SECURITY_LABEL = Wording("imap.security", fr="Chiffrement", en="Encryption")
_CERTIFICATE = Wording(
    "imap.certificate", fr="Certificat du serveur (PEM)", en="The server's certificate (PEM)"
)
_MAILBOX = Wording("mailbox_consent.username", fr="Adresse de la boîte", en="Address of the mailbox")
_MAILBOX_HELP = Wording(
    "mailbox_consent.username_help",
    fr="Une boîte partagée convient, si la personne qui autorise peut la lire.",
    en="A shared mailbox will do, if whoever authorises may read it.",
)
_TENANT = Wording("mailbox_consent.tenant", fr="ID de l'annuaire (locataire)", en="Directory (tenant) ID")
_CLIENT_ID = Wording(
    "mailbox_consent.client_id", fr="ID de l'application (client)", en="Application (client) ID"
)
_CLIENT_SECRET = Wording("mailbox_consent.client_secret", fr="Secret de l'application", en="Client secret")
_CLIENT_SECRET_HELP = Wording(
    "mailbox_consent.client_secret_help",
    fr="Sa valeur, pas son ID. S'il expire, il se remplace sur la page de la boîte.",
    en="Its value, not its ID. When it expires it is replaced on the mailbox's page.",
)
_TOKEN = Wording("mailbox_consent.token", fr="Jeton", en="Token")
_ADDRESS = Wording("mailbox_consent.address", fr="Adresse du service", en="Address of the service")


@dataclass(frozen=True)
class ImapConfig:
    """`certificate` is that of a server that no public authority vouches for (PEM)."""

    host: str = setting(_HOST)
    username: str = setting(Wording("imap.username", fr="Identifiant", en="User name"))
    password: str = setting(
        Wording("imap.password", fr="Mot de passe", en="Password"),
        help=Wording(
            "imap.password_help",
            fr="Celui d'une application quand la messagerie en demande un.",
            en="An app password where the mail service asks for one.",
        ),
        secret=True,
    )
    port: int = setting(_PORT, default=993)
    security: str = setting(_SECURITY_LABEL, default="tls", choices=_SECURITY)
    folder: str = setting(
        _FOLDER,
        help=_FOLDER_HELP,
        default="INBOX",
    )
    days_back: int = setting(
        _DAYS_BACK,
        default=14,
    )
    after: str = setting(
        _AFTER_LABEL,
        default="leave",
        choices=_AFTER,
    )
    certificate: str = setting(
        _CERTIFICATE,
        help=Wording(
            "imap.certificate_help",
            fr="Seulement pour un serveur interne qu'aucune autorité publique ne certifie.",
            en="Only for an internal server that no public authority vouches for.",
        ),
        default="",
        long=True,
    )


@dataclass(frozen=True)
class _Reading:
    """What is done with the mailbox. The server is the service's; a token is what a person's consent is worth."""

    folder: str = setting(_FOLDER, help=_FOLDER_HELP, default="INBOX")
    days_back: int = setting(_DAYS_BACK, default=14)
    after: str = setting(_AFTER_LABEL, default="leave", choices=_AFTER)
    port: int = setting(_PORT, default=993, hidden=True)
    security: str = setting(_SECURITY_LABEL, default="tls", choices=_SECURITY, hidden=True)
    certificate: str = setting(_CERTIFICATE, default="", long=True, hidden=True)
    access_token: str = setting(_TOKEN, default="", secret=True, hidden=True, long=True)


@dataclass(frozen=True)
class _Tenant:
    tenant: str = setting(_TENANT)


@dataclass(frozen=True)
class _Application:
    """The application a company registers for itself, and whose mailbox it reads."""

    username: str = setting(_MAILBOX, help=_MAILBOX_HELP)
    client_id: str = setting(_CLIENT_ID)
    client_secret: str = setting(_CLIENT_SECRET, help=_CLIENT_SECRET_HELP, secret=True)


# fields come in the order of the bases, from the last to the first
@dataclass(frozen=True)
class MicrosoftConfig(_Reading, _Tenant, _Application):
    host: str = setting(_HOST, default="outlook.office365.com", hidden=True)
    authorize_url: str = setting(
        _ADDRESS, default="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", hidden=True
    )
    token_url: str = setting(
        _ADDRESS, default="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token", hidden=True
    )


@dataclass(frozen=True)
class GoogleConfig(_Reading, _Application):
    host: str = setting(_HOST, default="imap.gmail.com", hidden=True)
    authorize_url: str = setting(
        _ADDRESS, default="https://accounts.google.com/o/oauth2/v2/auth", hidden=True
    )
    token_url: str = setting(_ADDRESS, default="https://oauth2.googleapis.com/token", hidden=True)
