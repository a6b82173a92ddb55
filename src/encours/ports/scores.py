"""Files of scores, and the port that reads them."""

from typing import ClassVar, Protocol

from encours.core.scores import ScoreBatch
from encours.ports.files import ImportFile, ReadContext


class ScoreSource(Protocol):
    """Reads one format of scores."""

    kinds: ClassVar[tuple[str, ...]]

    def identify(self, file: ImportFile) -> str | None:
        """The kind when this reader is the one for the file, else None. Cheap: looks at `head` only."""
        ...

    def read(self, file: ImportFile, context: ReadContext) -> ScoreBatch:
        """All of the file. Raises `UnableToReadFile`."""
        ...
