"""SWIFT MT940 (end of day) and MT942 (during the day), as one kind."""

from typing import ClassVar

from encours.core.problems import Problem
from encours.ports.files import EMPTY_FILE, ImportFile, ReadContext, StatementFile, UnableToReadFile
from encours.providers.banks.mt940 import problems
from encours.providers.banks.mt940.fields import decode, looks_like_mt940, messages
from encours.providers.banks.mt940.statements import join_pages, read_page


class Mt940Feed:
    """Every message of the file, each account's pages joined. Refused lines are problems of their own."""

    kinds: ClassVar[tuple[str, ...]] = ("mt940",)

    def identify(self, file: ImportFile) -> str | None:
        return "mt940" if looks_like_mt940(file.head) else None

    def read(self, file: ImportFile, context: ReadContext) -> StatementFile:
        if file.size == 0:
            raise UnableToReadFile(EMPTY_FILE())
        found = messages(decode(file.path.read_bytes()))
        if not found:
            raise UnableToReadFile(problems.NOT_MT940(), line=1)
        doubts: list[Problem] = []
        pages = [
            read_page(fields, currency=context.currency, is_last=fields is found[-1], found=doubts)
            for fields in found
        ]
        return StatementFile(statements=tuple(join_pages(pages)), problems=tuple(doubts))
