"""Finds providers by entry point. Adding one is one folder and one line in pyproject.toml."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import cast

from encours.ports.channels import Channel
from encours.ports.connections import ConnectionKind, Connector
from encours.ports.drops import Drop
from encours.ports.files import BankFeed, InvoiceSource
from encours.ports.gateways import PaymentGateway
from encours.ports.live_feeds import LiveFeed
from encours.ports.mailboxes import Mailbox
from encours.ports.orders import OrderSource
from encours.ports.scores import ScoreSource
from encours.ports.tables import Vocabulary


@cache
def bank_feeds() -> dict[str, BankFeed]:
    """Readers of bank files by entry-point name, in name order."""
    return cast("dict[str, BankFeed]", _load("encours.banks"))


@cache
def invoice_sources() -> dict[str, InvoiceSource]:
    return cast("dict[str, InvoiceSource]", _load("encours.invoices"))


@cache
def order_sources() -> dict[str, OrderSource]:
    return cast("dict[str, OrderSource]", _load("encours.orders"))


@cache
def score_sources() -> dict[str, ScoreSource]:
    return cast("dict[str, ScoreSource]", _load("encours.scores"))


@cache
def channels() -> dict[str, type[Channel]]:
    """Channels by name, each to be made from its `Config`: what they need to know is the installation's."""
    return cast("dict[str, type[Channel]]", _load_types("encours.channels"))


@cache
def drops() -> dict[str, type[Drop]]:
    """Places where others leave files, by name, each to be made from its `Config`."""
    return cast("dict[str, type[Drop]]", _load_types("encours.drops"))


@cache
def live_feeds() -> dict[str, type[LiveFeed]]:
    """Banks and aggregators that are asked for lines, by name, each to be made from its `Config`."""
    return cast("dict[str, type[LiveFeed]]", _load_types("encours.live_feeds"))


@cache
def mailboxes() -> dict[str, type[Mailbox]]:
    """Kinds of mailboxes that are asked for replies, by name, each to be made from its `Config`."""
    return cast("dict[str, type[Mailbox]]", _load_types("encours.mailboxes"))


def connectors(kind: ConnectionKind) -> Mapping[str, type[Connector]]:
    """What connections of a kind are made with, by name: `provider` of each of them."""
    match kind:
        case ConnectionKind.BANK:
            return {**drops(), **live_feeds()}
        case ConnectionKind.MAILBOX:
            return mailboxes()
        case ConnectionKind.CHANNEL:
            return channels()
        case ConnectionKind.GATEWAY:
            return gateways()


@cache
def gateways() -> dict[str, type[PaymentGateway]]:
    """Payment services by name, each to be made from its `Config`."""
    return cast("dict[str, type[PaymentGateway]]", _load_types("encours.gateways"))


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """What may stand in the columns of each kind of table, by kind: readers of tables carry a `vocabulary`."""
    readers = (
        *invoice_sources().values(),
        *order_sources().values(),
        *score_sources().values(),
        *bank_feeds().values(),
    )
    found = (getattr(reader, "vocabulary", None) for reader in readers)
    return {vocabulary.kind: vocabulary for vocabulary in found if vocabulary is not None}


def _load(group: str) -> dict[str, object]:
    found = sorted(entry_points(group=group), key=lambda point: point.name)
    return {point.name: point.load()() for point in found}


def _load_types(group: str) -> dict[str, object]:
    found = sorted(entry_points(group=group), key=lambda point: point.name)
    return {point.name: point.load() for point in found}
