"""FEC (fichier des écritures comptables, LPF art. A47 A-1): customers, open items and their lettrage.

The lines on 411 are read with the rest of their entry, which tells what they are: an invoice when revenue
stands against it, a receipt when money does. Names of journals are not believed.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from stdnum.fr import siren

from encours.core.invoices import DocumentBatch
from encours.ports.files import ImportFile, ReadContext
from encours.providers.invoices.fec.batches import batches
from encours.providers.invoices.fec.classification import classified
from encours.providers.invoices.fec.lines import is_fec, read_lines


class FecSource:
    kinds: ClassVar[tuple[str, ...]] = ("fec",)

    def identify(self, file: ImportFile) -> str | None:
        return "fec" if is_fec(file.head) else None

    def read(self, file: ImportFile, context: ReadContext) -> Iterator[DocumentBatch]:
        """Batches of whole customers (a receipt and what it settles are never apart), then all entries as written."""
        lines = read_lines(file.path)
        return batches(
            classified(lines.frame),
            lines,
            currency=context.currency,
            seller_siren=_siren_of(file.name),
        )


def _siren_of(file_name: str) -> str:
    """The SIREN in the prescribed file name `SirenFECAAAAMMJJ`; "" when it is none (anonymised files)."""
    found = re.match(r"(\d{9})FEC\d{8}", file_name, re.IGNORECASE)
    return found.group(1) if found and siren.is_valid(found.group(1)) else ""
