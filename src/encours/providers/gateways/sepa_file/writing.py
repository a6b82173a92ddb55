"""A pain.008 message: made by sepaxml, then given our own ids and moment, so that the same collection is the same bytes."""

import os
from decimal import Decimal
from functools import cache
from typing import Any

import sepaxml
from lxml import etree
from sepaxml import SepaDD

from encours.core.money import Money
from encours.core.payments.direct_debits import LONGEST_LABEL, LONGEST_NAME, plain
from encours.core.wording import Wording
from encours.ports.direct_debits import Collection, DirectDebit, UnableToWriteFile, batch_id

NOT_VALID = Wording(
    "direct_debit_file.not_valid",
    fr="Le fichier de prélèvement ne serait pas conforme à {version} ({reason}) : il n’est pas fait.",
    en="The direct-debit file would not conform to {version} ({reason}): it is not made.",
)
WRONG_SUM = Wording(
    "direct_debit_file.wrong_sum",
    fr="Le total du fichier ({written}) n’est pas celui des prélèvements ({meant}) : il n’est pas fait.",
    en="The total of the file ({written}) is not that of its debits ({meant}): it is not made.",
)


def pain_008(
    collection: Collection, *, creditor_name: str, creditor_identifier: str, iban: str, bic: str, version: str
) -> bytes:
    """The message, checked against the schema of its version. Raises `UnableToWriteFile`."""
    creditor = {
        "name": plain(creditor_name, LONGEST_NAME), "IBAN": iban, "batch": True, "creditor_id": creditor_identifier,
        "currency": "EUR", "instrument": collection.scheme,
    }  # fmt: skip
    message = SepaDD(creditor | ({"BIC": bic} if bic else {}), schema=version, clean=False)
    for debit in collection.debits:
        message.add_payment(_payment(debit, collection))
    root = etree.fromstring(message.export(validate=False), _parser())
    _put_our_ids(root, collection)
    _check(root, collection, version)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _payment(debit: DirectDebit, collection: Collection) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": plain(debit.holder_name, LONGEST_NAME),
        "IBAN": debit.iban,
        "amount": debit.amount_cents,
        "type": debit.sequence_type,
        "collection_date": collection.collection_date,
        "mandate_id": debit.mandate_reference,
        "mandate_date": debit.signed_date,
        "description": plain(debit.label, LONGEST_LABEL),
        "endtoend_id": debit.reference,
    }
    if debit.bic:
        said["BIC"] = debit.bic
    if debit.address:
        parts = {
            "street_name": plain(debit.address.street, 70), "postcode": plain(debit.address.postcode, 16),
            "town": plain(debit.address.city, 35), "country": debit.address.country,
        }  # fmt: skip
        said["address"] = {name: value for name, value in parts.items() if value}
    return said


def _put_our_ids(root: Any, collection: Collection) -> None:
    """sepaxml names message, moment and batches at random: ours are kept, and found again in the bank's answers."""
    header = _named(root, "GrpHdr")[0]
    _named(header, "MsgId")[0].text = collection.message_id
    _named(header, "CreDtTm")[0].text = collection.made_at.replace(tzinfo=None).isoformat(timespec="seconds")
    for batch in _named(root, "PmtInf"):
        sequence = _named(batch, "SeqTp")[0].text
        _named(batch, "PmtInfId")[0].text = batch_id(collection.message_id, sequence)


def _check(root: Any, collection: Collection, version: str) -> None:
    meant = sum(each.amount_cents for each in collection.debits)
    written = sum(int(Decimal(each.text) * 100) for each in _named(root, "InstdAmt"))
    told = int(Decimal(_named(_named(root, "GrpHdr")[0], "CtrlSum")[0].text) * 100)
    if not meant == written == told:
        raise UnableToWriteFile(WRONG_SUM(written=Money(written, "EUR"), meant=Money(meant, "EUR")))
    schema = _schema(version)
    if not schema.validate(root):
        raise UnableToWriteFile(NOT_VALID(version=version, reason=schema.error_log[0].message[:200]))


def _named(node: Any, name: str) -> list[Any]:
    return list(node.iter(f"{{*}}{name}"))


@cache
def _schema(version: str) -> etree.XMLSchema:
    """As sepaxml ships it (ISO 20022)."""
    path = os.path.join(os.path.dirname(sepaxml.__file__), "schemas", f"{version}.xsd")
    return etree.XMLSchema(etree.parse(path, _parser()))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True, huge_tree=True)
