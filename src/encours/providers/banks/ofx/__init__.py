"""OFX 1.x (SGML) and 2.x (XML), as banks write them, QFX included.

There is one reader for both, with line numbers. The strict library `ofxtools` is not used at run time: it
refuses a third of real files whole, knows no line numbers, and turns dates into UTC, which books a line of
midnight in Paris on the day before. The tests hold this reader against it wherever it reads a file.
"""

from typing import ClassVar

from encours.core.problems import Problem
from encours.ports.files import EMPTY_FILE, ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.providers.banks.ofx.markup import decode, looks_like_ofx, parse
from encours.providers.banks.ofx.statements import read_statements


class OfxFeed:
    """The statements of every account in the file."""

    kinds: ClassVar[tuple[str, ...]] = ("ofx",)

    def identify(self, file: ImportFile) -> str | None:
        return "ofx" if looks_like_ofx(file.head) else None

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:
        if file.size == 0:
            raise UnableToReadFile(EMPTY_FILE())
        root = parse(decode(file.path.read_bytes()))
        found: list[Problem] = []
        statements = tuple(read_statements(root, currency=context.currency, found=found))
        return StatementFile(statements=statements, problems=tuple(found))
