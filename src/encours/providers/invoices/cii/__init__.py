"""Cross Industry Invoices (UN/CEFACT CII D16B, D22B; EN 16931, XRechnung)."""

from collections.abc import Iterator
from typing import ClassVar

from encours.core.invoices import DocumentBatch
from encours.ports import einvoices
from encours.ports.files import ImportFile, ReadContext


class CiiSource:
    """One document per file."""

    kinds: ClassVar[tuple[str, ...]] = ("cii",)

    def identify(self, file: ImportFile) -> str | None:
        return "cii" if einvoices.identify(file.head) == "cii" else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:  # noqa: ARG002 (the port's signature)
        return iter((einvoices.read_file(file),))
