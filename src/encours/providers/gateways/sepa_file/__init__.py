"""Direct debits by file at the company's own bank (SEPA Core and B2B, pain.008 and pain.002).

No service to ask: a person hands files in and reads what the bank answers. So this is what settings, mandates and charges hang
on, writes files and reads answers; as a gateway it takes nothing by itself and says so (docs/adr/0022-direct-debits-by-file.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NoReturn

from encours.core.payments.direct_debits import GATEWAY, is_bic, is_creditor_identifier, is_sepa_iban
from encours.core.payments.methods import DIRECT_DEBIT_FILE
from encours.core.wording import Wording
from encours.ports.connections import UnableToAsk, UnableToConfigure, setting
from encours.ports.direct_debits import Collection, StatusReport
from encours.ports.gateways import (
    ChargeRequest,
    CheckoutRequest,
    SetupRequest,
    ToldCharge,
    ToldEvent,
    ToldMandate,
    ToldMerchant,
    ToldPayout,
    ToldSetup,
    UnableToCharge,
)
from encours.ports.notices import UnableToTrustNotice
from encours.providers.gateways.sepa_file.answers import pain_002
from encours.providers.gateways.sepa_file.writing import pain_008

NEWEST, OLDER = "pain.008.001.08", "pain.008.001.02"
_MOST_LEAD_DAYS = 14

_NAME = Wording("sepa_file.creditor_name", fr="Nom du créancier", en="Creditor's name")
_NAME_HELP = Wording(
    "sepa_file.creditor_name_help",
    fr="Le titulaire du compte, comme la banque le connaît : vos clients le lisent sur leur relevé.",
    en="The account holder as the bank knows it: your customers read it on their statement.",
)
_IDENTIFIER = Wording(
    "sepa_file.creditor_identifier",
    fr="Identifiant créancier SEPA (ICS)",
    en="SEPA creditor identifier (ICS)",
)
_IDENTIFIER_HELP = Wording(
    "sepa_file.creditor_identifier_help",
    fr="Attribué par la Banque de France, demandé par votre banque : FR, deux chiffres, ZZZ, six caractères.",
    en="Given by the Banque de France through your bank: FR, two digits, ZZZ, six characters.",
)
_IBAN = Wording("sepa_file.iban", fr="IBAN du compte crédité", en="IBAN of the account to be credited")
_BIC = Wording("sepa_file.bic", fr="BIC", en="BIC")
_BIC_HELP = Wording(
    "sepa_file.bic_help",
    fr="Obligatoire dans l’ancien format, facultatif dans le nouveau.",
    en="Required in the older format, optional in the newer.",
)
_VERSION = Wording("sepa_file.version", fr="Format du fichier", en="Format of the file")
_VERSIONS = {
    NEWEST: Wording(
        "sepa_file.newest", fr="pain.008.001.08 (depuis 2025)", en="pain.008.001.08 (since 2025)"
    ),
    OLDER: Wording("sepa_file.older", fr="pain.008.001.02 (ancien)", en="pain.008.001.02 (older)"),
}
_LEAD = Wording(
    "sepa_file.lead_days",
    fr="Jours ouvrés entre la remise et le prélèvement",
    en="Business days between handing in and collection",
)
_LEAD_HELP = Wording(
    "sepa_file.lead_days_help",
    fr="Demandez à votre banque : un jour au moins, souvent deux ou trois.",
    en="Ask your bank: one day at least, often two or three.",
)
BAD_IDENTIFIER = Wording(
    "sepa_file.bad_identifier",
    fr="« {value} » n’est pas un identifiant créancier SEPA : sa clé n’est pas juste.",
    en='"{value}" is no SEPA creditor identifier: its check digits are wrong.',
)
BAD_IBAN = Wording(
    "sepa_file.bad_iban",
    fr="L’IBAN du compte crédité n’existe pas ou n’est pas en zone SEPA.",
    en="The IBAN of the account to be credited does not exist or is not in SEPA.",
)
BAD_BIC = Wording("sepa_file.bad_bic", fr="« {value} » n’est pas un code BIC.", en='"{value}" is no BIC.')
BIC_MISSING = Wording(
    "sepa_file.bic_missing",
    fr="L’ancien format demande le BIC de votre banque.",
    en="The older format needs the BIC of your bank.",
)
BAD_LEAD = Wording(
    "sepa_file.bad_lead",
    fr="Entre la remise et le prélèvement, il faut de 1 à {most} jours ouvrés.",
    en="Between handing in and collection, 1 to {most} business days are needed.",
)
BY_FILE = Wording(
    "sepa_file.by_file",
    fr="Ces prélèvements passent par un fichier remis à la banque : ici rien ne se demande en ligne.",
    en="These debits go by a file handed in to the bank: nothing can be asked for online here.",
)
BY_TRANSFER = Wording(
    "sepa_file.by_transfer",
    fr="Un prélèvement par fichier se rembourse par un virement de votre banque.",
    en="A debit by file is refunded by a transfer from your bank.",
)


@dataclass(frozen=True)
class SepaFileConfig:
    """Raises `UnableToConfigure` of what cannot be written into a file."""

    creditor_name: str = setting(_NAME, help=_NAME_HELP)
    creditor_identifier: str = setting(_IDENTIFIER, help=_IDENTIFIER_HELP)
    iban: str = setting(_IBAN)
    bic: str = setting(_BIC, help=_BIC_HELP, default="")
    version: str = setting(_VERSION, default=NEWEST, choices=_VERSIONS)
    lead_days: int = setting(_LEAD, help=_LEAD_HELP, default=2)

    def __post_init__(self) -> None:
        for name in ("creditor_identifier", "iban", "bic"):
            object.__setattr__(self, name, "".join(getattr(self, name).split()).upper())
        if not is_creditor_identifier(self.creditor_identifier):
            raise UnableToConfigure(BAD_IDENTIFIER(value=self.creditor_identifier[:40]))
        if not is_sepa_iban(self.iban):
            raise UnableToConfigure(BAD_IBAN())
        if self.bic and not is_bic(self.bic):
            raise UnableToConfigure(BAD_BIC(value=self.bic[:20]))
        if self.version == OLDER and not self.bic:
            raise UnableToConfigure(BIC_MISSING())
        if not 1 <= self.lead_days <= _MOST_LEAD_DAYS:
            raise UnableToConfigure(BAD_LEAD(most=_MOST_LEAD_DAYS))


class SepaFile:
    name: ClassVar[str] = GATEWAY
    title: ClassVar[Wording] = Wording(
        "gateway.sepa_file",
        fr="Prélèvement SEPA par fichier (votre banque)",
        en="SEPA direct debit by file (your bank)",
    )
    Config: ClassVar[type] = SepaFileConfig
    methods: ClassVar[frozenset[str]] = frozenset({DIRECT_DEBIT_FILE})
    # what a SEPA message has room for (EPC130-08, AT-06)
    limits_cents: ClassVar[Mapping[str, int]] = {DIRECT_DEBIT_FILE: 99_999_999_999}
    notice_steps: ClassVar[tuple[Wording, ...]] = ()

    def __init__(self, config: SepaFileConfig) -> None:
        self._config = config

    @property
    def lead_days(self) -> int:
        return self._config.lead_days

    @property
    def creditor_identifier(self) -> str:
        return self._config.creditor_identifier

    def write(self, collection: Collection) -> bytes:
        told = self._config
        return pain_008(
            collection, creditor_name=told.creditor_name, creditor_identifier=told.creditor_identifier, iban=told.iban,
            bic=told.bic, version=told.version,
        )  # fmt: skip

    def read_answer(self, content: bytes) -> Sequence[StatusReport]:
        return pain_002(content)

    def merchant_told(self) -> ToldMerchant:
        """Nobody is asked: the identifier names the creditor."""
        told = self._config
        return ToldMerchant(
            f"{told.creditor_name} ({told.creditor_identifier})", is_test=False, methods=self.methods
        )

    def checkout(self, request: CheckoutRequest) -> ToldCharge:  # noqa: ARG002 (the port's)
        _refuse()

    def charge(self, request: ChargeRequest) -> ToldCharge:  # noqa: ARG002 (the port's)
        _refuse()

    def set_up(self, request: SetupRequest) -> ToldSetup:  # noqa: ARG002 (the port's)
        _refuse()

    def cancel(self, external_id: str, *, key: str) -> ToldCharge:  # noqa: ARG002 (the port's)
        _refuse()

    def refund(self, external_id: str, *, amount_cents: int, key: str, reason: str) -> ToldCharge:  # noqa: ARG002
        raise UnableToCharge(BY_TRANSFER())

    def charge_told(self, external_id: str) -> ToldCharge:  # noqa: ARG002 (the port's)
        raise UnableToAsk(BY_FILE())

    def find(self, reference: str) -> ToldCharge | None:  # noqa: ARG002 (the port's)
        """Not "there is none": nobody can be asked."""
        raise UnableToAsk(BY_FILE())

    def setup_told(self, external_id: str) -> ToldSetup:  # noqa: ARG002 (the port's)
        raise UnableToAsk(BY_FILE())

    def mandate_told(self, external_id: str, *, mandate_external_id: str = "") -> ToldMandate:  # noqa: ARG002
        raise UnableToAsk(BY_FILE())

    def forget_method(self, external_id: str) -> None:
        """Nothing is kept anywhere else."""

    def payouts_told(self, *, since: datetime) -> Sequence[ToldPayout]:  # noqa: ARG002 (the port's)
        return ()

    def payout_told(self, external_id: str) -> ToldPayout:  # noqa: ARG002 (the port's)
        raise UnableToAsk(BY_FILE())

    def parse_event(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[ToldEvent]:  # noqa: ARG002
        raise UnableToTrustNotice("banks send no notices of direct-debit files")

    def events_told(self, *, since: datetime) -> Sequence[ToldEvent]:  # noqa: ARG002 (the port's)
        return ()

    def close(self) -> None: ...


def _refuse() -> NoReturn:
    raise UnableToCharge(BY_FILE())
