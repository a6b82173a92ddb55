"""Files of orders and deliveries, and the port that reads them."""

from typing import ClassVar, Protocol

from encours.core.orders.batches import OrderBatch
from encours.ports.files import ImportFile, ReadContext


class OrderSource(Protocol):
    """Reads one format of orders or of deliveries."""

    kinds: ClassVar[tuple[str, ...]]

    def identify(self, file: ImportFile) -> str | None:
        """The kind when this reader is the one for the file, else None. Cheap: looks at `head` only."""
        ...

    def read(self, file: ImportFile, context: ReadContext) -> OrderBatch:
        """All of the file. Raises `UnableToReadFile`."""
        ...
