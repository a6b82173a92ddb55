"""Letters through a mailing house that takes files: in a folder of this machine, or of an SFTP server.

A letter is a PDF and a manifest of the same name. The manifest gets its name last: where there is none, there is no letter, so
a hand-over that breaks before that step handed nothing over. Both are named after the message's idempotency key: dropped
again, it is the same letter. The house leaves what became of letters in a folder of its own; files that were read are
put away there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from encours.core.drops import is_candidate
from encours.core.mailing import envelope
from encours.core.wording import Wording
from encours.ports.channels import (
    HandedOver,
    OutgoingMessage,
    Report,
    TrackingFile,
    UnableToReachProvider,
)
from encours.ports.connections import UnableToAsk, setting
from encours.ports.printed_letters import printed_letter
from encours.ports.sftp import (
    HOST_KEY_LABEL,
    HOST_LABEL,
    PASSPHRASE_LABEL,
    PASSWORD_LABEL,
    PORT_LABEL,
    PRIVATE_KEY_HELP,
    PRIVATE_KEY_LABEL,
    USER_LABEL,
    SftpAccess,
    SftpSession,
)
from encours.providers.channels.mailing.manifest import FORMATS, POSTAGES, PRINTINGS, manifest, written
from encours.providers.channels.mailing.places import FolderPlace, Place, SftpPlace
from encours.providers.channels.mailing.tracking import read_tracking

_LETTERS = Wording("mailing.letters", fr="Dossier des plis", en="Folder of letters")
_LETTERS_HELP = Wording(
    "mailing.letters_help",
    fr="Chaque courrier y est déposé en deux fichiers du même nom : le PDF, puis son bordereau.",
    en="Each letter is dropped there as two files of one name: the PDF, then its manifest.",
)
_TRACKING = Wording("mailing.tracking", fr="Dossier de suivi", en="Folder of tracking")
_TRACKING_HELP = Wording(
    "mailing.tracking_help",
    fr="Où le prestataire dit ce que deviennent les plis (CSV, XLSX ou JSON : référence, statut, date), sous le dossier des"
    " plis ou en chemin complet. Les fichiers lus passent dans done/ ou refused/.",
    en="Where the service says what became of letters (CSV, XLSX or JSON: reference, status, date), below the folder of letters"
    " or as a full path. Files that were read move to done/ or refused/.",
)
_FORMAT = Wording("mailing.format", fr="Bordereau", en="Manifest")
_POSTAGE = Wording("mailing.postage", fr="Affranchissement", en="Postage")
_PRINTING = Wording("mailing.printing", fr="Impression", en="Printing")
# a house that writes a file in place is given this long; one whose clock runs ahead too
_SETTLE = timedelta(seconds=30)
DEFAULT_TRACKING = "retours"


@dataclass(frozen=True, kw_only=True)
class MailingFolderConfig:
    folder: str = setting(_LETTERS, help=_LETTERS_HELP)
    tracking: str = setting(_TRACKING, help=_TRACKING_HELP, default=DEFAULT_TRACKING)
    manifest: str = setting(_FORMAT, default="csv", choices=FORMATS)
    postage: str = setting(_POSTAGE, default="green", choices=POSTAGES)
    printing: str = setting(_PRINTING, default="black_duplex", choices=PRINTINGS)


@dataclass(frozen=True, kw_only=True)
class MailingSftpConfig:
    host: str = setting(HOST_LABEL)
    port: int = setting(PORT_LABEL, default=22)
    username: str = setting(USER_LABEL)
    password: str = setting(PASSWORD_LABEL, default="", secret=True)
    private_key: str = setting(PRIVATE_KEY_LABEL, help=PRIVATE_KEY_HELP, default="", secret=True, long=True)
    passphrase: str = setting(PASSPHRASE_LABEL, default="", secret=True)
    folder: str = setting(_LETTERS, help=_LETTERS_HELP, default=".")
    tracking: str = setting(_TRACKING, help=_TRACKING_HELP, default=DEFAULT_TRACKING)
    manifest: str = setting(_FORMAT, default="csv", choices=FORMATS)
    postage: str = setting(_POSTAGE, default="green", choices=POSTAGES)
    printing: str = setting(_PRINTING, default="black_duplex", choices=PRINTINGS)
    host_key: str = setting(HOST_KEY_LABEL, default="", hidden=True)


class _Mailing:
    """What both have in common: all but the place."""

    channel: ClassVar[str] = "letter"

    def __init__(self, config: Any, place: Place) -> None:
        self._config, self._place = config, place

    def accepts(self, recipient_address: str) -> bool:
        return envelope(recipient_address) is not None

    def open(self) -> None:
        self._place.open()

    def send(self, message: OutgoingMessage) -> HandedOver:
        reference = message.idempotency_key
        pdf, row_file = f"{reference}.pdf", f"{reference}.{self._config.manifest}"
        to = envelope(message.recipient_address)
        if to is None:
            return HandedOver("refused", detail=message.recipient_address)
        letter = printed_letter(message.attachments)
        row = manifest(
            reference=reference, pdf=pdf, content=letter.content, page_count=letter.page_count, to=to,
            country=message.recipient_country, sender=message.sender_name, postage=self._config.postage,
            printing=self._config.printing,
        )  # fmt: skip
        try:
            if self._place.is_there(row_file):  # dropped before, and not fetched yet
                return HandedOver("accepted", reference)
            self._place.stage(pdf, letter.content)
            self._place.release(pdf)
            self._place.stage(row_file, written(row, form=self._config.manifest))
        except UnableToAsk as error:
            raise UnableToReachProvider(error.sentence.say("en")) from error
        # from here on the house may have it, whatever the line says
        self._place.release(row_file)
        return HandedOver("accepted", reference)

    def remembered(self, *, keys: Sequence[str], now: datetime) -> tuple[Report, ...]:
        """Those whose manifest still lies there. The house has fetched the others, or they never came."""
        there = [key for key in keys if self._place.is_there(f"{key}.{self._config.manifest}")]
        return tuple(Report(f"{key}:there", "taken", now, provider_id=key, key=key) for key in there)

    def collect(self, *, now: datetime) -> Iterator[TrackingFile]:
        self._place.open()
        for entry in self._place.tracking():
            if not is_candidate(entry.name) or abs(now - entry.modified_at) < _SETTLE:
                continue
            content = self._place.read(entry)
            if content is not None:
                yield read_tracking(entry, content)

    def put_away(self, file: TrackingFile) -> None:
        if file.problem is not None:
            self._place.put_away(
                file.name, "refused", f"{file.problem.say('fr')}\n{file.problem.say('en')}\n"
            )
        else:
            self._place.put_away(file.name, "done", "\n".join(file.unread))

    def close(self) -> None:
        self._place.close()


class MailingFolder(_Mailing):
    name: ClassVar[str] = "mailing_folder"
    title: ClassVar[Wording] = Wording(
        "mailing.folder_title", fr="Prestataire de courrier, par dossier", en="Mailing house, by a folder"
    )
    Config: ClassVar[type] = MailingFolderConfig

    def __init__(self, config: MailingFolderConfig) -> None:
        super().__init__(config, FolderPlace(letters=config.folder, tracking=config.tracking))


class MailingSftp(_Mailing):
    name: ClassVar[str] = "mailing_sftp"
    title: ClassVar[Wording] = Wording(
        "mailing.sftp_title", fr="Prestataire de courrier, par SFTP", en="Mailing house, by SFTP"
    )
    Config: ClassVar[type] = MailingSftpConfig

    def __init__(self, config: MailingSftpConfig) -> None:
        session = SftpSession(
            SftpAccess(
                host=config.host, port=config.port, username=config.username, password=config.password,
                private_key=config.private_key, passphrase=config.passphrase, host_key=config.host_key,
                folder=config.folder,
            )
        )  # fmt: skip
        super().__init__(config, SftpPlace(session, letters=config.folder, tracking=config.tracking))
