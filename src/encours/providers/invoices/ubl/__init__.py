"""UBL invoices and credit notes (OASIS UBL 2.x, EN 16931 and Peppol BIS)."""

from collections.abc import Iterator
from typing import ClassVar

from encours.core.invoices import DocumentBatch
from encours.ports import einvoices
from encours.ports.files import ImportFile, ReadContext


class UblSource:
    """One document per file."""

    kinds: ClassVar[tuple[str, ...]] = ("ubl",)

    def identify(self, file: ImportFile) -> str | None:
        return "ubl" if einvoices.identify(file.head) == "ubl" else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:  # noqa: ARG002 (the port's signature)
        return iter((einvoices.read_file(file),))
