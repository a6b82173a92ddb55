"""What every connection to an outside service has in common: its settings as a form, and why it cannot be asked.

A provider has a frozen dataclass `Config` whose fields are made with `setting`: from them come the form of the settings
page, the options of the command line, and which values are sealed.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from encours.core.wording import Sentence, Wording

NOT_REACHED = Wording(
    "bank_connection.not_reached",
    fr="{host} ne répond pas ({reason}). Nouvel essai plus tard.",
    en="{host} does not answer ({reason}). It is tried again later.",
)
BUSY = Wording(
    "bank_connection.busy",
    fr="{host} demande d'attendre {seconds} s avant la prochaine demande.",
    en="{host} asks to wait {seconds} s before the next request.",
)
NOT_LET_IN = Wording(
    "bank_connection.not_let_in",
    fr="{host} refuse l'accès : vérifiez les identifiants, ou donnez une nouvelle autorisation.",
    en="{host} refuses access: check the credentials, or authorise it anew.",
)
NOT_UNDERSTOOD = Wording(
    "bank_connection.not_understood",
    fr="La réponse de {host} n'est pas celle attendue ({reason}) : rien n'en est repris.",
    en="The answer of {host} is not the expected one ({reason}): nothing of it is taken.",
)
UNKNOWN_HOST_KEY = Wording(
    "bank_connection.unknown_host_key",
    fr="{host} se présente pour la première fois. Comparez son empreinte {fingerprint} avec celle qui vous a été"
    " communiquée, puis confirmez-la : rien n'est échangé avant.",
    en="{host} presents itself for the first time. Compare its fingerprint {fingerprint} with the one you were given,"
    " then confirm it: nothing is exchanged before.",
)
CHANGED_HOST_KEY = Wording(
    "bank_connection.changed_host_key",
    fr="L'empreinte de {host} a changé ({fingerprint}) : quelqu'un se fait peut-être passer pour ce serveur. Rien ne lui a"
    " été envoyé. Demandez à qui tient ce serveur, puis ajoutez de nouveau la connexion si le changement est voulu.",
    en="The fingerprint of {host} has changed ({fingerprint}): somebody may be posing as this server. Nothing was sent to"
    " it. Ask whoever runs this server, then add the connection anew if the change is meant.",
)
NO_FOLDER = Wording(
    "bank_connection.no_folder",
    fr="Le dossier {folder} n'existe pas ou ne peut pas être lu.",
    en="The folder {folder} does not exist or cannot be read.",
)
MISSING_SETTING = Wording(
    "bank_connection.missing_setting", fr="{setting} : à renseigner.", en="{setting}: must be given."
)
BAD_SETTING = Wording(
    "bank_connection.bad_setting",
    fr="{setting} : cette valeur ne convient pas.",
    en="{setting}: this value does not do.",
)


class ConnectionKind(StrEnum):
    """Kinds of connections. The journal and the seals of credentials name a row by it: what is stored keeps its value."""

    BANK = "bank_connection"
    MAILBOX = "mailbox"
    CHANNEL = "channel_connection"
    GATEWAY = "gateway_connection"


class Connector(Protocol):
    """What the providers of every kind share. Made from its frozen `Config`; `name` is the entry point's."""

    name: ClassVar[str]
    title: ClassVar[Wording]
    Config: ClassVar[type]

    def __init__(self, config: Any) -> None: ...

    def close(self) -> None: ...


class UnableToAsk(Exception):
    """The other side was not asked or gave no answer that can be used; nothing was changed.

    `retry_after_seconds` is how long it wants to be left alone, None when it did not say. `needs_person` when asking
    again cannot help by itself.
    """

    def __init__(
        self, sentence: Sentence, *, retry_after_seconds: int | None = None, needs_person: bool = False
    ) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence
        self.retry_after_seconds = retry_after_seconds
        self.needs_person = needs_person


class UnableToTrustHost(UnableToAsk):
    """A server nobody has confirmed yet; `host_key` is what it presented (OpenSSH's public key line)."""

    def __init__(self, sentence: Sentence, *, host_key: str) -> None:
        super().__init__(sentence, needs_person=True)
        self.host_key = host_key


class UnableToConfigure(Exception):
    """A setting is missing or wrong; `sentence` says which."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.sentence = sentence


@dataclass(frozen=True)
class Setting:
    """One value a connection needs. A `secret` one is sealed; a `hidden` one is no matter of forms."""

    name: str
    label: Sentence
    help: Sentence | None
    secret: bool
    hidden: bool
    long: bool
    choices: Mapping[str, Sentence]
    default: Any


def setting(
    label: Wording,
    *,
    help: Wording | None = None,
    default: Any = MISSING,
    secret: bool = False,
    hidden: bool = False,
    long: bool = False,
    choices: Mapping[str, Wording] | None = None,
) -> Any:
    """A field of a `Config`: text, or a whole number when its default is one. Secrets are kept out of `repr`."""
    about = {"label": label, "help": help, "secret": secret, "hidden": hidden, "long": long, "choices": choices or {}}  # fmt: skip
    return field(default=default, repr=not secret, metadata=about)


def settings_of(config: type) -> tuple[Setting, ...]:
    """The settings of a `Config`, in the order of its fields."""
    return tuple(_setting(each) for each in fields(config))


def _setting(each: Field[Any]) -> Setting:
    about = each.metadata
    return Setting(
        name=each.name,
        label=about["label"](),
        help=about["help"]() if about["help"] else None,
        secret=about["secret"],
        hidden=about["hidden"],
        long=about["long"],
        choices={code: wording() for code, wording in about["choices"].items()},
        default=None if each.default is MISSING else each.default,
    )


def configured(config: type, given: Mapping[str, Any]) -> Any:
    """The `Config` of these values. Raises `UnableToConfigure` where one is missing, unknown or wrong."""
    known = {each.name: each for each in settings_of(config)}
    values: dict[str, Any] = {}
    for each in known.values():
        value = given.get(each.name)
        value = value.strip() if isinstance(value, str) else value
        if value in (None, ""):
            if each.default is None:
                raise UnableToConfigure(MISSING_SETTING(setting=each.label))
            continue
        if each.choices and value not in each.choices:
            raise UnableToConfigure(BAD_SETTING(setting=each.label))
        if isinstance(each.default, int):
            try:
                value = int(value)
            except ValueError:
                raise UnableToConfigure(BAD_SETTING(setting=each.label)) from None
        elif not isinstance(value, str) or len(value) > (20_000 if each.long else 500):
            raise UnableToConfigure(BAD_SETTING(setting=each.label))
        values[each.name] = value
    return config(**values)
